"""KID: the squared maximum mean discrepancy of two sets of features, without bias, and its standard error.

Bińkowski et al. 2018 (arXiv 1801.01401), with their kernel ``k(x, y) = (x.y / F + 1)^3``. Unlike the Fréchet
distance its expectation does not depend on the number of pictures: it is 0 for equal distributions, and single
values may be below.

Protocol: they average over random subsets, which overlap, so that the spread of their values is no standard error.
Here both sets are cut into up to ten blocks that share no picture (Zaremba et al. 2013, "B-test", arXiv
1307.1954); the score is the mean of the blocks' estimates, and its error their standard deviation over the root of
their number. The order of the pictures must not matter to either set: shuffle those that lie in some order.
Features are divided by the root mean square of the real ones, since the kernel is made for numbers about 1, as
Inception's are; so the score does not depend on the scale in which an extractor happens to give its features.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

BLOCKS, BLOCK_MIN = 10, 100
"""Fewer blocks, two at least, where one would have fewer pictures than this."""


class Kid(NamedTuple):
    """The score and its standard error."""

    score: float
    error: float


def kernel_distance(generated: Tensor, real: Tensor) -> Kid:
    """KID of features (N, F) and (M, F), N and M at least 4, each in an order that means nothing."""
    blocks = max(2, min(BLOCKS, min(len(generated), len(real)) // BLOCK_MIN))
    generated, real = generated.double(), real.double()
    scale = real.square().mean().sqrt()
    scale = scale if scale > 0 else torch.ones_like(scale)
    pairs = zip((generated / scale).tensor_split(blocks), (real / scale).tensor_split(blocks), strict=True)
    estimates = torch.tensor([squared_mmd(x, y) for x, y in pairs], dtype=torch.float64)
    return Kid(float(estimates.mean()), float(estimates.std()) / math.sqrt(blocks))


def squared_mmd(x: Tensor, y: Tensor) -> float:
    """The unbiased estimate of the squared MMD from samples (n, F) and (m, F), n and m at least 2."""
    n, m = len(x), len(y)
    within = _off_diagonal(_kernel(x, x)) / (n * (n - 1)) + _off_diagonal(_kernel(y, y)) / (m * (m - 1))
    return float(within - 2.0 * _kernel(x, y).mean())


def _kernel(x: Tensor, y: Tensor) -> Tensor:
    return (x @ y.T / x.shape[1] + 1.0).pow(3)


def _off_diagonal(matrix: Tensor) -> Tensor:
    return matrix.sum() - matrix.trace()
