"""Nearest neighbours among features, by blocks of exact distances: memory does not grow with the number of pictures."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

BLOCK_CELLS = 1_000_000
"""Distances held at a time: 8 MB in double precision, which the allocator keeps and a cache nearly holds."""


def squared_distances(queries: Tensor, points: Tensor) -> Iterator[Tensor]:
    """Squared Euclidean distances (n, M) of blocks of `queries` (N, F) to all `points` (M, F), in order.

    In double precision, where ``|q|^2 + |p|^2 - 2 q.p`` is exact enough for features of any size.
    """
    queries, points = queries.double(), points.double()
    norms = points.square().sum(1)
    for block in queries.split(max(1, BLOCK_CELLS // len(points))):
        product = torch.addmm(norms, block, points.T, alpha=-2.0)
        yield product.add_(block.square().sum(1, keepdim=True)).clamp_min_(0.0)


def nearest(queries: Tensor, points: Tensor, k: int = 1) -> tuple[Tensor, Tensor]:
    """Squared distances and indices, (N, k) each, of the k points nearest to each query, nearest first."""
    found = [_smallest(block, k) for block in squared_distances(queries, points)]
    return torch.cat([values for values, _ in found]), torch.cat([indices for _, indices in found])


def _smallest(block: Tensor, k: int) -> tuple[Tensor, Tensor]:
    if k == 1:  # several times as fast as topk
        least = block.min(dim=1, keepdim=True)
        return least.values, least.indices
    lowest = block.topk(k, dim=1, largest=False)
    return lowest.values, lowest.indices
