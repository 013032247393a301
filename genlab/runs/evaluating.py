"""Scores of a run's checkpoints: draw pictures from one, score them, write the sheet into the run."""

from __future__ import annotations

import time
from dataclasses import replace

from torch import Tensor

from genlab.data import find
from genlab.errors import GenlabError
from genlab.evaluation.extractor import RANDOM, Extractor, extractor_for, random_extractor
from genlab.evaluation.inception import NAME as INCEPTION
from genlab.evaluation.inception import inception_extractor
from genlab.evaluation.score import FEWEST, SIZES, score
from genlab.evaluation.sheet import Kind, ScoreSheet
from genlab.models.storage import StoredModel
from genlab.runs.changes import changing
from genlab.runs.sampling import generate, load_checkpoint
from genlab.runs.scores import append_scores
from genlab.runs.store import Run, RunError

AUTO = "auto"
EXTRACTORS = (AUTO, RANDOM, INCEPTION)


def evaluate(
    run: Run,
    step: int | None = None,
    kind: Kind = "full",
    n: int | None = None,
    seed: int = 0,
    extractor: str = AUTO,
) -> ScoreSheet:
    """Score a checkpoint and append the sheet to the run.

    Parameters
    ----------
    step
        The checkpoint's; None takes the newest.
    n
        Pictures to draw; by default what the kind says.
    extractor
        ``"auto"`` (see :func:`genlab.evaluation.extractor.extractor_for`), ``"random-conv"`` or ``"inception"``.

    Raises
    ------
    GenlabError
        There is no such checkpoint, or it cannot be scored; the message says why.
    """
    run.check_changeable()
    began = time.process_time()
    stored, at = load_checkpoint(run, step)
    if step not in (None, at):
        raise RunError(f"The run {run.id} has no checkpoint of step {step}; the one before is of step {at}.")
    by = _extractor(extractor, run.config.data)
    n = SIZES[kind] if n is None else n
    if n < FEWEST:
        raise RunError(f"At least {FEWEST} pictures are needed for a score, not {n}.")
    pictures = generate(stored.model, n, seed)
    sheet = score(pictures, run.config.data, by, step=at, seed=seed, kind=kind, by_class=_by_class(stored, n, seed, by))
    sheet = replace(sheet, cost_seconds=round(time.process_time() - began, 2))
    with changing(run):
        append_scores(run.path, sheet)
    return sheet


def _extractor(name: str, data: str) -> Extractor:
    if name == AUTO:
        return extractor_for(data)
    if name == RANDOM:
        return random_extractor(find(data).shape)
    if name == INCEPTION:
        return inception_extractor()
    raise GenlabError(f"An extractor is one of {', '.join(EXTRACTORS)}, not {name!r}.")


def _by_class(stored: StoredModel, n: int, seed: int, extractor: Extractor) -> dict[int, Tensor] | None:
    """A tenth as many pictures again, asked for by class, of a model that can be asked and classes that are known."""
    classes = stored.model.prior.n_classes
    if not classes or stored.classes != extractor.classes:
        return None
    each = max(1, n // (10 * classes))
    return {label: generate(stored.model, each, seed, label=label) for label in range(classes)}
