"""Films decoded again, as a player does it."""

import io
from fractions import Fraction
from typing import NamedTuple

import av
import numpy as np


class Seen(NamedTuple):
    """An MP4: its pictures as uint8 (H, W, 3) each, when each is shown in seconds, and what the file says of itself."""

    pictures: list[np.ndarray]
    times: list[Fraction]
    codec: str
    pixels: str
    colours: tuple[int, int, int, int]


def watched(data: bytes) -> Seen:
    with av.open(io.BytesIO(data)) as film:
        (stream,) = film.streams
        frames = list(film.decode(stream))
        codec = stream.codec_context
        return Seen(
            [frame.to_ndarray(format="rgb24") for frame in frames],
            [frame.pts * frame.time_base for frame in frames],
            codec.name,
            codec.pix_fmt,
            (codec.colorspace, codec.color_primaries, codec.color_trc, codec.color_range),
        )


def boxes(data: bytes) -> list[str]:
    """The names of an MP4's outermost boxes, in order (ISO/IEC 14496-12, 4.2)."""
    names, at = [], 0
    while at < len(data):
        names.append(data[at + 4 : at + 8].decode())
        at += int.from_bytes(data[at : at + 4], "big")
    return names
