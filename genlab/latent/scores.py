"""A number for each picture of a map that tells how good the model is at it."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genlab.data.pictures import to_floats
from genlab.latent.points import CHUNK
from genlab.models.base import GenerativeModel


@torch.inference_mode()
def reconstruction_errors(model: GenerativeModel, images: Tensor) -> NDArray[np.float32]:
    """How far each picture is from what the model makes of its encoding, as it decodes it.

    Parameters
    ----------
    model
        In evaluation mode and on the CPU.
    images
        uint8 (N, C, H, W).

    Returns
    -------
    float32 (N,): the mean of the squared differences over all pixels and channels, these from -1 to 1, so from 0 to 4;
    NaN where the model gives no finite numbers. (0,) for models without an encoder.
    """
    if not model.has_encoder:
        return np.empty(0, np.float32)
    errors = []
    for part in torch.split(images, CHUNK):
        pictures = to_floats(part)
        again = model.reconstruct(pictures).float()
        errors.append((again - pictures).square().flatten(1).mean(1))
    found = torch.cat(errors).numpy()
    return np.where(np.isfinite(found), found, np.float32(np.nan))
