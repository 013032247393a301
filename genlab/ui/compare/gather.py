"""What the page knows of each run, read once, so that a run that is deleted meanwhile breaks nothing further down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from genlab.errors import GenlabError
from genlab.plots.chart import STYLES, Style, Values
from genlab.ui import live, words
from genlab.ui.errors import said
from genlab.ui.i18n import t

if TYPE_CHECKING:
    from genlab.evaluation.sheet import ScoreSheet
    from genlab.runs.metrics import Row
    from genlab.runs.status import Status
    from genlab.runs.store import Run
    from genlab.training.config import RunConfig

Axis = Literal["step", "images", "seconds"]
AXES: Final[tuple[Axis, ...]] = ("step", "images", "seconds")
LONGEST_TITLE: Final = 80


@dataclass(frozen=True)
class Entry:
    """A run as it stood when the page was drawn.

    Attributes
    ----------
    key
        What the address calls it.
    title, data
        For people: of one line, and of letters only that a file can hold.
    parameters
        Of the model; None where it cannot be built, as when the data set is gone.
    """

    run: Run
    key: str
    style: Style
    title: str
    data: str
    config: RunConfig
    status: Status
    rows: Sequence[Row]
    samples: Sequence[tuple[int, Path]]
    sheets: Sequence[ScoreSheet]
    parameters: int | None

    @property
    def images(self) -> int:
        """Pictures it was shown so far."""
        return round(self.status.step * self.config.batch_size)

    @property
    def speed(self) -> float | None:
        """Pictures a second over the whole training; None before it began."""
        return self.images / self.status.seconds if self.status.seconds else None

    def place(self, step: float, axis: Axis) -> float | None:
        """Where a step lies on an axis; None for seconds beyond what the run has written down."""
        if axis == "step":
            return float(step)
        if axis == "images":
            return float(step) * self.config.batch_size
        steps, seconds = self._clock
        return float(np.interp(step, steps, seconds)) if step <= steps[-1] else None

    @cached_property
    def _clock(self) -> tuple[Values, Values]:
        """Steps, rising, and the seconds trained at each: (N,) both."""
        times = {0.0: 0.0, **{row["step"]: row["seconds"] for row in self.rows if "seconds" in row}}
        times.setdefault(self.status.step, self.status.seconds)
        clock = np.array(sorted(times.items()), np.float64)
        return clock[:, 0], clock[:, 1]

    def curve(self, metric: str, axis: Axis) -> tuple[Values, Values]:
        """Places on the axis, and the values of a metric there: (N,) each."""
        x, y = self.columns[axis], self.columns[metric]
        known = ~np.isnan(x) & ~np.isnan(y)
        return x[known], y[known]

    @cached_property
    def columns(self) -> dict[str, Values]:
        """Each thing that was logged, (N,), NaN where a row lacks it; in the order in which they came up."""
        names = dict.fromkeys([*AXES, *(name for row in self.rows for name in row)])
        return {name: np.array([row.get(name, np.nan) for row in self.rows], np.float64) for name in names}


def read(runs: dict[str, Run]) -> tuple[list[Entry], list[str]]:
    """The runs of these keys as they stand, and why others cannot be read, a sentence each."""
    entries: list[Entry] = []
    problems: list[str] = []
    looks = styles({key: run.number for key, run in runs.items()})
    for key, run in runs.items():
        try:
            entries.append(_read(key, run, looks[key]))
        except GenlabError as error:
            problems.append(said(error))
        except OSError as error:
            problems.append(t("compare.unreadable", run=run.id, why=said(error.strerror or type(error).__name__)))
    return entries, problems


def _read(key: str, run: Run, style: Style) -> Entry:
    from genlab.runs.scores import read_scores

    config, status = run.config, run.status()
    return Entry(
        run=run,
        key=key,
        style=style,
        title=title(run),
        data=one_line(words.data_title(config.data)),
        config=config,
        status=status,
        rows=live.follow(run.path).rows(),
        samples=run.samples(),
        sheets=read_scores(run.path),
        parameters=count_parameters(config),
    )


def styles(numbers: dict[str, int]) -> dict[str, Style]:
    """A look for each run of at most eight, by its number: it keeps it as others come and go, as far as that can be."""
    free = list(range(len(STYLES)))
    taken = {}
    for key in sorted(numbers, key=numbers.__getitem__):
        wanted = (numbers[key] - 1) % len(STYLES)
        taken[key] = STYLES[free.pop(free.index(wanted) if wanted in free else 0)]
    return taken


def title(run: Run) -> str:
    """A run's number and its name."""
    name = words.title(run)
    return one_line(f"{run.number} · {name}" if run.number and run.title != run.name else name)


def one_line(text: str) -> str:
    """Text from a file that anyone may have written, short and fit to be shown."""
    line = " ".join(text.split()).encode("utf-8", "replace").decode()
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1] + "…"


def count_parameters(config: RunConfig) -> int | None:
    """Parameters of a run's model, built without memory for its weights; None where its pictures are unknown."""
    import torch

    from genlab.data import find
    from genlab.models import build

    try:
        source = find(config.data)
        with torch.device("meta"):
            model = build(config.model, source.shape, config.options, source.n_classes)
    except GenlabError:
        return None
    return sum(parameter.numel() for parameter in model.parameters())
