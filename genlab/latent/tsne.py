"""t-SNE: a map in which neighbours stay neighbours, drawn while it forms.

van der Maaten and Hinton 2008, "Visualizing data using t-SNE" (JMLR 9): the map y minimises the Kullback-Leibler
divergence of joint probabilities P of the points (:mod:`genlab.latent.neighbours`) from those of the map,
``q_ij = (1 + |y_i - y_j|^2)^-1 / Z``. Its gradient, but for a factor of 4 that the learning rate holds, is a pull along
the pairs of P and a push between all (:mod:`genlab.latent.repulsion`)::

    grad_i = sum_j p_ij w_ij (y_i - y_j)  -  1/Z sum_j w_ij^2 (y_i - y_j),    w_ij = (1 + |y_i - y_j|^2)^-1

The optimiser is the authors': momentum, a gain a number, P exaggerated at first. Learning rate N / exaggeration
(Belkina et al. 2019; at least 200) and steps of at most 5, as in openTSNE, from principal components (Kobak and Berens
2019). By default 100 steps are exaggerated and 400 are not: the authors' 250 and 500 take half as long again, for a
divergence lower by 1.5 % (10,000 pictures of MNIST).

All is a function of points, parameters and seed. The CPU's sums run in the same order at every run with the same number
of threads; a GPU adds in no fixed order, so its maps agree in their quality and not in their digits.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from genlab.latent.neighbours import Pairs, affinities
from genlab.latent.repulsion import Repulsion

VERSION = "3"
"""Part of each map's name: raise it when the same points would be mapped otherwise than before."""
START_SPREAD = 1e-4
"""Standard deviation of the first axis at the start: so close together that points pass each other freely."""
JITTER = 0.01
"""Of the start's spread: parts points that would lie on each other."""
LOWEST_RATE = 200.0
LONGEST_STEP = 5.0
LOWEST_GAIN = 0.01
CHUNK = 2**17
"""Pairs worked on at once: what is made of them stays in the processor's cache."""


@dataclass(frozen=True)
class Descent:
    """How the map is found.

    Attributes
    ----------
    steps
        In all.
    early
        How many of them, the first ones, are early exaggeration.
    exaggeration
        Factor on P meanwhile; 1 is none.
    """

    steps: int = 500
    early: int = 100
    exaggeration: float = 12.0


DESCENTS: Final = {"standard": Descent(), "fast": Descent(220, 50)}
"""By :attr:`genlab.latent.spec.Spec.quality`: the fast one's map keeps nearly as many neighbours."""


@dataclass(frozen=True)
class Layout:
    """The map after some steps.

    Attributes
    ----------
    step
        How many.
    coords
        float32 (N, dims) around 0.
    kl
        Kullback-Leibler divergence of P, not exaggerated, in nats; as exact as Z, about 1 %.
    """

    step: int
    coords: Tensor
    kl: float


def expected_seconds(n: int, dims: int, steps: int) -> float:
    """About how long one core takes, by what was measured on a server's core of 2024: good to a factor of two."""
    neighbours = n**2 * 6e-9
    a_step = 2e-3 + n * 1.2e-6 if dims == 2 else 2e-2 + n * 4e-6
    return 1.0 + neighbours + steps * a_step


def embed(
    points: Tensor, start: Tensor, perplexity: float, seed: int, descent: Descent = Descent(), every: int = 10
) -> Iterator[Layout]:
    """The map as it forms: the start, every so many steps, and the end. Whoever stops asking has stopped it.

    Parameters
    ----------
    points
        float32 (N, F), finite, N above ``3 * perplexity``; on the device that shall do the work.
    start
        float32 (N, dims): principal components, in 2 or 3 dimensions; of any size.
    perplexity
        At least 1: about how many neighbours a point minds.
    seed
        Of the little noise on the start.
    every
        Steps between two layouts that are given.
    """
    noise = torch.randn(start.shape, generator=torch.Generator().manual_seed(seed)).to(points.device)
    y = start.to(points.device) - start.mean(0).to(points.device)
    y = START_SPREAD * (y / y[:, 0].std() + JITTER * noise)
    yield from descend(affinities(points, perplexity), y, descent, every)


def descend(pairs: Pairs, y: Tensor, descent: Descent, every: int) -> Iterator[Layout]:
    """Gradient descent from the map `y`; see :func:`embed`."""
    pull, repulsion = Pull(pairs), Repulsion(y.shape[1])
    update, gains = torch.zeros_like(y), torch.ones_like(y)
    for step in range(descent.steps + 1):
        is_shown = step % every == 0 or step == descent.steps
        attraction, cost = pull(y, with_cost=is_shown)
        push, z = repulsion(y)
        if is_shown:
            yield Layout(step, y, cost + math.log(z))
        is_early = step < descent.early
        exaggeration = descent.exaggeration if is_early else 1.0
        gradient = exaggeration * attraction - push / z
        gains = torch.where((update > 0) == (gradient > 0), 0.8 * gains + LOWEST_GAIN, gains + 0.2)
        rate = max(LOWEST_RATE, len(y) / exaggeration)
        update = (0.5 if is_early else 0.8) * update - rate * gains * gradient
        update = update * (LONGEST_STEP / update.norm(dim=1, keepdim=True)).clamp_max(1.0)
        y = y + update
        y = y - y.mean(0)


class Pull:
    """Attractive forces along pairs, ``sum_j p_ij (y_i - y_j) / (1 + |y_i - y_j|^2)``, each pair looked at once."""

    def __init__(self, pairs: Pairs) -> None:
        self._pairs = pairs
        weights = pairs.weights.double()
        self._entropy = -2.0 * float((weights * weights.log()).sum())
        ends = pairs.offsets[1:]
        cuts = torch.searchsorted(ends, torch.arange(CHUNK, int(ends[-1]) + CHUNK, CHUNK, device=ends.device))
        rows = [0, *(min(int(cut) + 1, len(ends)) for cut in cuts)]
        self._chunks = [(a, b, *pairs.offsets[[a, b]].tolist()) for a, b in itertools.pairwise(rows) if a < b]

    def __call__(self, y: Tensor, with_cost: bool = False) -> tuple[Tensor, float]:
        """Forces (N, dims), and ``sum_ij p_ij log(p_ij (1 + |y_i - y_j|^2))``, the divergence without log(Z)."""
        axes = y.T.contiguous()
        forces = torch.zeros_like(axes)
        cost = 0.0
        for top, bottom, start, end in self._chunks:
            first, second = self._pairs.first[start:end], self._pairs.second[start:end]
            offsets = self._pairs.offsets[top : bottom + 1] - start
            apart = [axis.index_select(0, first).sub_(axis.index_select(0, second)) for axis in axes]
            square = apart[0] * apart[0]
            for along in apart[1:]:
                square.addcmul_(along, along)
            weights = self._pairs.weights[start:end]
            if with_cost:
                cost += 2.0 * float((weights * square.log1p()).sum())
            strength = weights / square.add_(1.0)
            for force, along in zip(forces, apart, strict=True):
                along.mul_(strength)
                force[top:bottom] += torch.segment_reduce(along, "sum", offsets=offsets)
                force.index_add_(0, second, along, alpha=-1.0)
        return forces.T, cost - self._entropy
