"""One picture as a PNG."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genlab.errors import GenlabError


class ExportError(GenlabError):
    """Pictures cannot be exported as asked; the message says why and what to do."""


def png_bytes(picture: NDArray[np.uint8]) -> bytes:
    """A PNG of a grey (H, W) or colour (H, W, 3) picture, without loss.

    Raises
    ------
    ValueError
        When the array is not such a picture.
    """
    if (
        picture.dtype != np.uint8
        or picture.ndim not in (2, 3)
        or (picture.ndim == 3 and picture.shape[2] != 3)
    ):
        raise ValueError(f"a picture is uint8 (H, W) or (H, W, 3), not {picture.dtype} {picture.shape}")
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def flat(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(C, H, W) as PNG wants it: (H, W) for one channel, (H, W, 3) for three."""
    return image[0] if image.shape[0] == 1 else np.ascontiguousarray(image.transpose(1, 2, 0))
