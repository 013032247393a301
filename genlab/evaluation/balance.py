"""Class balance: does the model draw every class as often as it occurs?

The classes that a classifier sees in generated pictures are held against those that the same classifier sees in
real ones, so that its own mistakes weigh on both sides.
"""

from __future__ import annotations

import torch
from torch import Tensor

MISSED_SHARE = 0.1
"""A class counts as missed that is drawn less often than this share of how often it occurs."""


def shares(logits: Tensor) -> Tensor:
    """Share (classes,) of the pictures that each class is the likeliest for, from logits (N, classes)."""
    counts = torch.bincount(logits.argmax(1), minlength=logits.shape[1])
    return counts.double() / len(logits)


def imbalance(generated: Tensor, real: Tensor) -> float:
    """Total variation distance of the classes in two sets of logits (N, classes) and (M, classes).

    Half the sum of the differences of :func:`shares`: the share of pictures that would have to be of another class.
    0 is best; a model that draws one of ten even classes has 0.9.
    """
    return float(0.5 * (shares(generated) - shares(real)).abs().sum())


def classes_missed(generated: Tensor, real: Tensor) -> int:
    """How many classes of the real pictures hardly occur among the generated ones."""
    return int((shares(generated) < MISSED_SHARE * shares(real)).sum())


def label_accuracy(logits: Tensor, asked: Tensor) -> float:
    """Share of pictures, of logits (N, classes), that are taken for the class (N,) that was asked for."""
    return float((logits.argmax(1) == asked).double().mean())
