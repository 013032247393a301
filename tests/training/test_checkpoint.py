"""Checkpoints: whole or not at all, and refused with a sentence where they do not fit."""

import errno
import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from genlab.models.storage import WeightsError
from genlab.training import checkpoint as module
from genlab.training.checkpoint import (
    MODEL_FILE,
    STATE_FILE,
    TENSORS_FILE,
    is_resumable,
    keep_model_only,
    load_trainer,
    read_arithmetic,
    save_checkpoint,
)
from genlab.training.trainer import Trainer
from tests.helpers import BY_NAME, FIT_ON, advance, pictures, trainer

CASE = BY_NAME["dcgan"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_checkpoint(advance(trainer(CASE), 3), tmp_path / "000003", FIT_ON)
    return tmp_path / "000003"


def edit(folder: Path, **values: object) -> None:
    path = folder / STATE_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def refusal(folder: Path, training: Trainer | None = None) -> str:
    with pytest.raises(WeightsError) as refused:
        load_trainer(training or trainer(CASE), folder)
    return str(refused.value)


def test_a_checkpoint_is_three_files_and_no_leftovers(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [MODEL_FILE, STATE_FILE, TENSORS_FILE]
    assert [path.name for path in folder.parent.iterdir()] == ["000003"]
    assert is_resumable(folder)
    assert read_arithmetic(folder) == ("fp32", torch.get_num_threads())


def test_keeping_the_model_only(folder: Path) -> None:
    keep_model_only(folder)
    assert [path.name for path in folder.iterdir()] == [MODEL_FILE]
    assert not is_resumable(folder)
    keep_model_only(folder)


@pytest.mark.parametrize("name", [STATE_FILE, TENSORS_FILE])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert name in refusal(folder)
    assert "is missing" in refusal(folder)
    assert not is_resumable(folder)


@pytest.mark.parametrize("name", [STATE_FILE, TENSORS_FILE])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_file_cut_short_is_named(folder: Path, name: str, share: float) -> None:
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: int(share * len(data))])
    assert name in refusal(folder)
    assert "is damaged" in refusal(folder)


@pytest.mark.parametrize("text", ["[]", "3", "null", "{}", '{"format": 2}'])
def test_a_state_of_another_format_is_refused(folder: Path, text: str) -> None:
    (folder / STATE_FILE).write_text(text)
    assert "was not written by this version" in refusal(folder)
    with pytest.raises(WeightsError):
        read_arithmetic(folder)


@pytest.mark.parametrize(
    "values",
    [
        {"step": None},
        {"step": "x"},
        {"seconds": []},
        {"position": 10**6},
        {"position": -1},
        {"epoch": -1},
        {"stage": 7},
        {"lr_scale": {}},
    ],
    ids=str,
)
def test_a_state_that_makes_no_sense_is_refused(folder: Path, values: dict[str, object]) -> None:
    edit(folder, **values)
    assert "does not fit this training" in refusal(folder)


@pytest.mark.parametrize(
    "values", [{"precision": "fp8"}, {"precision": None}, {"threads": 0}, {"threads": "2"}], ids=str
)
def test_an_unknown_arithmetic_is_refused(folder: Path, values: dict[str, object]) -> None:
    edit(folder, **values)
    with pytest.raises(WeightsError, match="no known precision or number of threads"):
        read_arithmetic(folder)


def test_a_data_set_that_was_replaced_is_refused(folder: Path) -> None:
    assert "was trained on 50 pictures" in refusal(folder, trainer(CASE, pictures(n=20)))


@pytest.mark.parametrize("prefix", ["model.", "average.", "adam.critic.0.exp_avg", "random.batch", "random.global.cpu"])
def test_a_missing_tensor_is_refused(folder: Path, prefix: str) -> None:
    tensors = load_file(folder / TENSORS_FILE)
    name = next(name for name in tensors if name.startswith(prefix))
    del tensors[name]
    save_file(tensors, folder / TENSORS_FILE)
    assert any(says in refusal(folder) for says in ("lacks the", "does not fit"))


@pytest.mark.parametrize("prefix", ["model.", "average.", "adam.critic.0.exp_avg", "random.batch"])
@pytest.mark.parametrize("how", ["shape", "nan"])
def test_a_tensor_that_does_not_fit_is_refused(folder: Path, prefix: str, how: str) -> None:
    tensors = load_file(folder / TENSORS_FILE)
    name = next(name for name in tensors if name.startswith(prefix) and (tensors[name].ndim or how == "nan"))
    if how == "shape":
        tensors[name] = torch.zeros(1, dtype=tensors[name].dtype)
    else:
        tensors[name] = torch.full(tensors[name].shape, float("nan"))
    save_file(tensors, folder / TENSORS_FILE)
    assert folder.name in refusal(folder)


def test_another_models_checkpoint_is_refused(folder: Path) -> None:
    assert "tensor" in refusal(folder, trainer(BY_NAME["vae"]))


def test_the_scaler_of_half_precision_goes_on(tmp_path: Path) -> None:
    first = advance(trainer(CASE, precision="fp16"), 3)
    first.scalers["critic"].update(128.0)
    save_checkpoint(first, tmp_path / "at", FIT_ON)
    resumed = trainer(CASE, precision="fp16")
    load_trainer(resumed, tmp_path / "at")
    assert resumed.scalers["critic"].get_scale() == 128.0


@pytest.mark.parametrize("after", [MODEL_FILE, TENSORS_FILE, STATE_FILE])
def test_a_failure_while_saving_leaves_the_old_one_and_nothing_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    names = {MODEL_FILE: "save_model", TENSORS_FILE: "save_tensors", STATE_FILE: "atomic_write_json"}

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, names[after], full)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint(advance(trainer(CASE), 5), folder, FIT_ON)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_checkpoint_of_the_same_step_is_replaced(folder: Path) -> None:
    shutil.copy(folder / MODEL_FILE, folder / "stray.txt")
    save_checkpoint(advance(trainer(CASE), 5), folder, FIT_ON)
    assert json.loads((folder / STATE_FILE).read_text())["step"] == 5
    assert not (folder / "stray.txt").exists()
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
