"""What turns pictures into features, and which of them scores a data set.

In this order: the classifier that comes with the lab, one trained by ``python -m genlab classifier``, and random
features where there is neither. Every one has a name and the hash of its weights, which stand beside each score:
numbers of different extractors must never be compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import save
from torch import Tensor

from genlab.data import find
from genlab.data.own.store import PREFIX, read_facts
from genlab.data.pictures import to_floats
from genlab.evaluation.classifier import Classifier, load_classifier, random_features
from genlab.models.base import Shape
from genlab.paths import cache_dir

WEIGHTS = Path(__file__).parent / "weights"
SHIPPED = {
    "mnist": "bca647d1c369f4857f7920220454e513f738dfd581652f98086c465c7e4adc60",
    "mnist-5k-colour": "720c23fd30b78323b78aa2be36ee4b363e0d84c7f7203a37b1170ff9f417660e",
    "digits": "6088bde53133e04223377999cd39ace9abe9bef268df283ee8a794441e967c20",
}
"""SHA-256 of each classifier that comes with the lab; how they were made is told beside them."""

SERVED_BY = {"mnist-5k": "mnist"}
"""Sets whose pictures are another one's."""

RANDOM = "random-conv"
RANDOM_SEED = 0
CHUNK = 100
"""Pictures at a time: their layers stay in memory that is kept, which halves the cost of larger chunks."""


class Features(NamedTuple):
    """What an extractor sees in N pictures."""

    features: Tensor
    """float32 (N, F)."""
    logits: Tensor | None
    """float32 (N, classes), where the extractor knows classes."""


@dataclass(frozen=True)
class Extractor:
    """Features of pictures, with what they are computed by.

    Attributes
    ----------
    name
        For people, and as ``extractor`` in a score sheet.
    hash
        SHA-256 of the weights.
    classes
        Names of what the logits stand for; empty where there are none.
    compute
        From uint8 (N, C, H, W) on the CPU; called with a hundred pictures at a time.
    """

    name: str
    hash: str
    classes: tuple[str, ...]
    compute: Callable[[Tensor], Features]

    @torch.no_grad()
    def __call__(self, images: Tensor) -> Features:
        """Features of any number of pictures, uint8 (N, C, H, W), in bounded memory."""
        parts = [self.compute(chunk) for chunk in images.split(CHUNK)]
        logits = [part.logits for part in parts if part.logits is not None]
        return Features(torch.cat([part.features for part in parts]), torch.cat(logits) if logits else None)


def extractor_for(data: str) -> Extractor:
    """The extractor that scores a data set: its classifier where there is one, else random features.

    Raises
    ------
    GenlabError
        There is no such data set, or the file of its classifier is damaged.
    """
    kept = _kept(data)
    return random_extractor(find(data).shape) if kept is None else classifier_extractor(*kept)


def classifier_for(data: str) -> Classifier | None:
    """The classifier of a data set itself, through which gradients pass; None where there is none.

    Raises
    ------
    GenlabError
        Its file is damaged.
    """
    kept = _kept(data)
    return None if kept is None else load_classifier(*kept)[0]


def _kept(data: str) -> tuple[Path, str | None] | None:
    """The file of a data set's classifier, and what its hash must be where that is known."""
    served = SERVED_BY.get(data, data)
    if served in SHIPPED:
        return WEIGHTS / f"{served}.safetensors", SHIPPED[served]
    return (classifier_file(data), None) if classifier_file(data).exists() else None


def classifier_extractor(path: Path, sha256: str | None = None) -> Extractor:
    """The last hidden layer and the logits of a stored classifier."""
    model, about, digest = load_classifier(path, sha256)
    return Extractor(f"{about.data} classifier", digest, about.classes, lambda images: _both(model, images))


def random_extractor(shape: Shape) -> Extractor:
    """The features of a network with random weights of a fixed seed."""
    model = random_features(shape, RANDOM_SEED)
    weights = {name: tensor.contiguous() for name, tensor in model.trunk.state_dict().items()}
    digest = hashlib.sha256(save(weights)).hexdigest()
    return Extractor(RANDOM, digest, (), lambda images: Features(model.features(_floats(images)), None))


def _floats(images: Tensor) -> Tensor:
    return to_floats(images).contiguous(memory_format=torch.channels_last)


def _both(model: Classifier, images: Tensor) -> Features:
    features = model.features(_floats(images))
    logits: Tensor = model.head(features)
    return Features(features, logits)


def classifier_file(data: str) -> Path:
    """Where a trained classifier of a data set is kept.

    One's own pictures are told by what they are as well: another set may bear their name one day.
    """
    own = f"-{pictures_hash(data)[:16]}" if data.startswith(PREFIX) else ""
    return cache_dir() / "classifiers" / f"{data.replace(':', '-')}{own}.safetensors"


def pictures_hash(data: str) -> str:
    """What tells one's own pictures from others of the same name; empty for public sets, which never change."""
    return read_facts(data.removeprefix(PREFIX)).sha256 if data.startswith(PREFIX) else ""
