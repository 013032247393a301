"""Class balance and label accuracy, by hand."""

import pytest
import torch
from torch import Tensor

from genlab.evaluation.balance import classes_missed, imbalance, label_accuracy, shares


def logits(*classes: int, of: int = 4) -> Tensor:
    return torch.nn.functional.one_hot(torch.tensor(classes), of).float()


def test_shares() -> None:
    assert shares(logits(0, 0, 1, 3)).tolist() == [0.5, 0.25, 0.0, 0.25]


def test_imbalance_is_half_the_sum_of_differences() -> None:
    even = logits(0, 1, 2, 3)
    assert imbalance(even, even) == 0.0
    assert imbalance(logits(0, 0, 1, 3), even) == pytest.approx(0.25)
    assert imbalance(logits(2), even) == pytest.approx(0.75)
    assert imbalance(logits(0), logits(1)) == 1.0


def test_classes_that_hardly_occur_are_missed() -> None:
    even = logits(*range(4))
    assert classes_missed(even, even) == 0
    assert classes_missed(logits(0, 0, 1), even) == 2
    assert classes_missed(logits(*[0] * 97, 1, 2, 3), even) == 3
    # A class that the real ones lack cannot be missed.
    assert classes_missed(logits(0, 1), logits(0, 1)) == 0


def test_label_accuracy() -> None:
    assert label_accuracy(logits(0, 1, 2, 2), torch.tensor([0, 1, 2, 3])) == 0.75
