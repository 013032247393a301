"""Pictures in turn as a moving one, there and back: a GIF, or a WebP where it is to be smaller and lose no colour."""

import io
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genlab.data.grid import enlarge, fit_scale
from genlab.export.picture import ExportError, flat

Kind = Literal["GIF", "WEBP"]

LONGEST_SIDE = 512
MAX_SCALE = 8
REST_MS = 600
"""How long each end stands."""


def reel_bytes(images: NDArray[np.uint8], kind: Kind, frame_ms: int = 100) -> bytes:
    """An animation that runs from the first picture to the last and back, for ever.

    Parameters
    ----------
    images
        uint8 (M, C, H, W), M >= 2; small ones are enlarged by a whole factor.
    kind
        A WebP loses nothing; a GIF keeps the best 256 colours of each coloured frame, and grey ones whole.
    frame_ms
        How long a frame stands, in milliseconds (GIF counts in steps of 10).

    Raises
    ------
    ExportError
        There are not two pictures.
    """
    if len(images) < 2:
        raise ExportError("An animation takes two pictures at least.")
    height, width = images.shape[2:]
    scale = fit_scale(height, width, LONGEST_SIDE, most=MAX_SCALE)
    there = [Image.fromarray(flat(picture)) for picture in enlarge(images, scale)]
    if kind == "GIF":
        there = [frame if frame.mode == "L" else frame.quantize(256) for frame in there]
    frames = [*there, *there[-2:0:-1]]
    stands = [frame_ms] * len(frames)
    stands[0] = stands[len(there) - 1] = max(frame_ms, REST_MS)
    options = {"disposal": 1, "optimize": False} if kind == "GIF" else {"lossless": True, "method": 2}
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:], duration=stands, loop=0, **options)
    return file.getvalue()
