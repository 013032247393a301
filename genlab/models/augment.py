"""DiffAugment: the critic only ever sees pictures that were moved or masked, real and generated ones alike.

Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training", arXiv 2006.10738: with few pictures a
critic learns them by heart; when all it sees is augmented, and the gradient passes through the augmentation to the
generator, it cannot. The strength p is the probability of each operation for each picture. It is fixed at 1 as in
that paper, or adapted as in Karras et al. 2020 (ADA, arXiv 2006.06676): p rises while the critic's mean sign on real
pictures is above a target, and falls while it is below.

Operations: translation by up to an eighth of the side, a masked square of half the side, and for colour pictures a
change of brightness, saturation and contrast, which on one channel would be undone or change nothing that matters.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genlab.models.base import Batch

SHIFT, HOLE = 1 / 8, 1 / 2
"""Shares of a side: the furthest shift, and the side of the masked square."""

TARGET = 0.6
"""Mean sign of the critic on real pictures above which the strength grows (ADA, figure 5)."""

IMAGES_TO_FULL = 50_000
"""Pictures after which the strength may have gone from 0 to 1; ADA takes 500,000 in trainings of 25 million."""


class Augment(nn.Module):
    """Pictures (N, C, H, W) in [-1, 1] to augmented ones of the same shape, differentiably.

    Parameters
    ----------
    adaptive
        Whether the strength starts at 0 and follows :meth:`adapt`; otherwise it is 1.
    """

    strength: Tensor  # a buffer, so that it is in every checkpoint

    def __init__(self, adaptive: bool) -> None:
        super().__init__()
        self.adaptive = adaptive
        self.register_buffer("strength", torch.tensor(0.0 if adaptive else 1.0))

    def forward(self, x: Tensor, batch: Batch) -> Tensor:
        if x.shape[1] == 3:
            x = self._chosen(x, _recoloured(x, batch), batch)
        x = self._chosen(x, _translated(x, batch), batch)
        return self._chosen(x, _masked(x, batch), batch)

    def _chosen(self, before: Tensor, after: Tensor, batch: Batch) -> Tensor:
        chosen = batch.uniform(len(before)) < self.strength
        return torch.where(chosen.view(-1, 1, 1, 1), after, before)

    @torch.no_grad()
    def adapt(self, real: Tensor) -> None:
        """Move the strength by what the critic says (logits (N,)) of real pictures."""
        if self.adaptive:
            step = len(real) / IMAGES_TO_FULL
            self.strength.add_(step * torch.sign(real.float().sign().mean() - TARGET)).clamp_(0.0, 1.0)


def _recoloured(x: Tensor, batch: Batch) -> Tensor:
    def draw() -> Tensor:
        return batch.uniform(len(x)).view(-1, 1, 1, 1)

    x = x + (draw() - 0.5)  # brightness
    grey = x.mean(1, keepdim=True)
    x = grey + (x - grey) * (2.0 * draw())  # saturation
    mean = x.mean((1, 2, 3), keepdim=True)
    return mean + (x - mean) * (0.5 + draw())  # contrast


def _translated(x: Tensor, batch: Batch) -> Tensor:
    """Shift each picture by whole pixels; what comes in from beyond the edge is black (-1)."""
    n, _, height, width = x.shape
    most_y, most_x = int(height * SHIFT + 0.5), int(width * SHIFT + 0.5)
    rows = _shifted(n, height, most_y, batch)
    columns = _shifted(n, width, most_x, batch)
    padded = F.pad(x + 1.0, (most_x, most_x, most_y, most_y)) - 1.0
    picture = torch.arange(n, device=x.device)
    return padded.permute(0, 2, 3, 1)[picture[:, None, None], rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def _shifted(n: int, size: int, most: int, batch: Batch) -> Tensor:
    """Where each row (or column) of the result comes from in the padded picture: (n, size)."""
    shift = (batch.uniform(n) * (2 * most + 1)).long().clamp_(max=2 * most)
    return torch.arange(size, device=shift.device) + shift[:, None]


def _masked(x: Tensor, batch: Batch) -> Tensor:
    """Blank a square of grey (0), which may reach over the edge."""
    n, _, height, width = x.shape
    hole = _hole(n, height, batch)[:, :, None] & _hole(n, width, batch)[:, None, :]
    return x.masked_fill(hole.unsqueeze(1), 0.0)


def _hole(n: int, size: int, batch: Batch) -> Tensor:
    centre = batch.uniform(n, 1) * size
    return (torch.arange(size, device=centre.device) + 0.5 - centre).abs() < 0.5 * HOLE * size
