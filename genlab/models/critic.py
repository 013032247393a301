"""The critic of a GAN: a body that sees features in a picture, and a head that judges them, by class where asked.

How a class y reaches it, by `condition`:

``concatenation``
    A learned picture of the class is one more channel beside the pixels (Mirza & Osindero 2014, arXiv 1411.1784).
``projection``
    The logit gains the product of the features with a vector of the class (Miyato & Koyama 2018, arXiv 1802.05637).
``auxiliary``
    The critic is not told the class but has to name it (Odena et al. 2016, arXiv 1610.09585).

What it sees of the other pictures of a batch, against collapse, by `batch_features`:

``stddev``
    How much the features differ within the batch, as one more feature (Karras et al. 2017, arXiv 1710.10196).
``discrimination``
    How close each picture is to the others in learned projections (Salimans et al. 2016, arXiv 1606.03498).
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from genlab.models.networks import Norm, spectral

Condition = Literal["none", "concatenation", "projection", "auxiliary"]
BatchFeatures = Literal["none", "stddev", "discrimination"]

KERNELS, KERNEL_SIZE = 16, 8
"""Learned projections of minibatch discrimination, and numbers in each."""


class Critic(nn.Module):
    """Pictures (N, C, H, W), and classes (N,) where there is a condition, to logits (N,).

    Parameters
    ----------
    body
        Pictures to features (N, `size`); with concatenation it sees one channel more.
    size
        Number of its features.
    side
        Height and width of a picture.
    n_classes
        Classes of the condition; without one it is not looked at.
    codes
        Numbers that :meth:`recover` reads from the features; 0 has none.
    """

    def __init__(
        self,
        body: nn.Module,
        size: int,
        side: tuple[int, int],
        norm: Norm = "none",
        condition: Condition = "none",
        n_classes: int = 0,
        batch_features: BatchFeatures = "none",
        codes: int = 0,
    ) -> None:
        super().__init__()
        wrap = spectral(norm)
        self.size, self.side = size, side
        self.body = body
        self.beside = _beside(batch_features, size)
        seen = size + (0 if self.beside is None else self.beside.size)
        self.head = wrap(nn.Linear(seen, 1))
        self.plane = nn.Embedding(n_classes, side[0] * side[1]) if condition == "concatenation" else None
        self.project = wrap(nn.Embedding(n_classes, size)) if condition == "projection" else None
        self.reader = nn.Linear(size, codes) if codes else None

    def features(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """What the body sees: (N, F)."""
        if self.plane is not None:
            assert y is not None
            x = torch.cat([x, self.plane(y).view(-1, 1, *self.side).to(x.dtype)], 1)
        features: Tensor = self.body(x)
        return features

    def judge(self, features: Tensor, y: Tensor | None = None) -> Tensor:
        """Logits (N,) of features (N, F): high for what it takes to be real."""
        seen = features if self.beside is None else torch.cat([features, self.beside(features)], 1)
        logits: Tensor = self.head(seen).squeeze(1)
        if self.project is not None:
            logits = logits + (self.project(y) * features).sum(1)
        return logits

    def recover(self, features: Tensor) -> Tensor:
        """What the features tell of the class or the code that a picture was made from: (N, codes)."""
        assert self.reader is not None
        codes: Tensor = self.reader(features)
        return codes.float()

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.judge(self.features(x, y), y)


def _beside(kind: BatchFeatures, features: int) -> BatchDeviation | BatchDiscrimination | None:
    if kind == "none":
        return None
    return BatchDeviation() if kind == "stddev" else BatchDiscrimination(features)


class BatchDeviation(nn.Module):
    """Standard deviation of each feature within the batch, averaged over the features: (N, F) -> (N, 1)."""

    size = 1

    def forward(self, features: Tensor) -> Tensor:
        variance = features.float().var(0, correction=0)
        return (variance + 1e-8).sqrt().mean().to(features.dtype).expand(len(features), 1)


class BatchDiscrimination(nn.Module):
    """For each of some learned projections, how many pictures of the batch lie close: (N, F) -> (N, kernels)."""

    size = KERNELS

    def __init__(self, features: int) -> None:
        super().__init__()
        self.projections = nn.Linear(features, KERNELS * KERNEL_SIZE, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        projected = self.projections(features).float().unflatten(1, (KERNELS, KERNEL_SIZE))
        distances = (projected[:, None] - projected[None]).abs().sum(3)  # (N, N, kernels)
        return (torch.exp(-distances).sum(1) - 1.0).to(features.dtype)  # itself aside
