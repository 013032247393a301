"""A trained model as one safetensors file that explains itself.

The file holds the weights and, in its header, the model's key, options and picture shape. safetensors
holds numbers and nothing else: unlike a pickle it can run no code when it is opened.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from genlab.errors import GenlabError
from genlab.models import GenerativeModel, build
from genlab.models.options import ModelError

HEADER = "genlab"
FORMAT = 1
MAX_SIDE = 256
"""As of the pictures that can be learned from; pages draw them by the dozen."""
MAX_CLASSES = 10_000


class WeightsError(GenlabError):
    """A file of weights cannot be read or does not fit; the message names the file and what is wrong with it."""


class StoredModel(NamedTuple):
    """A model in evaluation mode on the CPU, and the names of the classes it was trained on."""

    model: GenerativeModel
    classes: tuple[str, ...]


def save_model(model: GenerativeModel, classes: tuple[str, ...], path: Path) -> None:
    """Write a model's weights with all that :func:`load_model` needs to build it."""
    about = {
        "format": FORMAT,
        "model": model.key,
        "options": vars(model.options),
        "shape": list(model.shape),
        "classes": list(classes),
    }
    save_tensors(model.state_dict(), path, {HEADER: json.dumps(about)})


def load_model(path: Path) -> StoredModel:
    """Build the model that a file describes and give it its weights.

    Raises
    ------
    WeightsError
        The file is missing, damaged, too large in what it asks for, or lacks a tensor.
    """
    tensors, metadata = read_tensors(path)
    try:
        about = json.loads(metadata[HEADER])
        shape, classes = _described(about)
        with torch.device("meta"):  # without memory: what a file asks for is believed once its tensors fit
            model = build(about["model"], shape, about["options"], len(classes))
    except (KeyError, TypeError, ValueError, ModelError) as error:
        raise WeightsError(f"The file {path} does not describe a model that this version knows: {error}") from error
    # Weights may be kept in half the space; they are used in full.
    tensors = {name: tensor.float() if tensor.dtype == torch.float16 else tensor for name, tensor in tensors.items()}
    _check(model, tensors, path)
    model.load_state_dict(tensors, assign=True)
    return StoredModel(model.eval().requires_grad_(False), classes)


def _described(about: Any) -> tuple[tuple[int, int, int], tuple[str, ...]]:
    if about["format"] != FORMAT:
        raise ValueError(f"it has format {about['format']!r}")
    channels, height, width = about["shape"]
    if channels not in (1, 3) or not all(isinstance(n, int) and 1 <= n <= MAX_SIDE for n in (height, width)):
        raise ValueError(f"pictures of shape {about['shape']!r}")
    if not isinstance(about["options"], dict):
        raise TypeError("its options are no object")
    classes = tuple(about["classes"])
    if len(classes) > MAX_CLASSES or not all(isinstance(name, str) for name in classes):
        raise ValueError("its classes are no list of names")
    return (channels, height, width), classes


def load_weights(module: nn.Module, tensors: dict[str, Tensor], path: Path) -> None:
    """Copy named tensors into a module after checking that they are the ones it needs.

    Raises
    ------
    WeightsError
        A tensor is missing, left over, of another shape or type, or not finite.
    """
    _check(module, tensors, path)
    module.load_state_dict(tensors)


def _check(module: nn.Module, tensors: dict[str, Tensor], path: Path) -> None:
    wanted = module.state_dict()
    missing = sorted(set(wanted) - set(tensors))
    if missing:
        raise WeightsError(f"The file {path} lacks the tensor {missing[0]!r}; it cannot be used.")
    extra = sorted(set(tensors) - set(wanted))
    if extra:
        raise WeightsError(f"The file {path} has a tensor {extra[0]!r} that this model does not know.")
    for name, tensor in tensors.items():
        if (tensor.shape, tensor.dtype) != (wanted[name].shape, wanted[name].dtype):
            raise WeightsError(
                f"In the file {path} the tensor {name!r} is {_kind(tensor)}, but the model needs {_kind(wanted[name])}."
            )
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise WeightsError(f"In the file {path} the tensor {name!r} holds values that are no numbers.")


def _kind(tensor: Tensor) -> str:
    return f"{tuple(tensor.shape)} of {str(tensor.dtype).removeprefix('torch.')}"


def save_tensors(tensors: dict[str, Tensor], path: Path, metadata: dict[str, str] | None = None) -> None:
    """Write tensors to a safetensors file and flush it to the disk.

    Raises
    ------
    OSError
        As the operating system reports it.
    """
    # Not by safetensors' own save_file, which hides from the caller why a disk refused.
    data = save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, metadata)
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """All tensors of a safetensors file, on the CPU, and the texts in its header.

    Raises
    ------
    WeightsError
        The file is missing or is not a whole safetensors file.
    """
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except FileNotFoundError as error:
        raise WeightsError(f"The file {path} is missing.") from error
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"The file {path} is damaged: {error}.") from error
