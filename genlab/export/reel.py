"""Pictures in turn as a moving one, there and back."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genlab.data.grid import enlarge, fit_scale
from genlab.export.animation import Kind, animation_bytes
from genlab.export.picture import ExportError, flat

LONGEST_SIDE = 512
MAX_SCALE = 8
"""Of GIF and WebP, which browsers enlarge as they are told; players blur an MP4 that is small."""
REST_MS = 600
"""How long each end stands."""


def reel_bytes(images: NDArray[np.uint8], kind: Kind, frame_ms: int = 100) -> bytes:
    """An animation that runs from the first picture to the last and back, for ever.

    Parameters
    ----------
    images
        uint8 (M, C, H, W), M >= 2; small ones are enlarged by a whole factor.
    kind
        A WebP loses nothing; of the others see :func:`~genlab.export.animation.animation_bytes`.
    frame_ms
        How long a frame stands, in milliseconds.

    Raises
    ------
    ExportError
        There are not two pictures.
    """
    if len(images) < 2:
        raise ExportError("An animation takes two pictures at least.")
    height, width = images.shape[2:]
    scale = fit_scale(height, width, LONGEST_SIDE, most=LONGEST_SIDE if kind == "MP4" else MAX_SCALE)
    if kind == "MP4" and scale > 1:
        scale -= scale % 2  # an MP4 keeps one colour for each 2 x 2 pixels: none of them may be of two of ours
    there = [Image.fromarray(flat(picture)) for picture in enlarge(images, scale)]
    frames = [*there, *there[-2:0:-1]]
    stands = [frame_ms] * len(frames)
    stands[0] = stands[len(there) - 1] = max(frame_ms, REST_MS)
    return animation_bytes(frames, stands, kind)
