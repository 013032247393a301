"""A small classifier of pictures: its last hidden layer is what scores compare, its classes are what they count.

Distances between sets of pictures need features that know what matters in them. For small pictures of one kind
those of a classifier trained on that kind serve better than Inception's, which were learned on photographs of
another size. The network: three blocks of a 3x3 convolution, batch normalisation, ReLU and halving (16, 32, 64
channels), more of the last kind while a side is above 7 pixels, a hidden layer of 64, the logits. 61 thousand
parameters for 28 x 28.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor, nn

from genlab.data.source import Source
from genlab.errors import GenlabError
from genlab.models.base import Shape
from genlab.models.storage import HEADER, WeightsError, load_weights, read_tensors
from genlab.paths import atomic_write_bytes
from genlab.training.device import place

FORMAT = 1
ARCHITECTURE = "conv 16-32-64, fc 64"
FEATURES = 64
CHANNELS = (16, 32, 64)
MIN_SIDE, BASE_SIDE = 8, 7
"""Smallest picture, and what it is halved to, at most."""


class ClassifierError(GenlabError):
    """No classifier can be trained on these pictures, or a file of one is not what it should be."""


class Classifier(nn.Module):
    """Logits (N, n_classes) of pictures (N, C, H, W) in [-1, 1].

    Parameters
    ----------
    shape
        (C, H, W) of the pictures; no side below 8.
    n_classes
        At least 2.

    Raises
    ------
    ClassifierError
        The pictures are too small.
    """

    def __init__(self, shape: Shape, n_classes: int) -> None:
        super().__init__()
        channels, height, width = shape
        if min(height, width) < MIN_SIDE:
            raise ClassifierError(
                f"Pictures of {height} x {width} pixels are too small for a classifier, which needs {MIN_SIDE} a side."
            )
        blocks: list[nn.Module] = []
        index = 0
        while index < len(CHANNELS) or max(height, width) > BASE_SIDE:
            after = CHANNELS[min(index, len(CHANNELS) - 1)]
            kernel = (min(2, height), min(2, width))  # a side of one pixel cannot be halved any more
            blocks += [nn.Conv2d(channels, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(kernel)]
            channels, height, width, index = after, height // kernel[0], width // kernel[1], index + 1
        self.trunk = nn.Sequential(*blocks, nn.Flatten(), nn.Linear(channels * height * width, FEATURES), nn.ReLU())
        self.head = nn.Linear(FEATURES, n_classes)

    def features(self, x: Tensor) -> Tensor:
        """The last hidden layer (N, 64) of pictures (N, C, H, W) in [-1, 1]."""
        hidden: Tensor = self.trunk(x)
        return hidden

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(x))
        return logits


@dataclass(frozen=True)
class About:
    """What stands in the header of a classifier's file.

    Attributes
    ----------
    data
        The data set that it was trained on.
    shape, classes
        Of its pictures.
    accuracy
        Share of the held-out pictures that it names rightly.
    epochs, seed
        Of its training.
    """

    data: str
    shape: Shape
    classes: tuple[str, ...]
    accuracy: float
    epochs: int
    seed: int


def save_classifier(model: Classifier, about: About, path: Path) -> str:
    """Write a classifier whole or not at all and return the SHA-256 of its file.

    Raises
    ------
    ClassifierError
        The file cannot be written.
    """
    header = json.dumps({"format": FORMAT, "architecture": ARCHITECTURE, **asdict(about)})
    data = save({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, {HEADER: header})
    try:
        atomic_write_bytes(path, data)
    except OSError as error:
        raise ClassifierError(f"The classifier cannot be written to {path}: {error.strerror or error}.") from error
    return hashlib.sha256(data).hexdigest()


def load_classifier(path: Path, sha256: str | None = None) -> tuple[Classifier, About, str]:
    """A classifier in evaluation mode, what its file says of it, and the SHA-256 of the file.

    Parameters
    ----------
    sha256
        What the file's must be, where that is known.

    Raises
    ------
    ClassifierError, WeightsError
        The file is missing, damaged, another one than expected, or no classifier.
    """
    tensors, metadata = read_tensors(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if sha256 is not None and digest != sha256:
        raise ClassifierError(f"The file {path} is not the classifier that belongs to this version. Install it again.")
    try:
        about = _described(json.loads(metadata[HEADER]))
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(
            f"The file {path} does not describe a classifier that this version knows: {error}"
        ) from error
    with torch.device("meta"):  # without drawing weights
        model = Classifier(about.shape, len(about.classes))
    model.to_empty(device="cpu")
    load_weights(model, tensors, path)
    place(model, torch.device("cpu"))
    return model.eval().requires_grad_(False), about, digest


def _described(header: Any) -> About:
    if (header["format"], header["architecture"]) != (FORMAT, ARCHITECTURE):
        raise ValueError(f"it has format {header['format']!r} and architecture {header['architecture']!r}")
    channels, height, width = (int(side) for side in header["shape"])
    classes = tuple(str(name) for name in header["classes"])
    if channels not in (1, 3) or not 2 <= len(classes) <= 10_000 or not MIN_SIDE <= max(height, width) <= 1024:
        raise ValueError(f"pictures of {header['shape']!r} and {len(classes)} classes")
    accuracy = float(header["accuracy"])
    if not math.isfinite(accuracy):
        raise ValueError("its accuracy is no number")
    seed, epochs = int(header["seed"]), int(header["epochs"])
    return About(str(header["data"]), (channels, height, width), classes, accuracy, epochs, seed)


def random_features(shape: Shape, seed: int) -> Classifier:
    """The network with random weights: its features know edges and places, and nothing of what is shown.

    Naeem et al. 2020 (arXiv 2002.09797) find random features a fair yardstick for pictures far from ImageNet's.
    Weights are drawn as He et al. 2015 (arXiv 1502.01852) do, by a generator of the given seed.
    """
    with torch.random.fork_rng(devices=[]):  # layers draw weights as they are made, which is no one's business
        model = Classifier(shape, 2)
    generator = torch.Generator().manual_seed(seed)
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)
    place(model, torch.device("cpu"))
    return model.eval().requires_grad_(False)


def check_trainable(source: Source) -> None:
    """Raise a ClassifierError where a data set has no two classes to tell apart."""
    if source.n_classes < 2:
        raise ClassifierError(
            f"{source.title} has no classes to learn, so no classifier can be trained on it. "
            "Scores of it use random features, which need no training."
        )
