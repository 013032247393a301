"""Latents made of latents: sums and differences of groups, and a stroll that stays where the model was trained.

Between two latents: :mod:`genlab.latent.interpolate`.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray

from genlab.latent.spec import LatentError
from genlab.models.priors import Prior

Floats = NDArray[np.float32]

MAX_STEPS = 64
MEAN_DRAWS = 4096
"""Draws whose mean stands for the prior's: for a standard normal it is off by 0.016 a number."""


def analogy(a: Floats, b: Floats, c: Floats) -> Floats:
    """What is to C as A is to B: the mean of A, less that of B, plus that of C.

    With words it was king - man + woman (Mikolov et al. 2013, arXiv 1301.3781); with pictures, smiling woman - woman +
    man (Radford et al. 2016, arXiv 1511.06434), who found that means of several latents are needed, not single ones.

    Parameters
    ----------
    a, b, c
        Groups of latents, (n, L) each with an n of its own, finite.

    Returns
    -------
    float32 (L,)

    Raises
    ------
    LatentError
        A group is empty or holds what is no number.
    """
    if not all(len(group) and np.isfinite(group).all() for group in (a, b, c)):
        raise LatentError("Each of the three groups needs a point that has a latent. Choose other points.")
    means = [group.mean(axis=0, dtype=np.float64) for group in (a, b, c)]
    return np.asarray(means[0] - means[1] + means[2], np.float32)


def wander(start: Floats, steps: int, stride: float, prior: Prior, seed: int) -> Floats:
    """A random walk that neither leaves the prior nor settles: each latent is a little of a new one.

    ``z' = m + sqrt(1 - s^2) (z - m) + s (d - e) / sqrt(2)``, where m is the prior's mean, s the stride and d and e are
    two draws from the prior. The difference of two draws has twice the prior's covariance and mean zero, so a latent
    with the prior's mean and covariance keeps both; for a normal prior it is the autoregressive proposal of Neal (1998)
    and of preconditioned Crank-Nicolson (Cotter et al. 2013, arXiv 1202.0709), which leaves the prior as it is.

    Parameters
    ----------
    start
        (L,), finite; the first of the walk.
    steps
        How many latents, the start among them, 2 to 64.
    stride
        Above 0, where nothing moves, to 1, where a step forgets the last.
    seed
        The same seed gives the same walk, and a longer one begins with a shorter.

    Returns
    -------
    float32 (steps, L)

    Raises
    ------
    LatentError
        A value is out of range, or the start is no latent of the prior's.
    """
    if start.shape != (prior.size,) or not np.isfinite(start).all():
        raise LatentError("The walk has no latent to start from. Choose another point.")
    if not (2 <= steps <= MAX_STEPS and 0.0 < stride <= 1.0):
        raise LatentError(f"A walk has 2 to {MAX_STEPS} steps, and its stride is above 0 and at most 1.")
    generator = torch.Generator().manual_seed(seed)
    centre = prior.draw(MEAN_DRAWS, generator).mean(dim=0)
    way = [torch.from_numpy(start)]
    for _ in range(steps - 1):
        one, other = prior.draw(2, generator)
        way.append(centre + math.sqrt(1 - stride**2) * (way[-1] - centre) + stride * (one - other) / math.sqrt(2))
    return np.asarray(torch.stack(way).numpy(), np.float32)
