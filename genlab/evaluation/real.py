"""The real side of every score: features of a data set's pictures, computed once and kept in the cache."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor

from genlab.data import load
from genlab.evaluation.balance import label_accuracy
from genlab.evaluation.extractor import Extractor, Features, pictures_hash
from genlab.evaluation.memorisation import nearest_training
from genlab.models.seeding import seeded
from genlab.models.storage import WeightsError, read_tensors
from genlab.paths import atomic_write_bytes, cache_dir

PROTOCOL = 1
"""Goes up when anything below changes what is computed."""
HELD_OUT_MAX = 10_000
SHUFFLE_SEED = 0


@dataclass(frozen=True)
class Real:
    """What is known of a data set's real pictures.

    Attributes
    ----------
    key
        Names the extractor, the data and the protocol: equal keys, equal content.
    held_out
        Features and logits of up to 10,000 pictures of the test split, shuffled.
    training
        Of all training pictures, in their own order.
    held_out_distances
        Distance of each of ``held_out`` to its nearest training picture.
    label_accuracy
        Share of the held-out pictures whose class the extractor names, where it knows their classes.
    """

    key: str
    held_out: Features
    training: Features
    held_out_distances: Tensor
    label_accuracy: float | None


def real_side(data: str, extractor: Extractor) -> Real:
    """What `extractor` sees in a data set, from the cache where it is there.

    Raises
    ------
    GenlabError
        The data set cannot be loaded.
    """
    ingredients = [PROTOCOL, extractor.name, extractor.hash, data, pictures_hash(data)]
    key = hashlib.sha256(json.dumps(ingredients).encode()).hexdigest()[:32]
    path = cache_file(key, ".safetensors")
    with contextlib.suppress(WeightsError):  # not there, or damaged: then it is computed again
        return _from_tensors(key, read_tensors(path)[0], path)
    test = load(data, "test")
    test = test.subset(shuffled(len(test))[:HELD_OUT_MAX])
    held_out, training = extractor(test.images), extractor(load(data, "train").images)
    distances = nearest_training(held_out.features, training.features)[0]
    accuracy = None
    if held_out.logits is not None and test.labels is not None and test.classes == extractor.classes:
        accuracy = label_accuracy(held_out.logits, test.labels)
    real = Real(key, held_out, training, distances, accuracy)
    keep(path, save(_tensors(real)))
    return real


def shuffled(n: int) -> Tensor:
    """The numbers below `n` in an order that is the same at every call."""
    return torch.randperm(n, generator=seeded(SHUFFLE_SEED, n))


def cache_file(key: str, suffix: str) -> Path:
    """Where something about real pictures is kept."""
    return cache_dir() / "evaluation" / f"{key}{suffix}"


def keep(path: Path, data: bytes) -> None:
    """Write to the cache; where that cannot be, what was computed is good all the same."""
    with contextlib.suppress(OSError):
        atomic_write_bytes(path, data)


def _tensors(real: Real) -> dict[str, Tensor]:
    tensors = {
        "held_out.features": real.held_out.features,
        "training.features": real.training.features,
        "held_out.distances": real.held_out_distances,
    }
    for name, side in (("held_out", real.held_out), ("training", real.training)):
        if side.logits is not None:
            tensors[f"{name}.logits"] = side.logits
    if real.label_accuracy is not None:
        tensors["label_accuracy"] = torch.tensor(real.label_accuracy, dtype=torch.float64)
    return tensors


def _from_tensors(key: str, tensors: dict[str, Tensor], path: Path) -> Real:
    try:
        held_out = Features(tensors["held_out.features"], tensors.get("held_out.logits"))
        training = Features(tensors["training.features"], tensors.get("training.logits"))
        accuracy = float(tensors["label_accuracy"]) if "label_accuracy" in tensors else None
        return Real(key, held_out, training, tensors["held_out.distances"], accuracy)
    except KeyError as error:
        raise WeightsError(f"The file {path} lacks {error}.") from error
