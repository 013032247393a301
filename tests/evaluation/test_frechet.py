"""The Fréchet distance, by hand and against torchmetrics and scipy."""

import numpy as np
import pytest
import scipy.linalg
import torch
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance

from genlab.evaluation.frechet import frechet_distance
from tests.helpers import seeded


def normal(n: int, size: int, seed: int, scale: float = 1.0, shift: float = 0.0) -> Tensor:
    mixing = torch.randn(size, size, generator=seeded(seed + 100))
    return scale * torch.randn(n, size, generator=seeded(seed)) @ mixing + shift


def test_one_dimension_by_hand() -> None:
    # Means 1 and 4, variances 2 and 8: 9 + (sqrt 8 - sqrt 2)^2 = 11.
    first = torch.tensor([[0.0], [1.0], [2.0]]) * 2**0.5 + 1 - 2**0.5
    second = torch.tensor([[0.0], [1.0], [2.0]]) * 8**0.5 + 4 - 8**0.5
    assert frechet_distance(first, second) == pytest.approx(11.0, abs=1e-5)


def test_a_set_against_itself_is_0_and_the_distance_is_symmetric() -> None:
    first, second = normal(500, 16, 0), normal(300, 16, 1, 1.5, 0.2)
    assert frechet_distance(first, first) == pytest.approx(0.0, abs=1e-9)
    assert frechet_distance(first, second) > 1.0
    assert frechet_distance(first, second) == pytest.approx(frechet_distance(second, first))


def test_fewer_pictures_than_features_and_features_that_never_vary() -> None:
    few = normal(10, 16, 0)
    few[:, 3] = 0.0
    other = normal(12, 16, 1)
    other[:, 3] = 0.0
    assert frechet_distance(few, few) == pytest.approx(0.0, abs=1e-5)
    assert np.isfinite(frechet_distance(few, other))


class Through(nn.Module):
    """Takes features where torchmetrics expects pictures."""

    num_features = 16

    def forward(self, x: Tensor) -> Tensor:
        return x


def test_it_is_what_torchmetrics_and_scipy_compute() -> None:
    first, second = normal(400, 16, 0), normal(300, 16, 1, 1.5, 0.2)
    reference = FrechetInceptionDistance(Through()).set_dtype(torch.float64)
    reference.update(first.double(), real=True)
    reference.update(second.double(), real=False)
    ours = frechet_distance(first, second)
    assert ours == pytest.approx(float(reference.compute()), rel=1e-6)
    a, b = np.cov(first.double().numpy().T), np.cov(second.double().numpy().T)
    gap = first.double().mean(0) - second.double().mean(0)
    expected = float(gap @ gap) + np.trace(a + b - 2 * scipy.linalg.sqrtm(a @ b).real)
    assert ours == pytest.approx(expected, rel=1e-8)
