"""Devices."""

import pytest
import torch
from torch import nn

from genlab.training import device as module
from genlab.training.device import (
    DeviceError,
    choose_device,
    default_threads,
    describe,
    place,
    random_state,
    set_random_state,
)


def with_accelerator(monkeypatch: pytest.MonkeyPatch, name: str | None) -> None:
    found = None if name is None else torch.device(name)
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda check_available: found)


def test_auto_takes_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with_accelerator(monkeypatch, None)
    assert choose_device() == torch.device("cpu")
    with_accelerator(monkeypatch, "cuda")
    assert choose_device() == torch.device("cuda")
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("cuda") == torch.device("cuda")


@pytest.mark.parametrize(
    ("there", "wanted", "says"),
    [
        (None, "cuda", "no cuda device here: torch finds the CPU alone. Choose auto"),
        (None, "mps", "no mps device here"),
        ("mps", "cuda", "torch finds mps and the CPU"),
    ],
)
def test_forcing_an_absent_device_ends_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, there: str | None, wanted: str, says: str
) -> None:
    with_accelerator(monkeypatch, there)
    with pytest.raises(DeviceError, match=says):
        choose_device(wanted)


def test_the_cpu_has_a_name_that_tells_its_threads() -> None:
    name = describe(torch.device("cpu"))
    assert f"(cpu, {torch.get_num_threads()} threads)" in name or "(cpu, 1 thread" in name
    assert len(name) > len("(cpu, 1 thread)")


@pytest.mark.parametrize(
    ("cores", "workers", "threads"), [(1, 1, 1), (2, 1, 1), (4, 1, 3), (64, 1, 4), (64, 2, 2), (8, 9, 1)]
)
def test_a_core_is_left_to_the_browser(monkeypatch: pytest.MonkeyPatch, cores: int, workers: int, threads: int) -> None:
    monkeypatch.setattr(module.os, "cpu_count", lambda: cores)
    assert default_threads(workers) == threads


def test_convolutions_are_placed_in_channels_last() -> None:
    convolution = place(nn.Conv2d(3, 4, 3), torch.device("cpu"))
    assert convolution.weight.is_contiguous(memory_format=torch.channels_last)


def test_the_random_state_can_be_put_back() -> None:
    cpu = torch.device("cpu")
    state = random_state(cpu)
    first = torch.rand(3)
    set_random_state(state, cpu)
    assert torch.equal(torch.rand(3), first)
