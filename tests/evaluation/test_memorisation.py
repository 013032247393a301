"""Memorisation: copies are found out, honest pictures give one half."""

import pytest
import scipy.stats
import torch
from torch import Tensor

from genlab.evaluation.memorisation import closer_share, nearest_training
from tests.helpers import seeded


def cloud(n: int, seed: int) -> Tensor:
    return torch.randn(n, 5, generator=seeded(seed))


def test_nearest_training_by_hand() -> None:
    distances, indices = nearest_training(
        torch.tensor([[0.0, 0.0], [9.0, 9.0]]), torch.tensor([[9.0, 9.0], [3.0, 4.0]])
    )
    assert distances.tolist() == [5.0, 0.0]
    assert indices.tolist() == [1, 0]


def test_closer_share_by_hand_and_as_mann_and_whitney() -> None:
    assert closer_share(torch.tensor([1.0, 2.0]), torch.tensor([1.5, 3.0])) == pytest.approx(3 / 4)
    assert closer_share(torch.tensor([2.0]), torch.tensor([2.0, 3.0, 1.0])) == pytest.approx(0.5)
    generated, held_out = cloud(60, 0).round().flatten(), cloud(40, 1).round().flatten()  # with many ties
    pairs = len(generated) * len(held_out)
    statistic = scipy.stats.mannwhitneyu(held_out.numpy(), generated.numpy()).statistic
    assert closer_share(generated, held_out) == pytest.approx(statistic / pairs)


def test_honest_pictures_give_a_half_and_copies_1() -> None:
    training, held_out = cloud(2000, 0), cloud(1000, 1)
    far = nearest_training(held_out, training)[0]
    honest = closer_share(nearest_training(cloud(1000, 2), training)[0], far)
    assert honest == pytest.approx(0.5, abs=0.05)
    assert closer_share(nearest_training(training[:300], training)[0], far) == pytest.approx(1.0)
    half = torch.cat([training[:500], cloud(500, 3)])
    assert closer_share(nearest_training(half, training)[0], far) == pytest.approx(0.75, abs=0.05)
