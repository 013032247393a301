"""Checkpoints: a folder with the model that draws, and all that a training needs to go on as if never interrupted.

::

    checkpoints/000200/
      model.safetensors     averaged weights and prior: what samples, encodes and is shared
      trainer.safetensors   raw weights, moving average, Adam's moments, states of the random generators
      trainer.json          step, place in the epoch, seconds, stage, learning-rate factor
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from genlab.models.base import GenerativeModel
from genlab.models.storage import WeightsError, load_weights, read_tensors, save_model, save_tensors
from genlab.paths import atomic_write_json, sync_folder
from genlab.training.device import random_state, set_random_state
from genlab.training.trainer import PRECISIONS, Trainer

MODEL_FILE = "model.safetensors"
TENSORS_FILE = "trainer.safetensors"
STATE_FILE = "trainer.json"

REPLACED = ".old.tmp"
"""How the name of a checkpoint ends, hidden, while another one takes its place."""

FORMAT = 1
MAX_THREADS = 1024


def save_checkpoint(trainer: Trainer, folder: Path, fit_on: int) -> None:
    """Write a checkpoint, whole or not at all: it is built beside `folder` and renamed.

    Parameters
    ----------
    folder
        Where it will stand; one that stands there already is replaced.
    fit_on
        How many pictures a fitted prior is fitted to, at most.

    Raises
    ------
    OSError
        The disk is full or cannot be written; nothing new remains.
    """
    beside = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    old = folder.with_name(f".{folder.name}{REPLACED}")
    try:
        beside.mkdir(parents=True)
        save_model(trainer.sampler(fit_on), trainer.pictures.classes, beside / MODEL_FILE)
        save_tensors(_tensors(trainer), beside / TENSORS_FILE)
        atomic_write_json(beside / STATE_FILE, _state(trainer))
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)
            folder.rename(old)
        beside.rename(folder)
        sync_folder(folder.parent)
        shutil.rmtree(old, ignore_errors=True)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def restore_replaced(checkpoints: Path) -> None:
    """Put back checkpoints whose process was killed between taking the old one away and putting the new one in place.

    Only who holds the run's lock may call it.
    """
    for old in checkpoints.glob(f".*{REPLACED}"):
        folder = old.with_name(old.name.removeprefix(".").removesuffix(REPLACED))
        if not folder.exists():
            old.rename(folder)


def is_resumable(folder: Path) -> bool:
    """Whether a checkpoint still has what a training goes on from; old ones keep the model alone."""
    return (folder / STATE_FILE).exists() and (folder / TENSORS_FILE).exists()


def keep_model_only(folder: Path) -> None:
    """Drop what only a training needs, two thirds and more of a checkpoint."""
    # The small file first: without it the folder is no longer taken for one to resume from.
    (folder / STATE_FILE).unlink(missing_ok=True)
    (folder / TENSORS_FILE).unlink(missing_ok=True)


def load_trainer(trainer: Trainer, folder: Path) -> None:
    """Bring a fresh trainer, built from the same configuration, to where the checkpoint was written.

    Raises
    ------
    WeightsError
        A file is missing, damaged, or of another model.
    """
    state = _read_state(folder / STATE_FILE)
    if state.get("pictures") != len(trainer.pictures):
        raise WeightsError(
            f"The checkpoint {folder} was trained on {state.get('pictures')} pictures, and the data set "
            f"{trainer.pictures.name} has {len(trainer.pictures)} now, so the training cannot go on from it."
        )
    path = folder / TENSORS_FILE
    tensors, _ = read_tensors(path)
    load_weights(trainer.model, _under(tensors, "model."), path)
    if trainer.average is not None:
        load_weights(trainer.average.modules, _under(tensors, "average."), path)
    try:
        trainer.step_count = int(state["step"])
        trainer.seconds = float(state["seconds"])
        trainer.lr_scale = float(state["lr_scale"])
        trainer.order.seek(int(state["epoch"]), int(state["position"]))
        trainer.resume_stage(int(state["stage"]))
        trainer.generator.set_state(tensors["random.batch"])
        set_random_state(_under(tensors, "random.global."), trainer.device)
        for player, scaler in trainer.scalers.items():
            if scaler.is_enabled():
                scaler.load_state_dict(state["scalers"][player])
    except (KeyError, TypeError, ValueError, OverflowError, IndexError, RuntimeError) as error:
        raise WeightsError(f"The checkpoint {folder} does not fit this training: {error!r}.") from error
    for player, optimiser in trainer.optimisers.items():
        _load_adam(optimiser, _under(tensors, f"adam.{player}."), path)


def start_from(model: GenerativeModel, path: Path) -> None:
    """Give a fresh model the weights of another one, whose options may differ as long as the weights fit.

    What training reaches has to be there, in the same shape. Other state, such as the strength of an augmentation that
    the other model did not have, stays fresh.

    Raises
    ------
    WeightsError
        The file is missing or damaged, or a weight is missing or of another shape.
    """
    tensors, _ = read_tensors(path)
    # Weights may be kept in half the space; they are used in full.
    tensors = {name: tensor.float() if tensor.dtype == torch.float16 else tensor for name, tensor in tensors.items()}
    wanted, learned = model.state_dict(), {name for name, _ in model.named_parameters()}
    found = {name: tensors.get(name, wanted[name]) for name in wanted if name in tensors or name not in learned}
    load_weights(model, found, path)


class Arithmetic(NamedTuple):
    """What decides how numbers are rounded, and so has to stay for a training to go on bit for bit."""

    precision: str
    threads: int


def read_arithmetic(folder: Path) -> Arithmetic:
    """The number format and the CPU threads that a checkpoint was trained with.

    Raises
    ------
    WeightsError
        The checkpoint's state cannot be read.
    """
    state = _read_state(folder / STATE_FILE)
    precision, threads = state.get("precision"), state.get("threads")
    if precision not in PRECISIONS or not isinstance(threads, int) or not 1 <= threads <= MAX_THREADS:
        raise WeightsError(f"The file {folder / STATE_FILE} names no known precision or number of threads.")
    return Arithmetic(precision, threads)


def _tensors(trainer: Trainer) -> dict[str, Tensor]:
    tensors = {f"model.{name}": tensor for name, tensor in trainer.model.state_dict().items()}
    if trainer.average is not None:
        tensors |= {f"average.{name}": tensor for name, tensor in trainer.average.modules.state_dict().items()}
    for player, optimiser in trainer.optimisers.items():
        for index, moments in optimiser.state_dict()["state"].items():
            tensors |= {f"adam.{player}.{index}.{name}": value for name, value in moments.items()}
    tensors["random.batch"] = trainer.generator.get_state()
    tensors |= {f"random.global.{name}": state for name, state in random_state(trainer.device).items()}
    return tensors


def _state(trainer: Trainer) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "step": trainer.step_count,
        "seconds": trainer.seconds,
        "stage": trainer.stage_index,
        "pictures": len(trainer.pictures),
        "epoch": trainer.order.epoch,
        "position": trainer.order.position,
        "lr_scale": trainer.lr_scale,
        "precision": trainer.precision,
        "threads": torch.get_num_threads(),
        "scalers": {name: scaler.state_dict() for name, scaler in trainer.scalers.items()},
    }


def _read_state(path: Path) -> dict[str, Any]:
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise WeightsError(f"The file {path} is missing.") from error
    except (OSError, ValueError) as error:
        raise WeightsError(f"The file {path} is damaged: {error}.") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise WeightsError(f"The file {path} was not written by this version of genlab.")
    return state


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _load_adam(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor], path: Path) -> None:
    if not tensors:  # written before its first step
        return
    for index, parameter in enumerate(optimiser.param_groups[0]["params"]):
        moments = _under(tensors, f"{index}.")
        if set(moments) != {"step", "exp_avg", "exp_avg_sq"}:
            raise WeightsError(f"The file {path} lacks the moments of an optimiser; the training cannot go on from it.")
        for name, value in moments.items():
            if value.shape != (() if name == "step" else parameter.shape) or not torch.isfinite(value).all():
                raise WeightsError(f"In the file {path} the moments of an optimiser do not fit; they cannot be used.")
        # In the parameter's own memory layout: the fused kernel walks all of them in step.
        optimiser.state[parameter] = {
            name: value.to(parameter.device) if name == "step" else torch.empty_like(parameter.detach()).copy_(value)
            for name, value in moments.items()
        }
