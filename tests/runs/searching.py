"""Searches whose trainings and scores are made up, for tests."""

from collections.abc import Callable
from dataclasses import replace

from genlab.evaluation.sheet import ScoreSheet
from genlab.runs.search import Search, holding
from genlab.runs.search_plan import (
    Plan,
    Trial,
)
from genlab.runs.status import Status, write_status
from genlab.runs.store import Run
from tests.helpers import BY_NAME, config

VARY = ("lr=1e-4..1e-2", "prior=normal,mixture")
PLAN = Plan(config("vae", options=BY_NAME["vae"].options, steps=3), VARY, "bayes", 6, "fid", True, "quick")
GRID = replace(PLAN, vary=("lr=1e-4..1e-2/3", "prior=normal,mixture"), method="grid", trials=None)


def trained(run: Run) -> Status:
    """A training that only says so."""
    status = Status("finished", step=3, progress=1.0)
    write_status(run.path, status)
    return status


def sheet(score: float, extractor_hash: str = "abc", name: str = "fid") -> ScoreSheet:
    return ScoreSheet(3, "quick", "eyes", extractor_hash, 50, 60, "test", 0, {name: score}, {name: 1.5})


def scored(run: Run) -> ScoreSheet:
    """Low rates are good, and so are mixtures."""
    options = run.config.options
    return sheet(1e4 * options["lr"] + (options["prior"] == "normal"))


def conduct(
    plan: Plan = PLAN,
    train: Callable[[Run], Status] = trained,
    score: Callable[[Run], ScoreSheet] = scored,
    tell: Callable[[Trial], None] = lambda _: None,
) -> tuple[Search, bool]:
    with holding("s", plan) as search:
        return search, search.conduct(train, score, tell)


def fail_at(number: int, ending: Exception | BaseException | Status) -> Callable[[Run], Status]:
    """Train, but the run of this number comes to another end."""

    def train(run: Run) -> Status:
        if run.number != number:
            return trained(run)
        if not isinstance(ending, Status):
            raise ending
        write_status(run.path, ending)
        return ending

    return train
