"""Nearest neighbours among features, by blocks of exact distances: memory does not grow with the number of pictures."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

BLOCK_CELLS = 1_000_000
"""Distances held at a time: 8 MB in double precision, which the allocator keeps and a cache nearly holds."""


def squared_distances(queries: Tensor, points: Tensor) -> Iterator[Tensor]:
    """Squared Euclidean distances (n, M) of blocks of `queries` (N, F) to all `points` (M, F), in order.

    In double precision, where ``|q|^2 + |p|^2 - 2 q.p`` is exact enough for features of any size. Each block is
    written over the one before.
    """
    queries, points = queries.double(), points.double()
    norms = points.square().sum(1)
    rows = max(1, BLOCK_CELLS // len(points))
    # One buffer for all, and results made beforehand: small ones between blocks leave a heap full of holes.
    buffer = torch.empty(min(rows, len(queries)), len(points), dtype=torch.float64)
    for block in queries.split(rows):
        distances = torch.addmm(norms, block, points.T, alpha=-2.0, out=buffer[: len(block)])
        yield distances.add_(block.square().sum(1, keepdim=True)).clamp_min_(0.0)


def nearest(queries: Tensor, points: Tensor, k: int = 1) -> tuple[Tensor, Tensor]:
    """Squared distances and indices, (N, k) each, of the k points nearest to each query, nearest first."""
    squared = torch.empty(len(queries), k, dtype=torch.float64)
    indices = torch.empty(len(queries), k, dtype=torch.int64)
    start = 0
    for block in squared_distances(queries, points):
        rows = slice(start, start := start + len(block))
        if k == 1:  # several times as fast as topk
            squared[rows], indices[rows] = block.min(dim=1, keepdim=True)
        else:
            squared[rows], indices[rows] = block.topk(k, dim=1, largest=False)
    return squared, indices
