"""What a training begins with: fresh weights, or those of the last checkpoint that can be gone on from."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch

from genlab.data.pictures import Pictures
from genlab.models import build
from genlab.models.storage import WeightsError
from genlab.runs.store import CHECKPOINTS, START_FILE, Run
from genlab.runs.worker import slots
from genlab.training.checkpoint import is_resumable, load_trainer, read_arithmetic, restore_replaced, start_from
from genlab.training.device import choose_device, default_threads
from genlab.training.precision import Precision, choose_precision
from genlab.training.trainer import Trainer

log = logging.getLogger(__name__)


class Beginning(NamedTuple):
    """A trainer that is where its run stands, how its numbers are rounded, and what was passed over for that."""

    trainer: Trainer
    precision: Precision
    why: str


def begin(run: Run, pictures: Pictures, note: Callable[[str], None]) -> Beginning:
    """A trainer for a run: as the last checkpoint left it, that before where the last is damaged, else fresh.

    Parameters
    ----------
    note
        Told what takes a while.

    Raises
    ------
    GenlabError
        No checkpoint can be gone on from, or the configuration does not fit the machine or the pictures.
    """
    restore_replaced(run.path / CHECKPOINTS)
    newest: WeightsError | None = None
    for step, folder in reversed([entry for entry in run.checkpoints() if is_resumable(entry[1])]):
        try:
            trainer, precision = _resumed(run, pictures, folder)
        except WeightsError as error:
            log.error("%s", error)
            newest = newest or error
            continue
        why = "" if newest is None else f"The last checkpoint was damaged, so it went on from step {step}."
        return Beginning(trainer, precision, why)
    if newest is not None:
        raise WeightsError(f"{newest} Start a new run.") from newest
    return Beginning(*_fresh(run, pictures, note), "")


def _resumed(run: Run, pictures: Pictures, folder: Path) -> tuple[Trainer, Precision]:
    config, device = run.config, choose_device(run.config.device)
    kept = read_arithmetic(folder)
    torch.set_num_threads(kept.threads)
    torch.manual_seed(config.seed)
    model = build(config.model, pictures.shape, config.options, len(pictures.classes))
    trainer = Trainer(model, pictures, config, device, kept.precision)
    load_trainer(trainer, folder)
    return trainer, Precision(kept.precision, "kept from the checkpoint")


def _fresh(run: Run, pictures: Pictures, note: Callable[[str], None]) -> tuple[Trainer, Precision]:
    config, device = run.config, choose_device(run.config.device)
    torch.set_num_threads(default_threads(slots()))
    torch.manual_seed(config.seed)
    model = build(config.model, pictures.shape, config.options, len(pictures.classes))
    if (run.path / START_FILE).exists():
        start_from(model, run.path / START_FILE)
    note("measuring which number format is faster")
    precision = choose_precision(model, pictures, config, device)
    return Trainer(model, pictures, config, device, precision.name), precision
