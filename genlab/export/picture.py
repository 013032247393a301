"""What the kinds of export share."""

import numpy as np
from numpy.typing import NDArray

from genlab.errors import GenlabError


class ExportError(GenlabError):
    """Pictures cannot be exported as asked; the message says why and what to do."""


def flat(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(C, H, W) as PNG wants it: (H, W) for one channel, (H, W, 3) for three."""
    return image[0] if image.shape[0] == 1 else np.ascontiguousarray(image.transpose(1, 2, 0))
