"""How far a map can be trusted: which neighbours it keeps, which it loses, and which it makes up.

Venna and Kaski 2001, "Neighborhood preservation in nonlinear projection methods": **trustworthiness** falls with points
that lie among each other's k nearest on the map without being so before, **continuity** with those that were and are
no more, either the more the farther they really are. Both are 1 for a map that keeps every neighbourhood, and about a
half for one at random. The **share of neighbours kept** counts only how many of the k nearest are still among the k
nearest.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genlab.latent.linear import Floats
from genlab.latent.neighbours import nearest
from genlab.latent.project import Progress, nobody

K = 10
"""Neighbours that count."""
JUDGED = 2_000
"""Points whose neighbours' ranks among all others are counted, evenly chosen; each takes a look at every point."""
TELLING_SECONDS = 0.5
_ROWS = 100


@dataclass(frozen=True)
class Trust:
    """What a map keeps.

    Attributes
    ----------
    neighbours
        int32 (N, k): the k nearest other points of each before the projection, the nearest first.
    kept
        float32 (N,): which share of them are still among the k nearest on the map, 0 to 1.
    density
        float32 (N,): see :func:`log_density`.
    trustworthiness, continuity
        0 to 1; of more than 2,000 points, the mean over 2,000 of them.
    """

    neighbours: NDArray[np.int32]
    kept: Floats
    density: Floats
    trustworthiness: float
    continuity: float


def judge(features: Floats, coords: Floats, progress: Progress = nobody) -> Trust:
    """Compare a map with what it was made of.

    Parameters
    ----------
    features
        float32 (N, F), N >= 3.
    coords
        float32 (N, dims).
    progress
        Told every half second while the neighbours before the projection are found, which takes nearly all of the time.
    """
    k = min(K, len(features) - 1)
    before, after = torch.from_numpy(features), torch.from_numpy(coords)
    squares, real = nearest(before, k, _telling(progress))
    drawn = _on_map(coords, k)
    few = min(k, (len(features) - 1) // 2)  # the measures are defined for fewer than half of the points
    return Trust(
        neighbours=real.int().numpy(),
        kept=shared(real, drawn),
        density=log_density(squares.sqrt().numpy(), features.shape[1]),
        trustworthiness=1.0 - _penalty(before, drawn[:, :few]),
        continuity=1.0 - _penalty(after, real[:, :few]),
    )


def _telling(progress: Progress) -> Callable[[float], None]:
    """Tells now and then of the share that is done, and how long the rest will take."""
    began = last = time.monotonic()

    def tell(done: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now >= last + TELLING_SECONDS:
            last = now
            progress(done, "judging", (now - began) * (1 - done) / done)

    return tell


def neighbours_kept(features: Floats, coords: Floats, k: int = K) -> Floats:
    """Share of each point's `k` nearest others before that are its nearest on the map: float32 (N,), 0 to 1.

    A map at random keeps about k / N.
    """
    k = min(k, len(features) - 1)
    return shared(nearest(torch.from_numpy(features), k)[1], _on_map(coords, k))


def stability(first: Floats, second: Floats) -> float:
    """Share of each point's 10 nearest others on one map that are its nearest on another one of the same points."""
    k = min(K, len(first) - 1)
    return float(shared(_on_map(first, k), _on_map(second, k)).mean())


def _on_map(coords: Floats, k: int) -> Tensor:
    """The k nearest others of each point in two or three dimensions, where a tree finds them at once: int64 (N, k)."""
    from sklearn.neighbors import NearestNeighbors  # half a second to import

    found = NearestNeighbors(n_neighbors=k, algorithm="kd_tree").fit(coords).kneighbors(return_distance=False)
    return torch.from_numpy(found)


def shared(first: Tensor, second: Tensor) -> Floats:
    """How many of each row's k numbers are in the other's row, as a share: float32 (N,) of two int64 (N, k)."""
    parts = zip(first.split(4096), second.split(4096), strict=True)
    return torch.cat([(a[:, :, None] == b[:, None, :]).any(2).float().mean(1) for a, b in parts]).numpy()


def log_density(distances: Floats, width: int) -> Floats:
    """Logarithm of the density around each point, estimated from how far its k-th nearest neighbour is.

    Loftsgaarden and Quesenberry 1965: a ball of radius r_k around a point holds k of the N - 1 others, so the density
    is ``k / ((N - 1) V r_k^F)`` with V the volume of the unit ball in F dimensions. In nats; it compares points of one
    map and nothing else: where points fill fewer than F dimensions its size has no meaning, its order has. Points on
    top of k others get the radius of the closest that are not.

    Parameters
    ----------
    distances
        float32 (N, k): to the k nearest others, rising.
    width
        F.
    """
    n, k = distances.shape
    radii = distances[:, -1].astype(np.float64)
    if not (radii > 0).any():
        return np.zeros(n, np.float32)
    radii = np.maximum(radii, radii[radii > 0].min())
    ball = 0.5 * width * math.log(math.pi) - math.lgamma(0.5 * width + 1.0)
    return np.asarray(math.log(k / (n - 1)) - ball - width * np.log(radii), np.float32)


def _penalty(points: Tensor, chosen: Tensor) -> float:
    """Mean rank of the chosen ones beyond k among `points`, 0 for none beyond, about 1/2 for chosen at random.

    ``2 / (N k (2N - 3k - 1)) * sum_i sum_{j in U_i} (r(i, j) - k)``, with U_i those of the k chosen for point i that
    are not among its k nearest and r their ranks by distance.
    """
    n, k = chosen.shape
    judged = torch.from_numpy(np.unique(np.linspace(0, n - 1, min(n, JUDGED)).astype(int)))
    points = points - points.mean(0)
    lengths = points.square().sum(1)
    total = 0
    for rows in judged.split(_ROWS):
        squares = torch.addmm(lengths, points[rows], points.T, alpha=-2.0)  # up to a constant a row
        squares[torch.arange(len(rows)), rows] = -torch.inf  # the point itself has rank 0
        own = squares.gather(1, chosen[rows])
        ranks = torch.stack([(squares < own[:, i : i + 1]).sum(1) for i in range(k)], 1)
        total += int((ranks - k).clamp_min(0).sum())
    return 2.0 * total / (len(judged) * k * (2 * n - 3 * k - 1))
