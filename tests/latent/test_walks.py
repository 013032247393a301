"""Sums of groups by hand, and a stroll that keeps its distance."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from genlab.latent.spec import LatentError
from genlab.latent.walks import analogy, wander
from genlab.models.priors import ClassPrior, MixturePrior, NormalPrior


def test_sums_of_groups_by_hand() -> None:
    a, b, c = np.float32([[1, 0], [3, 2]]), np.float32([[1, 1]]), np.float32([[0, 4], [0, 5], [3, 6]])
    assert_array_equal(analogy(a, b, c), [2 - 1 + 1, 1 - 1 + 5])
    assert_array_equal(analogy(a, a, c), c.mean(axis=0))


@pytest.mark.parametrize("empty", [np.zeros((0, 2), np.float32), np.float32([[np.nan, 0]])])
def test_groups_without_a_latent_are_refused(empty: np.ndarray) -> None:
    some = np.zeros((1, 2), np.float32)
    with pytest.raises(LatentError, match="three groups"):
        analogy(some, empty, some)


def test_a_stroll_starts_where_it_is_told_and_comes_again() -> None:
    start = np.float32([2, -1, 0])
    way = wander(start, 12, 0.3, NormalPrior(3), 5)
    assert way.shape == (12, 3)
    assert_array_equal(way[0], start)
    assert_array_equal(wander(start, 40, 0.3, NormalPrior(3), 5)[:12], way)
    assert not np.array_equal(wander(start, 12, 0.3, NormalPrior(3), 6)[1:], way[1:])


def test_a_small_stride_is_a_small_step_and_one_forgets() -> None:
    start = np.full(64, 50, np.float32)
    near = wander(start, 2, 0.01, NormalPrior(64), 0)[1]
    assert np.linalg.norm(near - start) < 0.2
    # Nothing of the start is left: 64 squares of normals are 64 on average, 16 standard deviations are 181 above it.
    assert np.square(wander(start, 2, 1.0, NormalPrior(64), 0)[1]).sum() < 245


@pytest.mark.parametrize("stride", [0.1, 0.5])
def test_a_stroll_keeps_the_mean_and_spread_of_its_prior(stride: float) -> None:
    mixture = MixturePrior(2, 1)
    factor = torch.tensor([[2.0, 0.0], [1.5, 0.5]])
    mixture.means[0] = torch.tensor([3.0, -1.0])
    mixture.factors[0] = factor
    starts = mixture.draw(1_500, torch.Generator().manual_seed(1)).numpy()
    ends = np.stack([wander(start, 9, stride, mixture, seed)[-1] for seed, start in enumerate(starts[:300])])
    assert_allclose(ends.mean(axis=0), [3, -1], atol=4 * 2.5 / np.sqrt(300))
    # A variance of n normals is off by sqrt(2 / n) of itself: four times that is 0.33 of it.
    assert_allclose(np.cov(ends.T), (factor @ factor.T).numpy(), atol=0.33 * 4)
    assert np.corrcoef(ends.T)[0, 1] > 0.9  # as in the prior, 0.95


def test_a_prior_with_classes_can_be_walked_in() -> None:
    prior = ClassPrior(NormalPrior(2), 3)
    start = prior.draw(1, torch.Generator().manual_seed(0))[0].numpy()
    assert wander(start, 30, 0.4, prior, 0).shape == (30, 5)


@pytest.mark.parametrize(
    ("start", "steps", "stride"),
    [([0, np.nan], 5, 0.3), ([0], 5, 0.3), ([0, 0], 1, 0.3), ([0, 0], 65, 0.3), ([0, 0], 5, 0.0), ([0, 0], 5, np.nan)],
)
def test_strolls_that_cannot_be_are_refused(start: list[float], steps: int, stride: float) -> None:
    with pytest.raises(LatentError):
        wander(np.float32(start), steps, stride, NormalPrior(2), 0)
