"""Precision and recall, density and coverage: how good the pictures are, apart from how varied.

Around each point of a set lies a ball that reaches to its k-th nearest neighbour in the same set. With R real and G
generated points,

- precision (Kynkäänniemi et al. 2019, arXiv 1904.06991): share of G inside some ball of R: *quality*,
- recall (the same): share of R inside some ball of G: *variety*,
- density (Naeem et al. 2020, arXiv 2002.09797): balls of R that a point of G lies in, over k, on average; may exceed 1,
- coverage (the same): share of R with a point of G in its ball.

Protocol: k = 5, all generated against all held-out pictures, in blocks, so that 10,000 against 10,000 take 8 MB of
distances at a time. Outliers of R have large balls, which flatters precision, as those of G flatter recall; density
and coverage suffer less from it.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from genlab.evaluation.neighbours import nearest, squared_distances

K = 5


class Prdc(NamedTuple):
    """The four scores; 1 is best, and density may be above."""

    precision: float
    recall: float
    density: float
    coverage: float


def prdc(real: Tensor, generated: Tensor, k: int = K) -> Prdc:
    """The four scores of `generated` features (N, F) against `real` ones (M, F), N and M above k."""
    real_radii, generated_radii = _radii(real, k), _radii(generated, k)
    balls = torch.empty(len(generated), dtype=torch.float64)  # of real points that each generated one lies in
    recalled = torch.zeros(len(real), dtype=torch.bool)
    covered = recalled.clone()
    start = 0
    for block in squared_distances(generated, real):
        rows = slice(start, start := start + len(block))
        within = block < real_radii
        balls[rows] = within.sum(1)
        covered |= within.any(0)
        recalled |= (block < generated_radii[rows, None]).any(0)
    return Prdc(
        precision=float((balls > 0).double().mean()),
        recall=float(recalled.double().mean()),
        density=float(balls.mean() / k),
        coverage=float(covered.double().mean()),
    )


def _radii(points: Tensor, k: int) -> Tensor:
    """Squared distance (N,) of each point to its k-th nearest neighbour, itself not counted."""
    return nearest(points, points, k + 1)[0][:, -1]
