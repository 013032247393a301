"""What is searched and what was found, as it stands in a search's folder; see :mod:`genlab.runs.search`."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from genlab.errors import GenlabError
from genlab.evaluation.sheet import Kind
from genlab.paths import home
from genlab.runs.jsonl import is_number
from genlab.runs.space import MAX_POINTS, Result, SearchError, Space, grid, parse_space, propose
from genlab.training.config import RunConfig

Method = Literal["grid", "bayes"]
Outcome = Literal["open", "scored", "failed"]

SEARCHES = "searches"
PLAN_FILE = "search.json"
TRIALS_FILE = "trials.jsonl"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Plan:
    """What is searched, and how.

    Attributes
    ----------
    config
        The training that all trials have in common; its seed is that of the search too.
    vary
        What differs between them; see :mod:`genlab.runs.space`.
    trials
        How many are wanted; None with a grid, which takes all of its points.
    score, lower
        Name of the score in a score sheet, and whether it is better low.
    kind
        Of the score sheets.

    Raises
    ------
    GenlabError
        The space or the number of trials makes no sense.
    """

    config: RunConfig
    vary: tuple[str, ...]
    method: Method
    trials: int | None
    score: str
    lower: bool
    kind: Kind

    def __post_init__(self) -> None:
        if self.method not in get_args(Method) or self.kind not in get_args(Kind):
            raise SearchError("A search is a grid or bayes, and its scores are quick or full.")
        space = self.space  # checked here, before anything is written
        if self.method == "grid":
            if self.trials is not None:
                raise SearchError("A grid tries each of its points once: leave --trials out, or use --bayes.")
            grid(space)
        elif self.trials is None or not 1 <= self.trials <= MAX_POINTS:
            raise SearchError(f"A search has 1 to {MAX_POINTS} trials, not {self.trials}.")

    @cached_property
    def space(self) -> Space:
        """What `vary` says, checked against the model's own ranges."""
        return parse_space(self.config.model, self.vary)

    @property
    def wanted(self) -> int:
        """Trials of the whole search."""
        return len(grid(self.space)) if self.trials is None else self.trials

    def point(self, results: list[Result]) -> dict[str, Any] | None:
        """What to try after `results`; None at the end."""
        if len(results) >= self.wanted:
            return None
        if self.method == "grid":
            return grid(self.space)[len(results)]
        return propose(self.space, results, self.config.seed, self.lower)


@dataclass(frozen=True)
class Trial:
    """One point of a search, and what came of it.

    Attributes
    ----------
    number
        From 1.
    run
        Name of the run's folder; empty until it is made.
    score, floor
        Where `outcome` is ``"scored"``: its score, and that of real pictures where there is one.
    extractor, extractor_hash
        What the score was computed with.
    why
        Where `outcome` is ``"failed"``.
    """

    number: int
    values: dict[str, Any]
    run: str = ""
    outcome: Outcome = "open"
    score: float | None = None
    floor: float | None = None
    extractor: str = ""
    extractor_hash: str = ""
    why: str = ""


def searches_dir() -> Path:
    """One folder a search, beside the runs."""
    return home() / SEARCHES


def check_name(name: str) -> None:
    """Raise a SearchError unless `name` may name a search."""
    if not NAME.fullmatch(name):
        raise SearchError(f"A search's name has 1 to 40 small letters, digits and hyphens; it was {name[:60]!r}.")


def new_name() -> str:
    """The number after the highest that a search bears."""
    folders = searches_dir().iterdir() if searches_dir().is_dir() else iter(())
    taken = [int(entry.name) for entry in folders if NAME.fullmatch(entry.name) and entry.name.isdigit()]
    return str(max(taken, default=0) + 1)


def read_plan(name: str) -> Plan | None:
    """What the search of this name searches; None where there is none.

    Raises
    ------
    SearchError
        The name is none, or the search's file is damaged.
    """
    check_name(name)
    path = searches_dir() / name / PLAN_FILE
    try:
        values: Any = json.loads(path.read_text(encoding="utf-8"))
        return Plan(**{**values, "config": RunConfig.from_dict(values["config"]), "vary": tuple(values["vary"])})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, GenlabError) as error:
        raise SearchError(f"The search {name} cannot be gone on with: {path} says {error}.") from error


def read_trials(folder: Path) -> list[Trial]:
    """The trials of a search, by number; of the lines of one, the last counts. A line that is cut is left out."""
    try:
        lines = (folder / TRIALS_FILE).read_bytes().split(b"\n")
    except (FileNotFoundError, NotADirectoryError):
        return []
    trials = {trial.number: trial for line in lines if (trial := _parse(line)) is not None}
    return [trials[number] for number in itertools.takewhile(trials.__contains__, itertools.count(1))]


def _parse(line: bytes) -> Trial | None:
    try:
        values: Any = json.loads(line)
        trial = Trial(**{entry.name: values[entry.name] for entry in fields(Trial)})
    except (ValueError, KeyError, TypeError):
        return None
    fits = isinstance(trial.number, int) and isinstance(trial.values, dict) and trial.outcome in get_args(Outcome)
    return trial if fits and (trial.outcome == "scored") == is_number(trial.score) else None
