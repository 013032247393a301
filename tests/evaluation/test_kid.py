"""KID: by hand, against torchmetrics, without bias, and with an error that tells how far it is off."""

import statistics

import pytest
import torch
from torchmetrics.image.kid import poly_mmd

from genlab.evaluation.kid import kernel_distance, squared_mmd
from tests.helpers import seeded


def test_by_hand() -> None:
    # One feature: k(x, y) = (x y + 1)^3. x = 0, 1: k = 1. y = 1, 2: k = 27. Across: 1, 1, 8, 27, mean 9.25.
    x, y = torch.tensor([[0.0], [1.0]]), torch.tensor([[1.0], [2.0]])
    assert squared_mmd(x.double(), y.double()) == pytest.approx(1 + 27 - 2 * 9.25)


def test_it_is_what_torchmetrics_computes() -> None:
    x, y = torch.randn(50, 8, generator=seeded()).double(), torch.randn(50, 8, generator=seeded(1)).double() + 0.5
    assert squared_mmd(x, y) == pytest.approx(float(poly_mmd(x, y)), rel=1e-9)


def test_it_is_unbiased_and_its_error_is_the_spread_of_its_values() -> None:
    drawn = [
        kernel_distance(torch.randn(400, 4, generator=seeded(2 * i)), torch.randn(300, 4, generator=seeded(2 * i + 1)))
        for i in range(200)
    ]
    scores = [kid.score for kid in drawn]
    spread = statistics.stdev(scores)
    # Equal distributions have 0; the biased estimator would be off by some 2 k(x, x) / n, 30 times this bound.
    assert abs(statistics.mean(scores)) < 4 * spread / 200**0.5
    assert min(scores) < 0 < max(scores)
    root_mean_square = statistics.fmean(kid.error**2 for kid in drawn) ** 0.5
    assert root_mean_square == pytest.approx(spread, rel=0.25)


def test_other_distributions_are_many_errors_apart() -> None:
    kid = kernel_distance(torch.randn(1000, 4, generator=seeded()), 1 + torch.randn(1000, 4, generator=seeded(1)))
    assert kid.score > 10 * kid.error > 0


def test_the_scale_of_the_features_does_not_matter() -> None:
    first, second = torch.randn(300, 4, generator=seeded()), 1 + torch.randn(300, 4, generator=seeded(1))
    scores = [kernel_distance(scale * first, scale * second).score for scale in (1.0, 50.0)]
    assert scores[0] == pytest.approx(scores[1], rel=1e-5)
    assert torch.isfinite(torch.tensor(kernel_distance(first, torch.zeros(300, 4)).score))


@pytest.mark.parametrize(("n", "m"), [(4, 4), (5, 2000), (250, 101)])
def test_few_pictures_still_have_a_score(n: int, m: int) -> None:
    kid = kernel_distance(torch.randn(n, 4, generator=seeded()), torch.randn(m, 4, generator=seeded(1)))
    assert kid.error >= 0
    assert kid.score == kid.score
