"""What a doctor is told of a training, and what it answers with; see :mod:`genlab.runs.doctor`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from genlab.evaluation.sheet import ScoreSheet
from genlab.runs.metrics import Row
from genlab.training.config import RunConfig

Ailment = Literal[
    "divergence", "collapse", "vanishing", "critic_strong", "critic_weak", "posterior", "overfitting", "improving"
]
LONGER = 2.0
"""Times the budget, for a training that has to begin anew."""

Severity = Literal["serious", "warning", "hint"]

Curve = list[tuple[int, float]]
"""Steps and values, by increasing step."""


@dataclass(frozen=True)
class Action:
    """One thing to try.

    Attributes
    ----------
    options
        What to change of the model's options.
    step
        The checkpoint to start from; None starts with fresh weights.
    longer
        How many times the budget to train for.
    """

    options: dict[str, Any]
    step: int | None
    longer: float = 1.0


@dataclass(frozen=True)
class Verdict:
    """One ailment.

    Attributes
    ----------
    sign
        By which of several signs it was found, such as ``"loss"`` or ``"score"``; names the sentence with `evidence`.
    evidence
        The numbers of the sentence.
    curves
        The columns they come from.
    steps
        First and last step that they speak of.
    action
        One thing to try; None where no option of the model is known to help.
    """

    key: Ailment
    severity: Severity
    sign: str
    evidence: dict[str, float]
    curves: tuple[str, ...]
    steps: tuple[int, int]
    action: Action | None


@dataclass(frozen=True)
class Case:
    """All that is known of a training.

    Attributes
    ----------
    rows
        The curve points, by increasing step.
    sheets
        The score sheets, by step.
    checkpoints
        Steps that another training could start from, ascending.
    ended
        Whether the budget is spent.
    """

    rows: Sequence[Row]
    config: RunConfig
    sheets: Sequence[ScoreSheet] = ()
    checkpoints: Sequence[int] = ()
    ended: bool = False

    @cached_property
    def options(self) -> dict[str, Any]:
        """The model's options, those that keep their defaults included."""
        from genlab.models import model_class
        from genlab.models.options import parse_options

        return dict(vars(parse_options(model_class(self.config.model).Options, self.config.options)))

    def curve(self, *names: str) -> Curve:
        """Step and value of the points that have all of the columns; of several columns the least value."""
        rows = (row for row in self.rows if all(name in row for name in names))
        return [(int(row["step"]), min(row[name] for name in names)) for row in rows]

    @property
    def progress(self) -> float:
        """Share of the budget that was spent at the last point."""
        if not self.rows:
            return 0.0
        if self.config.total_steps is not None:
            return self.rows[-1]["step"] / self.config.total_steps
        assert self.config.minutes is not None
        return self.rows[-1].get("seconds", 0.0) / (60.0 * self.config.minutes)

    def before(self, step: int) -> int | None:
        """The last checkpoint not after a step."""
        return max((checkpoint for checkpoint in self.checkpoints if checkpoint <= step), default=None)

    def act(self, onset: int, **options: Any) -> Action:
        """Change options, from the last checkpoint before something began."""
        return Action(options, self.before(onset))

    def more(self) -> Action:
        """Train on: as long again from the last checkpoint, or twice as long where none can be started from."""
        last = max(self.checkpoints, default=None)
        return Action({}, last, 1.0 if last is not None else LONGER)
