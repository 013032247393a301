"""What a training begins with: fresh weights, or those of the last checkpoint that can be gone on from.

Where several processes train together (:mod:`genlab.training.ranks`), all begin alike; the others follow rank 0.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import torch

from genlab.data import load
from genlab.data.pictures import Pictures
from genlab.models import build
from genlab.models.base import GenerativeModel
from genlab.models.storage import WeightsError
from genlab.runs.store import CHECKPOINTS, START_FILE, Run
from genlab.runs.worker import threads
from genlab.training.checkpoint import is_resumable, load_trainer, read_arithmetic, restore_replaced, start_from
from genlab.training.device import choose_device
from genlab.training.precision import Precision, choose_precision
from genlab.training.ranks import Ranks, Said, Word, telling_of_loss
from genlab.training.trainer import PRECISIONS, DivergedError, Trainer

log = logging.getLogger(__name__)

FRESH = -1
"""Said instead of a checkpoint's step."""


class Beginning(NamedTuple):
    """A trainer that is where its run stands, how its numbers are rounded, and what was passed over for that."""

    trainer: Trainer
    precision: Precision
    why: str


def begin(run: Run, pictures: Pictures, note: Callable[[str], None], ranks: Ranks | None = None) -> Beginning:
    """A trainer for a run: as the last checkpoint left it, that before where the last is damaged, else fresh.

    Parameters
    ----------
    note
        Told what takes a while.
    ranks
        The processes that train it together, of which this one is rank 0; None where there is no other.

    Raises
    ------
    GenlabError
        No checkpoint can be gone on from, or the configuration does not fit the machine or the pictures.
    """
    restore_replaced(run.path / CHECKPOINTS)
    newest: WeightsError | None = None
    for step, folder in reversed([entry for entry in run.checkpoints() if is_resumable(entry[1])]):
        try:
            trainer, precision = _resumed(run, pictures, folder, ranks)
        except WeightsError as error:
            log.error("%s", error)
            newest = newest or error
            continue
        why = "" if newest is None else f"The last checkpoint was damaged, so it went on from step {step}."
        return Beginning(trainer, precision, why)
    if newest is not None:
        raise WeightsError(f"{newest} Start a new run.") from newest
    return Beginning(*_fresh(run, pictures, note, ranks), "")


def _resumed(run: Run, pictures: Pictures, folder: Path, ranks: Ranks | None) -> tuple[Trainer, Precision]:
    kept = read_arithmetic(folder)
    torch.set_num_threads(min(kept.threads, os.cpu_count() or 1))  # more would only wait; the file may be a stranger's
    model = _seeded(run, pictures)
    trainer = _led(run, model, pictures, kept.precision, int(folder.name), ranks)
    load_trainer(trainer, folder)
    return trainer, Precision(kept.precision, "kept from the checkpoint")


def _fresh(run: Run, pictures: Pictures, note: Callable[[str], None], ranks: Ranks | None) -> tuple[Trainer, Precision]:
    torch.set_num_threads(threads(1 if ranks is None else ranks.local_size))
    model = _seeded(run, pictures)
    if (run.path / START_FILE).exists():
        start_from(model, run.path / START_FILE)
    note("measuring which number format is faster")
    precision = choose_precision(model, pictures, run.config, choose_device(run.config.device))
    return _led(run, model, pictures, precision.name, FRESH, ranks), precision


def _seeded(run: Run, pictures: Pictures) -> GenerativeModel:
    config = run.config
    torch.manual_seed(config.seed)
    return build(config.model, pictures.shape, config.options, len(pictures.classes))


def _led(
    run: Run, model: GenerativeModel, pictures: Pictures, precision: str, step: int, ranks: Ranks | None
) -> Trainer:
    """A trainer of this process, alone or as rank 0, which tells the others to make the like."""
    device = choose_device(run.config.device)
    if ranks is not None:
        ranks.check(model, run.config.batch_size)  # before the others begin
        ranks.say(Word.BEGIN, step, torch.get_num_threads(), list(PRECISIONS).index(precision))
    return Trainer(model, pictures, run.config, device, precision, ranks)


def follow(run: Run, ranks: Ranks) -> None:
    """Train a run as one of the processes that rank 0 leads, writing nothing, until it says that it is over.

    Raises
    ------
    GenlabError
        The training cannot begin here, or another process ended.
    """
    trainer: Trainer | None = None
    while (said := ranks.hear()).word != Word.END:
        if said.word == Word.BEGIN:
            with suppress(WeightsError):  # rank 0 finds it damaged as well, and goes back to the one before
                trainer = _following(run, said, ranks)
            continue
        assert trainer is not None
        if said.word == Word.METRICS:
            with suppress(DivergedError):  # of the same numbers rank 0 makes the run's end
                trainer.take_metrics()
        else:
            trainer.seconds, trainer.lr_scale, _ = said.numbers
            with telling_of_loss():
                trainer.step()


def _following(run: Run, said: Said, ranks: Ranks) -> Trainer:
    step, threads, precision = map(int, said.numbers)
    torch.set_num_threads(threads)
    pictures = load(run.config.data, "train")
    device = choose_device(run.config.device, ranks.local_rank)
    model = _seeded(run, pictures)
    if step == FRESH and (run.path / START_FILE).exists():
        start_from(model, run.path / START_FILE)
    trainer = Trainer(model, pictures, run.config, device, list(PRECISIONS)[precision], ranks)
    if step != FRESH:
        load_trainer(trainer, run.path / CHECKPOINTS / f"{step:06d}")
    return trainer
