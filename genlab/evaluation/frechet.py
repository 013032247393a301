"""The Fréchet distance of two sets of features, called FID where the features are Inception's.

Heusel et al. 2017 (arXiv 1706.08500): a Gaussian is fitted to either set, and the distance is::

    |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2))

Protocol: all generated against all held-out pictures, unbiased covariances, double precision. It falls with more
pictures even where the distributions stay the same (Chong & Forsyth 2020, arXiv 1911.07023), so that values with
different numbers of pictures must not be compared.
"""

from __future__ import annotations

import torch
from torch import Tensor


def frechet_distance(first: Tensor, second: Tensor) -> float:
    """Fréchet distance of features (N, F) and (M, F), N and M at least 2; 0 where their Gaussians are equal."""
    (mean1, covariance1), (mean2, covariance2) = _gaussian(first), _gaussian(second)
    # tr (S1 S2)^(1/2) by way of the symmetric R S2 R with R = S1^(1/2), whose eigenvalues are real and not negative.
    root = _root(covariance1)
    eigenvalues = torch.linalg.eigvalsh(root @ covariance2 @ root).clamp_min(0.0)
    traces = covariance1.trace() + covariance2.trace() - 2.0 * eigenvalues.sqrt().sum()
    return max(0.0, float((mean1 - mean2).square().sum() + traces))


def _gaussian(features: Tensor) -> tuple[Tensor, Tensor]:
    features = features.double()
    return features.mean(0), torch.atleast_2d(features.T.cov())


def _root(matrix: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    root: Tensor = (vectors * values.clamp_min(0.0).sqrt()) @ vectors.T
    return root
