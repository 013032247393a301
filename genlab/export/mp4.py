"""Pictures in turn as an MP4 (H.264) that phones, slides and chat programs play."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av import VideoFrame

FRAMES_A_SECOND = 30
"""Players are made for such a rate; a picture that stands longer is repeated, which takes next to no room."""
ENCODER = {"preset": "veryfast", "crf": "15", "g": "30", "threads": "1"}
"""x264's options: hardly any loss, a frame to jump to each second; one thread, so that no machine makes other bytes."""
BT709 = 1
"""Code of the standard by which colours are turned into luma and chroma (ITU-T H.273)."""
LIMITED = 1
"""Code of the range 16 to 235 that players expect of luma."""


def mp4_bytes(pictures: Iterable[NDArray[np.uint8]], stands_ms: Sequence[int]) -> bytes:
    """A film of constant rate, its colours in the format 4:2:0 that every decoder knows, its index at the front.

    Parameters
    ----------
    pictures
        uint8 (H, W) or (H, W, 3), all of one size; where a side is odd, its last row or column comes twice.
    stands_ms
        How long each stands, in milliseconds; to the nearest thirtieth of a second, and one at least.
    """
    import av

    with tempfile.TemporaryDirectory() as folder:  # the index comes to the front of a file that can be read again
        path = Path(folder) / "film.mp4"
        with av.open(path, "w", options={"movflags": "+faststart"}) as film:
            stream = film.add_stream("libx264", FRAMES_A_SECOND, ENCODER)
            stream.pix_fmt = "yuv420p"
            codec = stream.codec_context
            codec.colorspace = codec.color_primaries = codec.color_trc = BT709
            codec.color_range = LIMITED
            at = 0
            for picture, ms in zip(pictures, stands_ms, strict=True):
                frame = _frame(picture)
                if at == 0:
                    stream.width, stream.height = frame.width, frame.height
                for _ in range(max(1, round(ms * FRAMES_A_SECOND / 1000))):
                    frame.pts, frame.time_base = at, Fraction(1, FRAMES_A_SECOND)
                    film.mux(stream.encode(frame))
                    at += 1
            film.mux(stream.encode(None))
        return path.read_bytes()


def _frame(picture: NDArray[np.uint8]) -> VideoFrame:
    from av import VideoFrame

    colours = np.repeat(picture[..., None], 3, axis=2) if picture.ndim == 2 else picture
    even = np.pad(colours, [(0, side % 2) for side in colours.shape[:2]] + [(0, 0)], "edge")
    return VideoFrame.from_ndarray(even, format="rgb24").reformat(format="yuv420p", dst_colorspace="itu709")
