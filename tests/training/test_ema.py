"""The moving average, worked out by hand."""

import pytest
import torch
from torch import nn

from genlab.training.ema import RAMP, MovingAverage


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.generator = nn.Sequential(nn.Linear(1, 1, bias=False), nn.BatchNorm1d(1))
        self.critic = nn.Linear(1, 1)


def test_average_follows_by_its_half_life() -> None:
    model = Model()
    weight = model.generator[0].weight
    with torch.no_grad():
        weight.fill_(1.0)
    average = MovingAverage(model, ("generator",), halflife=20)
    with torch.no_grad():
        weight.fill_(3.0)
    expected = 1.0
    for _ in range(3):
        average.update(10, images=10_000)  # 10 pictures are half a half-life
        expected += (1 - 0.5**0.5) * (3.0 - expected)
        assert average.modules["generator"][0].weight.item() == pytest.approx(expected)
    assert weight.item() == 3.0


def test_after_one_half_life_a_weight_counts_half() -> None:
    model = Model()
    average = MovingAverage(model, ("generator",), halflife=100)
    before = average.modules["generator"][0].weight.item()
    with torch.no_grad():
        model.generator[0].weight.fill_(7.0)
    for _ in range(10):
        average.update(10, images=10**6)
    assert average.modules["generator"][0].weight.item() == pytest.approx((before + 7.0) / 2, rel=1e-5)


def test_the_start_is_soon_forgotten() -> None:
    model = Model()
    average = MovingAverage(model, ("generator",), halflife=1e6)
    with torch.no_grad():
        model.generator[0].weight.fill_(5.0)
    before = average.modules["generator"][0].weight.item()
    average.update(10, images=40)
    kept = 0.5 ** (10 / (RAMP * 40))
    assert average.modules["generator"][0].weight.item() == pytest.approx(kept * before + (1 - kept) * 5.0, rel=1e-5)


def test_running_statistics_are_averaged_and_counters_copied() -> None:
    model = Model()
    average = MovingAverage(model, ("generator",), halflife=10)
    for _ in range(3):
        model.generator(torch.randn(8, 1) + 4.0)
    norm, averaged = model.generator[1], average.modules["generator"][1]
    average.update(10, images=10**6)
    assert averaged.running_mean.item() == pytest.approx(norm.running_mean.item() / 2)
    assert averaged.running_var.item() == pytest.approx((1.0 + norm.running_var.item()) / 2)
    assert averaged.num_batches_tracked.item() == norm.num_batches_tracked.item() == 3
    assert averaged.num_batches_tracked.dtype == torch.int64


def test_only_the_named_modules_are_kept_and_never_trained() -> None:
    average = MovingAverage(Model(), ("generator",), halflife=10)
    assert list(average.modules) == ["generator"]
    assert not any(parameter.requires_grad for parameter in average.modules.parameters())
