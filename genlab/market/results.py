"""Stored results of experiments: one JSON file each, written by the runner and never by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from genlab.errors import GenlabError
from genlab.market.experiments import Experiment
from genlab.market.judging import Compared, Finding, Summary, judge, summary
from genlab.market.loading import DATA
from genlab.paths import atomic_write_json

FOLDER = DATA / "results"


@dataclass(frozen=True)
class Result:
    """What an experiment came to.

    Attributes
    ----------
    experiment
        Its key.
    fingerprint
        The experiment's when it was run.
    seeds
        One for each value of an arm.
    values
        The metric by arm; None where a loss ceased to be a number.
    drawn
        Pictures drawn of each run.
    seconds
        That all of it took.
    machine
        What it ran on, by name of the fact.
    date
        When it ended, ISO 8601 with its zone.
    commit
        Of the code; empty where it ran from no checkout.
    runs
        Names of the runs' folders by arm, one a seed, in the home where it was run; empty in the lab's own results.
        A name is empty where nothing was trained.
    """

    experiment: str
    fingerprint: str
    seeds: tuple[int, ...]
    values: Mapping[str, tuple[float | None, ...]]
    drawn: int
    seconds: float
    machine: Mapping[str, str]
    date: str
    commit: str
    runs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def summaries(self) -> dict[str, Summary]:
        """Mean and spread of each arm."""
        return {arm: summary(values) for arm, values in self.values.items()}


def result(experiment: Experiment, folder: Path = FOLDER) -> Result | None:
    """The stored result of an experiment; None where it has not been run yet, or only in another form.

    Raises
    ------
    ValueError
        The file is not what the runner writes.
    """
    try:
        told = json.loads((folder / f"{experiment.key}.json").read_text("utf-8"))
    except FileNotFoundError:
        return None
    found = _parsed(told)
    if found.fingerprint != experiment.fingerprint:
        return None
    if set(found.values) != {arm.key for arm in experiment.arms} or found.experiment != experiment.key:
        raise ValueError(f"the result of {experiment.key!r} has other arms than the experiment: {list(found.values)}")
    return found


def finding(experiment: Experiment, found: Result) -> tuple[tuple[Compared, ...], Finding]:
    """The pairs of a result compared, and what it says of the claim: by the rule, from the values, at every call."""
    return judge(experiment, found.values)


def store(experiment: Experiment, found: Result, folder: Path = FOLDER) -> Path:
    """Write a result, with what it comes to, for people to read, and return the file.

    Raises
    ------
    GenlabError
        The folder cannot be written to.
    """
    compared, said = finding(experiment, found)
    path = folder / f"{experiment.key}.json"
    record = asdict(found) | {
        "summaries": {arm: asdict(each) for arm, each in found.summaries().items()},
        "pairs": [asdict(pair) for pair in compared],
        "finding": said,
    }
    try:
        atomic_write_json(path, record)
    except OSError as error:
        raise GenlabError(f"The result cannot be written to {path}: {error.strerror or error}.") from error
    return path


def _parsed(told: Any) -> Result:
    try:
        found = Result(
            experiment=str(told["experiment"]),
            fingerprint=str(told["fingerprint"]),
            seeds=tuple(int(seed) for seed in told["seeds"]),
            values={str(arm): tuple(_number(value) for value in values) for arm, values in told["values"].items()},
            drawn=int(told["drawn"]),
            seconds=float(told["seconds"]),
            machine={str(name): str(value) for name, value in told["machine"].items()},
            date=str(told["date"]),
            commit=str(told["commit"]),
            runs={str(arm): tuple(map(str, runs)) for arm, runs in told.get("runs", {}).items()},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no result of an experiment: {error!r}") from error
    if any(len(values) != len(found.seeds) for values in found.values.values()):
        raise ValueError(f"the result of {found.experiment!r} has not one value a seed")
    return found


def _number(value: Any) -> float | None:
    return None if value is None else float(cast(float, value))
