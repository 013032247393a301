"""``target.json``: the score that a run is to reach, and whether it did.

The last step of the way from data to a model: data, preparation, training, evaluation, and then either the model is
good enough to be used, or it is trained again, changed in what its training points at.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from genlab.errors import GenlabError
from genlab.evaluation.sheet import GOOD_END, ScoreSheet
from genlab.paths import atomic_write_json
from genlab.runs.changes import changing
from genlab.runs.doctor import diagnose
from genlab.runs.store import Run
from genlab.runs.verdicts import Action, Case

TARGET_FILE = "target.json"
SCORES = tuple(score for score, end in GOOD_END.items() if end is not None)
"""Scores that a target can be set on."""

SEVERITIES = ("serious", "warning", "hint")


class TargetError(GenlabError):
    """A target makes no sense; the message says why."""


@dataclass(frozen=True)
class Target:
    """A bound that a score has to reach, from the side of :data:`~genlab.evaluation.sheet.GOOD_END`.

    Raises
    ------
    TargetError
        The score is unknown or has no good end, or the bound is no finite number.
    """

    score: str
    bound: float

    def __post_init__(self) -> None:
        if self.score not in SCORES:
            raise TargetError(f"A target is set on one of {', '.join(SCORES)}, not on {str(self.score)[:80]!r}.")
        number = isinstance(self.bound, int | float) and not isinstance(self.bound, bool)
        if not number or not math.isfinite(self.bound) or self.bound < 0:
            raise TargetError(f"A target is a number from 0 on, not {str(self.bound)[:80]!r}.")

    @property
    def is_ceiling(self) -> bool:
        """Whether low scores are good."""
        return GOOD_END[self.score] == "low"

    def is_met(self, value: float) -> bool:
        """Whether a score is as good as asked for, or better."""
        return value <= self.bound if self.is_ceiling else value >= self.bound


def parse_target(text: str) -> Target:
    """The target of ``fid=15``.

    Raises
    ------
    TargetError
        The text has another form, or makes no sense as a target.
    """
    score, _, bound = text.partition("=")
    try:
        return Target(score, float(bound))
    except ValueError:
        raise TargetError(f"A target is written as in fid=15, not as {text[:80]!r}.") from None


@dataclass(frozen=True)
class Judgement:
    """What the gate says.

    Attributes
    ----------
    target
        What was asked for.
    sheet
        The best full sheet of a checkpoint that is still there; None while there is none.
    """

    target: Target
    sheet: ScoreSheet | None

    @property
    def value(self) -> float | None:
        """The score that counts."""
        return None if self.sheet is None else self.sheet.scores[self.target.score]

    @property
    def passed(self) -> bool | None:
        """Whether the target is met; None while nothing was scored."""
        return None if self.value is None else self.target.is_met(self.value)


def write_target(folder: Path, target: Target) -> None:
    """Put a target into a run's folder."""
    atomic_write_json(folder / TARGET_FILE, asdict(target))


def read_target(folder: Path) -> Target | None:
    """The target of the run in a folder; None where it has none, or one that makes no sense."""
    try:
        values: Any = json.loads((folder / TARGET_FILE).read_text(encoding="utf-8"))
        return Target(**values)
    except (OSError, ValueError, TypeError, TargetError):
        return None


def set_target(run: Run, target: Target | None) -> None:
    """Give a run a target, another one, or none.

    Raises
    ------
    RunError
        The run was deleted or cannot be changed.
    """
    with changing(run):
        if target is None:
            (run.path / TARGET_FILE).unlink(missing_ok=True)
        else:
            write_target(run.path, target)


def judge(target: Target, sheets: Sequence[ScoreSheet], steps: Sequence[int]) -> Judgement:
    """Hold a run's scores against its target.

    Quick scores do not count: fewer pictures give other numbers. Nor do those of checkpoints that are gone, which
    nobody could use. Of sheets by different extractors those made like the newest count.

    Parameters
    ----------
    steps
        The checkpoints that are still there.
    """
    found = [sheet for sheet in sheets if sheet.kind == "full" and sheet.step in steps and target.score in sheet.scores]
    newest = max(found, key=lambda sheet: sheet.created, default=None)
    if newest is None:
        return Judgement(target, None)
    alike = [sheet for sheet in found if (sheet.extractor_hash, sheet.n) == (newest.extractor_hash, newest.n)]
    pick = min if target.is_ceiling else max
    return Judgement(target, pick(alike, key=lambda sheet: sheet.scores[target.score]))


def next_attempt(case: Case) -> Action:
    """What to try where a target was missed: the remedy of the worst ailment that has one, else more training."""
    verdicts = sorted(diagnose(case), key=lambda verdict: SEVERITIES.index(verdict.severity))
    actions = [verdict.action for verdict in verdicts if verdict.action is not None]
    return actions[0] if actions else case.more()
