"""How much pictures along a way differ, as a network sees it that knows what matters in them.

After the perceptual path length of Karras et al. 2019 ("A Style-Based Generator Architecture for Generative Adversarial
Networks", arXiv 1812.04948), who compare pictures of nearby latents by the features of VGG-16: where a short step
changes what a picture shows, the latent space is torn. Here the features are those of an :class:`Extractor`, and the
steps are those of one way, not an average over all: only ways measured with one extractor can be compared.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genlab.evaluation.extractor import Extractor


def step_distances(extractor: Extractor, images: Tensor) -> NDArray[np.float64]:
    """Euclidean distances in the extractor's features from each picture to the next.

    Parameters
    ----------
    images
        uint8 (M, C, H, W), M >= 2, in the order of the way.

    Returns
    -------
    float64 (M - 1,)
    """
    features = extractor(images).features.double()
    return np.asarray(torch.linalg.vector_norm(features.diff(dim=0), dim=1).numpy())
