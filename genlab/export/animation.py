"""Pictures in turn as a moving one: a GIF, a WebP, or an MP4 that phones, slides and chat programs play."""

import io
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from PIL import Image

from genlab.export.mp4 import mp4_bytes

Kind = Literal["GIF", "WEBP", "MP4"]


def animation_bytes(
    frames: Iterable[Image.Image], stands_ms: Sequence[int], kind: Kind, *, lossless: bool = True
) -> bytes:
    """The file; GIF and WebP loop for ever, an MP4 is played as often as the player likes.

    Parameters
    ----------
    frames
        Grey ("L") or colour ("RGB") pictures of one size, at least one.
    stands_ms
        How long each stands, in milliseconds (GIF counts in steps of 10, an MP4 in thirtieths of a second).
    kind
        A GIF keeps the best 256 colours of each coloured frame, and grey ones whole; an MP4 loses hardly anything.
    lossless
        Whether a WebP is to lose nothing either.
    """
    if kind == "MP4":
        return mp4_bytes((np.asarray(frame) for frame in frames), stands_ms)
    options: dict[str, object]
    if kind == "GIF":
        frames = (frame if frame.mode == "L" else frame.quantize(256) for frame in frames)
        options = {"disposal": 1, "optimize": False}
    else:
        options = {"lossless": True, "method": 2} if lossless else {"quality": 80, "method": 2}
    file = io.BytesIO()
    first, *others = frames
    first.save(file, kind, save_all=True, append_images=others, duration=list(stands_ms), loop=0, **options)
    return file.getvalue()
