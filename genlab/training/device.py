"""The one module that knows of devices: which to train on, in what memory layout, and how to wait for it."""

from __future__ import annotations

import os
import platform

import torch
from torch import nn

from genlab.errors import GenlabError


class DeviceError(GenlabError):
    """The device asked for is not there."""


def choose_device(requested: str = "auto", index: int = 0) -> torch.device:
    """The device to train on: the accelerator that torch finds (CUDA, MPS, ...), else the CPU.

    Parameters
    ----------
    requested
        ``"auto"``, or a device type to force.
    index
        Which of several of a kind, for processes that train together on one machine; there is but one CPU.

    Raises
    ------
    DeviceError
        A device was asked for by name and is not available, or there are not so many.
    """
    found = torch.accelerator.current_accelerator(check_available=True)
    if requested == "cpu" or (requested == "auto" and found is None):
        return torch.device("cpu")
    if found is not None and requested in ("auto", found.type):
        return _numbered(found, index)
    there = "the CPU alone" if found is None else f"{found.type} and the CPU"
    raise DeviceError(f"There is no {requested} device here: torch finds {there}. Choose auto to take what is there.")


def _numbered(found: torch.device, index: int) -> torch.device:
    if not index:
        return found
    if index >= torch.accelerator.device_count():
        raise DeviceError(
            f"Process {index + 1} of this machine finds no {found.type} device of its own: there are "
            f"{torch.accelerator.device_count()}. Start no more processes than that, or choose the CPU."
        )
    torch.accelerator.set_device_index(index)
    return torch.device(found.type, index)


def describe(device: torch.device) -> str:
    """A device's name for people, which is also what a measured choice of precision is kept under."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)} ({device.type})"
    count = torch.get_num_threads()
    threads = f", {count} thread{'s' if count > 1 else ''}" if device.type == "cpu" else ""
    return f"{_processor()} ({device.type}{threads})"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def place(model: nn.Module, device: torch.device) -> nn.Module:
    """Move a model to the device, its convolutions in channels_last, the layout that they are fastest in."""
    model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    for parameter in model.parameters():
        if parameter.ndim == 4 and parameter.shape[1] == 1:
            # With one channel both layouts hold the same numbers in the same order, and torch takes the other one
            # unless the strides say which is meant; all that follows the convolution would then mix the two.
            n, _, height, width = parameter.shape
            parameter.data = parameter.data.as_strided((n, 1, height, width), (height * width, 1, width, 1))
    return model


def synchronise(device: torch.device) -> None:
    """Wait until the device has done what it was given; a CPU always has."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def fused_adam(device: torch.device) -> bool:
    """Whether Adam updates all parameters in one kernel there."""
    return device.type in ("cpu", "cuda", "mps")


def be_nice() -> None:
    """Lower this process's priority, so that pages stay quick while it trains."""
    if hasattr(os, "nice"):
        os.nice(10)


def default_threads(workers: int) -> int:
    """How many CPU threads one of `workers` processes trains with: at least 1, at most 4.

    One core is left to the pages and the browser. Threads wait for each other after every operation, so one
    that has to share its core holds up all: on two cores with something else going on, two threads were five
    to twenty times slower than one, which is itself two thirds as fast as two that nobody disturbs.
    """
    return max(1, min(4, (os.cpu_count() or 1) - 1) // workers)


def random_state(device: torch.device) -> dict[str, torch.Tensor]:
    """The states of torch's global generators, as uint8 tensors on the CPU."""
    states = {"cpu": torch.get_rng_state()}
    if device.type != "cpu":
        states[device.type] = torch.get_device_module(device).get_rng_state()
    return states


def set_random_state(states: dict[str, torch.Tensor], device: torch.device) -> None:
    """Set torch's global generators to what :func:`random_state` gave on the same kind of device."""
    torch.set_rng_state(states["cpu"])
    if device.type in states and device.type != "cpu":
        torch.get_device_module(device).set_rng_state(states[device.type])
