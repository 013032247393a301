"""Models as files: what is saved is loaded, and what is not as it should be is refused with a sentence."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from genlab.models.storage import StoredModel, WeightsError, load_model, save_model
from genlab.runs.sampling import generate
from tests.helpers import BY_NAME, FIT_ON, Case, advance, drawn, each_case, same, trainer


@each_case
def test_saving_and_loading_gives_the_same_pictures(case: Case, tmp_path: Path) -> None:
    model = advance(trainer(case), 5).sampler(FIT_ON)
    save_model(model, ("a", "b", "c"), tmp_path / "model.safetensors")
    stored = load_model(tmp_path / "model.safetensors")
    again = stored.model
    assert stored.classes == ("a", "b", "c")
    assert same(again.state_dict(), model.state_dict())
    assert (again.shape, again.n_classes, again.options) == (model.shape, model.n_classes, model.options)
    assert not again.training
    assert not any(parameter.requires_grad for parameter in again.parameters())
    assert torch.allclose(drawn(again), drawn(model), atol=1e-5)
    assert torch.equal(generate(again, 5, 1), generate(load_model(tmp_path / "model.safetensors").model, 5, 1))


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    save_model(BY_NAME["vae"].build(), ("a", "b", "c"), path)
    return path


def rewrite(path: Path, about: object = None, tensors: dict[str, Tensor] | None = None, **changes: object) -> None:
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        header = json.loads(file.metadata()["genlab"])
    about = {**header, **changes} if about is None else about
    save_file(load_file(path) if tensors is None else tensors, path, {"genlab": json.dumps(about)})


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 99},
        {"model": "diffusion"},
        {"model": ["vae"]},
        {"model": None},
        {"options": []},
        {"options": None},
        {"options": {"latent": 10**9}},
        {"options": {"colour": 1}},
        {"shape": [1, 8]},
        {"shape": [2, 8, 8]},
        {"shape": [1, 9, 9]},
        {"shape": [1, 10**6, 10**6]},
        {"shape": "888"},
        {"shape": [1.0, 8.0, 8.0]},
        {"classes": 3},
        {"classes": [1, 2, 3]},
        {"classes": ["a"] * 10_001},
        {"about": []},
        {"about": {}},
        {"about": "text"},
    ],
    ids=str,
)
def test_a_header_that_makes_no_sense_is_refused(stored: Path, changes: dict[str, object]) -> None:
    rewrite(stored, **changes)
    with pytest.raises(WeightsError, match="does not describe a model that this version knows"):
        load_model(stored)


def test_a_header_that_asks_for_too_much_costs_no_memory(stored: Path) -> None:
    rewrite(stored, shape=[3, 256, 256], options={"encoder": "conv", "width": 512, "latent": 512, "components": 200})
    with pytest.raises(WeightsError, match="lacks the tensor"):
        load_model(stored)


def test_a_file_without_our_header_is_refused(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="does not describe a model"):
        load_model(tmp_path / "other.safetensors")


def broken(tensors: dict[str, Tensor], how: str) -> dict[str, Tensor]:
    name = next(name for name in tensors if name.endswith("0.weight"))
    if how == "missing":
        del tensors[name]
    elif how == "extra":
        tensors["surprise"] = torch.zeros(1)
    elif how == "shape":
        tensors[name] = torch.zeros(3, 3)
    elif how == "type":
        tensors[name] = tensors[name].double()
    else:
        tensors[name] = torch.full_like(tensors[name], float(how))
    return tensors


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("missing", "lacks the tensor"),
        ("extra", "does not know"),
        ("shape", "but the model needs"),
        ("type", "of float64, but the model needs"),
        ("nan", "no numbers"),
        ("inf", "no numbers"),
    ],
)
def test_weights_that_do_not_fit_are_refused(stored: Path, how: str, says: str) -> None:
    rewrite(stored, tensors=broken(load_file(stored), how))
    with pytest.raises(WeightsError, match=says):
        load_model(stored)


@pytest.mark.parametrize("keep", [0, 5, 100, -1])
def test_a_file_cut_short_is_refused(stored: Path, keep: int) -> None:
    stored.write_bytes(stored.read_bytes()[:keep])
    with pytest.raises(WeightsError, match="is damaged"):
        load_model(stored)


def test_a_pickle_is_refused(stored: Path) -> None:
    torch.save({"weights": torch.zeros(2)}, stored)
    with pytest.raises(WeightsError, match="is damaged"):
        load_model(stored)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="is missing"):
        load_model(tmp_path / "nothing.safetensors")
    with pytest.raises(WeightsError, match="is damaged"):
        load_model(tmp_path)


def test_loading_draws_no_random_number(stored: Path) -> None:
    before = torch.get_rng_state()
    assert isinstance(load_model(stored), StoredModel)
    assert torch.equal(torch.get_rng_state(), before)
