"""Who is near whom: exact nearest neighbours, and the weights that t-SNE gives to pairs of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

BLOCK = 2**22
"""Numbers that a block of rows may make: bounds the memory to some hundred MB, changes no result."""
_GROUPS = 16
_SPARE = 8
_LOWEST, _HIGHEST, _HALVINGS = -12.0, 40.0, 40


class Pairs(NamedTuple):
    """A sparse symmetric matrix with an empty diagonal, each pair of points once.

    Attributes
    ----------
    offsets
        int64 (N + 1,): the pairs of point i are those from ``offsets[i]`` to ``offsets[i + 1]``.
    first, second
        int32 (E,): the two points, ``first < second``, sorted by both.
    weights
        float32 (E,): what the matrix holds in each of the pair's two places; its whole sum is 1, theirs 1/2.
    """

    offsets: Tensor
    first: Tensor
    second: Tensor
    weights: Tensor


def nearest(points: Tensor, k: int, tell: Callable[[float], None] | None = None) -> tuple[Tensor, Tensor]:
    """The `k` nearest other points of each point, exactly, by blocked matrix products.

    |x - y|^2 = |x|^2 - 2 x.y + |y|^2 loses digits where points are close, so it only chooses candidates,
    some more than are wanted; their distances are then taken from the differences.

    Parameters
    ----------
    points
        float32 (N, F).
    k
        At most N - 1.
    tell
        Told after each block of points which share of all is done: in (0, 1].

    Returns
    -------
    squares
        float32 (N, k): squared distances, rising.
    indices
        int64 (N, k).
    """
    n, width = points.shape
    wanted = min(k + _SPARE, n - 1)
    points = points - points.mean(0)
    lengths = points.square().sum(1)
    rows = max(1, BLOCK // max(n, wanted * width))
    squares, indices = [], []
    for start in range(0, n, rows):
        block = points[start : start + rows]
        ranks = torch.addmm(lengths, block, points.T, alpha=-2.0)  # the squared distances, up to a constant a row
        ranks[torch.arange(len(block)), torch.arange(start, start + len(block))] = torch.inf
        chosen = _lowest(ranks, wanted)
        exact = (points[chosen] - block[:, None]).square_().sum(2)
        exact, order = exact.sort(dim=1, stable=True)
        squares.append(exact[:, :k])
        indices.append(chosen.gather(1, order[:, :k]))
        if tell is not None:
            tell(min(1.0, (start + rows) / n))
    return torch.cat(squares), torch.cat(indices)


def _lowest(values: Tensor, k: int) -> Tensor:
    """Columns (M, k) of the k lowest values of each row of (M, N).

    The k lowest lie in the k groups with the lowest minima, whatever the groups: so most values are looked at once.
    """
    m, n = values.shape
    size = n // _GROUPS
    if size <= k:
        return values.topk(k, largest=False).indices
    groups = values[:, : size * _GROUPS].view(m, _GROUPS, size).amin(1).topk(k, largest=False).indices
    among = groups[:, None] + size * torch.arange(_GROUPS, device=values.device)[:, None]
    rest = torch.arange(size * _GROUPS, n, device=values.device).expand(m, -1)
    among = torch.cat([among.flatten(1), rest], 1)
    return among.gather(1, values.gather(1, among).topk(k, largest=False).indices)


def conditional(squares: Tensor, perplexity: float) -> Tensor:
    """Gaussian weights of each point's neighbours, as wide as the perplexity asks.

    Row i is ``p(j|i) ~ exp(-squares[i, j] / (2 sigma_i^2))``, and sigma_i is found by bisection such that its
    entropy is ``log(perplexity)`` nats. A point with more duplicates than that many shares its weight among those.

    Parameters
    ----------
    squares
        float32 (N, k): squared distances.
    perplexity
        Between 1 and k.

    Returns
    -------
    float32 (N, k), rows add up to 1
    """
    squares = squares - squares[:, :1]  # exp(0) = 1 for the nearest: nothing underflows altogether
    squares = squares / squares.mean(1, keepdim=True).clamp_min(torch.finfo(squares.dtype).tiny)
    wanted = math.log(perplexity)
    low = squares.new_full((len(squares), 1), _LOWEST)  # of log(precision)
    high = torch.full_like(low, _HIGHEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        energies = middle.exp() * squares
        weights = (-energies).exp()
        total = weights.sum(1, keepdim=True)
        entropy = total.log() + (energies * weights).sum(1, keepdim=True) / total
        wide = entropy > wanted
        low = torch.where(wide, middle, low)
        high = torch.where(wide, high, middle)
    weights = (-((low + high) / 2).exp() * squares).exp()
    return weights / weights.sum(1, keepdim=True)


def affinities(points: Tensor, perplexity: float) -> Pairs:
    """t-SNE's joint probabilities ``(p(j|i) + p(i|j)) / 2N`` over the ``3 * perplexity`` nearest of each point.

    Parameters
    ----------
    points
        float32 (N, F), with N above ``3 * perplexity``.
    perplexity
        At least 1.
    """
    n = len(points)
    squares, neighbours = nearest(points, int(3 * perplexity))
    given = torch.cat([conditional(part, perplexity) for part in squares.split(4096)])
    rows = torch.arange(n, device=points.device)[:, None].expand_as(neighbours)
    names = torch.minimum(rows, neighbours) * n + torch.maximum(rows, neighbours)
    pairs, place = names.flatten().unique(return_inverse=True)
    # A pair has two terms at most, and two numbers add up to the same in either order.
    weights = torch.zeros(len(pairs), device=points.device).index_add_(0, place, given.flatten()) / (2 * n)
    first = pairs // n
    offsets = torch.zeros(n + 1, dtype=torch.int64, device=points.device)
    offsets[1:] = first.bincount(minlength=n).cumsum(0)
    return Pairs(offsets, first.int(), (pairs % n).int(), weights)
