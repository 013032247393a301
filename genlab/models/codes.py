"""What a VQ-VAE is made of, beside what any autoencoder is: its codebook, and the network that writes grids of codes.

Both are told of in :mod:`genlab.models.vqvae`; a second network that writes them is :mod:`genlab.models.transformer`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genlab.models.networks import activation, hidden_layers

DECAY, DEAD = 0.99, 0.03
"""Of the codebook's moving averages, a step; and the share of the average use below which a code is restarted."""

SMOOTHING = 1e-4
"""Share of a uniform distribution in the prior."""

OFFSETS = [(up, right) for up, reach in enumerate((3, 3, 2)) for right in range(-reach, reach + 1 if up else 0)]
"""What the prior sees of the codes before a place, in places up and to the right: three, seven and five of them."""

EMBEDDED, FORGOTTEN = 16, 0.1
"""Numbers that stand for a code there; share that is not shown in training, lest few pictures be learned by heart."""


class Codebook(nn.Module):
    """Vectors (K, size), each the moving average of what it stood for."""

    vectors: Tensor  # (K, size)
    counts: Tensor  # (K,): how many vectors of a batch choose each
    sums: Tensor  # (K, size): of those

    def __init__(self, codes: int, size: int) -> None:
        super().__init__()
        self.register_buffer("vectors", torch.randn(codes, size))
        self.register_buffer("counts", torch.zeros(codes))
        self.register_buffer("sums", torch.zeros(codes, size))

    def nearest(self, vectors: Tensor) -> Tensor:
        """The code (N,) of each of vectors (N, size)."""
        with torch.autocast(vectors.device.type, enabled=False):
            # Of |v - c|^2 the part that differs between codes.
            return torch.addmm(self.vectors.square().sum(1), vectors, self.vectors.T, alpha=-2.0).argmin(1)

    @torch.no_grad()
    def follow(self, vectors: Tensor, generator: torch.Generator) -> Tensor:
        """Move towards vectors (N, size), restart what is out of use, and return the code (N,) of each."""
        self._restart(vectors, generator)
        chosen = self.nearest(vectors)
        with torch.autocast(vectors.device.type, enabled=False):
            one_hot = F.one_hot(chosen, len(self.vectors)).to(vectors.dtype)
            self.counts.lerp_(one_hot.sum(0), 1.0 - DECAY)
            self.sums.lerp_(one_hot.T @ vectors, 1.0 - DECAY)
        self.vectors.copy_(self.sums / self.counts[:, None])
        return chosen

    def _restart(self, vectors: Tensor, generator: torch.Generator) -> None:
        average = len(vectors) / len(self.vectors)
        dead = self.counts < DEAD * average
        picked = torch.randint(len(vectors), dead.shape, generator=generator, device=vectors.device)
        self.counts.masked_fill_(dead, average)
        self.vectors.copy_(torch.where(dead[:, None], vectors[picked], self.vectors))
        self.sums.copy_(torch.where(dead[:, None], average * vectors[picked], self.sums))


Memory = tuple[Tensor, ...]
"""What a predictor keeps of the codes it has read, a row a grid; written into as places go by."""


class Predictor(nn.Module):
    """The prior over grids of codes: logits of the code at each place from the codes before it in reading order."""

    def __init__(self, codes: int) -> None:
        super().__init__()
        self.codes = codes

    def forward(self, codes: Tensor, uniform: Callable[..., Tensor]) -> Tensor:
        """Logits (N, L, K) at every place of grids (N, L) to learn from; `uniform` gives noise of a shape, 0 to 1."""
        raise NotImplementedError

    def memory(self, n: int) -> Memory:  # noqa: ARG002 - most keep nothing
        """What is kept before the first place of `n` grids."""
        return ()

    def logits(self, codes: Tensor, place: Tensor, memory: Memory) -> Tensor:
        """Logits (N, K) at a place (), from the codes (N, L) before it; places are asked for in order."""
        raise NotImplementedError

    @torch.no_grad()
    def edges(self, codes: Tensor, place: Tensor, memory: Memory) -> Tensor:
        """Where the intervals of the codes at a place () meet, given the codes (N, L) before it: (N, K + 1), 0 to 1.

        In float64 on the CPU, since some accelerators lack double precision.
        """
        shares = self.logits(codes, place, memory).float().cpu().double().softmax(1)
        inner = ((1.0 - SMOOTHING) * shares + SMOOTHING / self.codes).cumsum(1)[:, :-1]
        return F.pad(F.pad(inner, (1, 0)), (0, 1), value=1.0)


class Neighbourhood(Predictor):
    """A perceptron over the neighbours that come before a place."""

    seen_from: Tensor  # int64 (side * side, offsets): the places that each place sees

    def __init__(self, side: int, codes: int, widths: list[int]) -> None:
        super().__init__(codes)
        self.embedding = nn.Embedding(codes + 1, EMBEDDED)  # the last stands for a code that is not shown
        self.inward = nn.Linear(len(OFFSETS) * EMBEDDED, widths[0])
        self.positions = nn.Parameter(torch.zeros(side * side, widths[0]))
        self.outward = nn.Sequential(activation(0.0), hidden_layers(widths), nn.Linear(widths[-1], codes))
        # Of the CPU until the model is moved: while a file of weights is read, what it does not hold would stay empty.
        self.register_buffer("seen_from", torch.tensor(_seen_from(side), device="cpu"), persistent=False)

    def forward(self, codes: Tensor, uniform: Callable[..., Tensor]) -> Tensor:
        seen = self.neighbours(codes)
        return self.at(seen.masked_fill(uniform(*seen.shape) < FORGOTTEN, self.codes))

    def logits(self, codes: Tensor, place: Tensor, memory: Memory) -> Tensor:  # noqa: ARG002 - it keeps nothing
        here = place.view(1)
        return self.at(self.neighbours(codes, here), here).squeeze(1)

    def neighbours(self, codes: Tensor, places: slice | Tensor = slice(None)) -> Tensor:
        """Codes (N, L) to what is seen from the chosen places: (N, P, offsets), K outside the grid."""
        return F.pad(codes, (0, 1), value=self.codes)[:, self.seen_from[places]]

    def at(self, seen: Tensor, places: slice | Tensor = slice(None)) -> Tensor:
        """Logits (N, P, K) at the chosen places, from the neighbours (N, P, offsets) of these."""
        logits: Tensor = self.outward(self.inward(self.embedding(seen).flatten(2)) + self.positions[places])
        return logits.float()


def _seen_from(side: int) -> list[list[int]]:
    """The places that each place of a grid sees, side * side for one outside."""
    return [
        [(y - up) * side + x + right if up <= y and 0 <= x + right < side else side * side for up, right in OFFSETS]
        for y, x in product(range(side), repeat=2)
    ]
