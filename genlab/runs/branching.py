"""A branch: a new run that starts with the weights of another one's checkpoint and with other options."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from genlab.data import find
from genlab.models import build
from genlab.models.storage import WeightsError, load_model
from genlab.runs.gate import read_target, write_target
from genlab.runs.provenance import Origin
from genlab.runs.store import Run, RunError, create_run
from genlab.runs.verdicts import Action
from genlab.runs.worker import ensure_workers
from genlab.training.checkpoint import MODEL_FILE, start_from

log = logging.getLogger(__name__)


def branch(run: Run, action: Action) -> Run:
    """Queue a branch of a run and see to it that a worker takes it.

    It has a step count, a budget and optimisers of its own. Where the weights do not fit the changed options, or the
    model trains in several stages, which begin with the first, it starts with fresh ones; its origin tells which. It
    has the same target to reach.

    Raises
    ------
    RunError
        There is no such checkpoint, or the new run cannot be written.
    genlab.data.DataError
        The pictures that it was trained on are gone, or not shared.
    genlab.models.ModelError
        The options do not go with the others, or with the pictures.
    """
    config = replace(run.config, options={**run.config.options, **action.options}).longer(action.longer)
    find(config.data)  # a training without its pictures would only fail
    weights = None if action.step is None else _weights(run, action.step)
    if weights is not None:
        stored = load_model(weights)
        model = build(config.model, stored.model.shape, config.options, len(stored.classes))
        try:
            start_from(model, weights)
        except WeightsError as error:
            log.info("The branch of %s starts with fresh weights: %s", run.name, error)
            weights = None
    origin = Origin(run.name, None if weights is None else action.step)
    made = create_run(config, origin=origin, weights=weights)
    if (target := read_target(run.path)) is not None:
        write_target(made.path, target)
    ensure_workers()
    return made


def starts(run: Run) -> list[int]:
    """Steps of the checkpoints that a branch can start from, ascending; none for a model with several stages."""
    found = [(step, folder / MODEL_FILE) for step, folder in run.checkpoints() if (folder / MODEL_FILE).exists()]
    # The first is never thinned out, so that its file is looked into once, however often a page asks.
    return [step for step, _ in found] if found and _has_one_stage(found[0][1]) else []


@lru_cache(maxsize=1024)
def _has_one_stage(weights: Path) -> bool:
    return len(load_model(weights).model.stages()) == 1


def _weights(run: Run, step: int) -> Path | None:
    folder = dict(run.checkpoints()).get(step)
    if folder is None:
        raise RunError(f"The run {run.id} has no checkpoint of step {step} any more. Choose another one.")
    return folder / MODEL_FILE if step in starts(run) else None
