"""Checkpoints: a folder with the weights that draw, and all that a training needs to go on as if never interrupted.

::

    checkpoints/000200/
      model.safetensors     averaged weights and prior: what samples, encodes and is shared
      trainer.safetensors   raw weights, moving average, Adam's moments, states of the random generators
      trainer.json          step, place in the epoch, seconds, stage, learning-rate factor

safetensors holds numbers and nothing else: unlike a pickle it can run no code when it is opened.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from genlab.errors import GenlabError
from genlab.paths import atomic_write_json, sync_folder
from genlab.training.device import random_state, set_random_state
from genlab.training.trainer import Trainer

MODEL_FILE = "model.safetensors"
TENSORS_FILE = "trainer.safetensors"
STATE_FILE = "trainer.json"

FORMAT = 1


class CheckpointError(GenlabError):
    """A checkpoint cannot be read or does not fit; the message names the file and what is wrong with it."""


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
    try:
        beside.mkdir(parents=True)
        _save(trainer.sampler(fit_on).state_dict(), beside / MODEL_FILE)
        _save(_tensors(trainer), beside / TENSORS_FILE)
        atomic_write_json(beside / STATE_FILE, _state(trainer))
        if folder.exists():
            shutil.rmtree(folder)
        beside.rename(folder)
        sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def load_trainer(trainer: Trainer, folder: Path) -> None:
    """Bring a fresh trainer, built from the same configuration, to where the checkpoint was written.

    Raises
    ------
    CheckpointError
        A file is missing, damaged, or of another model.
    """
    state = _read_state(folder / STATE_FILE)
    tensors = read_tensors(folder / TENSORS_FILE)
    path = folder / TENSORS_FILE
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
        for player in trainer.players:
            scaler = trainer.scalers[player.name]
            scaler.load_state_dict(state["scalers"].get(player.name, {}) if scaler.is_enabled() else {})
    except (KeyError, TypeError, ValueError, IndexError, RuntimeError) as error:
        raise CheckpointError(f"The checkpoint {folder} does not fit this training: {error!r}.") from error
    for player in trainer.players:
        _load_adam(trainer.optimisers[player.name], _under(tensors, f"adam.{player.name}."), path)


def load_weights(module: nn.Module, tensors: dict[str, Tensor], path: Path) -> None:
    """Copy named tensors into a module after checking that they are the ones it needs.

    Raises
    ------
    CheckpointError
        A tensor is missing, left over, of another shape, or not finite.
    """
    wanted = module.state_dict()
    missing = sorted(set(wanted) - set(tensors))
    if missing:
        raise CheckpointError(f"The checkpoint file {path} lacks the tensor {missing[0]!r}; it cannot be used.")
    extra = sorted(set(tensors) - set(wanted))
    if extra:
        raise CheckpointError(f"The checkpoint file {path} has a tensor {extra[0]!r} that this model does not know.")
    for name, tensor in tensors.items():
        if tensor.shape != wanted[name].shape:
            raise CheckpointError(
                f"In the checkpoint file {path} the tensor {name!r} is {tuple(tensor.shape)}, "
                f"but the model needs {tuple(wanted[name].shape)}."
            )
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise CheckpointError(f"In the checkpoint file {path} the tensor {name!r} holds values that are no numbers.")
    module.load_state_dict(tensors)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a safetensors file, on the CPU.

    Raises
    ------
    CheckpointError
        The file is missing or is not a whole safetensors file.
    """
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    except FileNotFoundError as error:
        raise CheckpointError(f"The checkpoint file {path} is missing.") from error
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"The checkpoint file {path} is damaged: {error}.") from error


def _save(tensors: dict[str, Tensor], path: Path) -> None:
    save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, path)
    with open(path, "rb") as file:
        os.fsync(file.fileno())


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
        "epoch": trainer.order.epoch,
        "position": trainer.order.position,
        "lr_scale": trainer.lr_scale,
        "precision": trainer.precision,
        "scalers": {name: scaler.state_dict() for name, scaler in trainer.scalers.items()},
    }


def read_precision(folder: Path) -> str:
    """The number format that a checkpoint was trained in, which going on keeps.

    Raises
    ------
    CheckpointError
        The checkpoint's state cannot be read.
    """
    precision = _read_state(folder / STATE_FILE).get("precision")
    if precision not in ("fp32", "bf16", "fp16"):
        raise CheckpointError(f"The file {folder / STATE_FILE} names the unknown precision {precision!r}.")
    return str(precision)


def _read_state(path: Path) -> dict[str, Any]:
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(f"The checkpoint file {path} is missing.") from error
    except (OSError, ValueError) as error:
        raise CheckpointError(f"The checkpoint file {path} is damaged: {error}.") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise CheckpointError(f"The checkpoint file {path} was not written by this version of genlab.")
    return state


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _load_adam(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor], path: Path) -> None:
    if not tensors:  # written before the first step
        return
    for index, parameter in enumerate(optimiser.param_groups[0]["params"]):
        moments = _under(tensors, f"{index}.")
        if set(moments) != {"step", "exp_avg", "exp_avg_sq"}:
            raise CheckpointError(f"The checkpoint file {path} lacks the moments of an optimiser; it cannot be resumed.")
        # In the parameter's own memory layout: the fused kernel walks all of them in step.
        optimiser.state[parameter] = {
            name: value.to(parameter.device) if name == "step" else torch.empty_like(parameter.detach()).copy_(value)
            for name, value in moments.items()
        }
