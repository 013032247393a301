"""The classifier: its sizes, its files, and that it learns."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from genlab.data.digits import SOURCE
from genlab.evaluation.classifier import (
    FEATURES,
    About,
    Classifier,
    ClassifierError,
    check_trainable,
    load_classifier,
    random_features,
    save_classifier,
)
from genlab.evaluation.learning import accuracy, epochs_for, train_classifier
from genlab.models.base import Shape
from genlab.models.storage import HEADER, WeightsError, read_tensors
from tests.helpers import pictures, same

ABOUT = About("squares", (1, 8, 8), ("a", "b", "c"), 0.5, 2, 0)


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 9, 31), (1, 28, 28), (3, 32, 32), (3, 64, 64), (1, 8, 100)], ids=str)
def test_any_picture_from_8_pixels_on_has_64_features(shape: Shape) -> None:
    model = Classifier(shape, 5).eval()
    x = torch.zeros(2, *shape)
    assert model.features(x).shape == (2, FEATURES)
    assert model(x).shape == (2, 5)
    assert sum(parameter.numel() for parameter in model.parameters()) < 250_000


def test_its_size_at_28_pixels_is_what_is_said() -> None:
    assert sum(parameter.numel() for parameter in Classifier((1, 28, 28), 10).parameters()) == 61_098


def test_smaller_pictures_are_refused() -> None:
    with pytest.raises(ClassifierError, match="7 x 8 pixels are too small"):
        Classifier((1, 7, 8), 2)


def test_training_learns_is_a_function_of_the_seed_and_leaves_the_global_generator_alone() -> None:
    data, held_out = pictures(n=90), pictures(n=30, seed=1)
    before = torch.get_rng_state()
    told: list[float] = []
    model = train_classifier(data, epochs=20, tell=told.append)
    assert torch.equal(torch.get_rng_state(), before)
    assert told[-1] == 1.0
    assert accuracy(model, held_out) == 1.0
    assert not model.training
    assert same(train_classifier(data, epochs=20).state_dict(), model.state_dict())
    assert not same(train_classifier(data, 1, epochs=20).state_dict(), model.state_dict())


def test_accuracy_by_hand() -> None:
    class First(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.eye(3)[:1].repeat(len(x), 1)

    assert accuracy(First(), pictures(n=30)) == pytest.approx(1 / 3)


@pytest.mark.parametrize(("n", "epochs"), [(60_000, 10), (50_000, 12), (100, 100), (1, 100), (10**7, 1)])
def test_how_often_pictures_are_gone_through(n: int, epochs: int) -> None:
    assert epochs_for(n) == epochs


def test_what_is_saved_is_loaded_and_known_by_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "new" / "one.safetensors"
    model = Classifier((1, 8, 8), 3)
    digest = save_classifier(model, ABOUT, path)
    loaded, about, found = load_classifier(path, digest)
    assert (about, found) == (ABOUT, digest)
    assert same(loaded.state_dict(), model.state_dict())
    assert not loaded.training
    assert save_classifier(model, ABOUT, tmp_path / "two.safetensors") == digest
    with pytest.raises(ClassifierError, match="not the classifier that belongs"):
        load_classifier(path, "0" * 64)


@pytest.mark.parametrize(
    "change",
    [{"format": 2}, {"architecture": "x"}, {"shape": [2, 8, 8]}, {"shape": [1, 8]}, {"shape": [1, 9000, 9000]},
     {"shape": [1, 4, 8]}, {"classes": ["a"]}, {"classes": 3}, {"accuracy": "NaN"}, {"accuracy": None},
     {"epochs": "x"}],
    ids=str,
)  # fmt: skip
def test_a_header_that_makes_no_sense_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "one.safetensors"
    save_classifier(Classifier((1, 8, 8), 3), ABOUT, path)
    tensors, metadata = read_tensors(path)
    save_file(tensors, path, {HEADER: json.dumps({**json.loads(metadata[HEADER]), **change})})
    with pytest.raises((WeightsError, ClassifierError)):
        load_classifier(path)
    save_file(tensors, path)
    with pytest.raises(WeightsError, match="does not describe a classifier"):
        load_classifier(path)


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ClassifierError, match="cannot be written"):
        save_classifier(Classifier((1, 8, 8), 3), ABOUT, tmp_path / "file" / "one.safetensors")


def test_random_features_are_the_same_everywhere_and_tell_pictures_apart() -> None:
    before = torch.get_rng_state()
    first, again, other = (random_features((1, 8, 8), seed) for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), before)
    assert same(first.trunk.state_dict(), again.trunk.state_dict())
    assert not same(first.trunk.state_dict(), other.trunk.state_dict())
    x = torch.rand(20, 1, 8, 8) * 2 - 1
    features = first.features(x)
    assert torch.linalg.matrix_rank(features - features.mean(0)) > 10


def test_only_classes_can_be_learned() -> None:
    from dataclasses import replace

    check_trainable(SOURCE)
    with pytest.raises(ClassifierError, match="random features"):
        check_trainable(replace(SOURCE, n_classes=0))
