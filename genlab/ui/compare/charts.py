"""The curves and the scores of several runs, as charts that the page and the report share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from genlab.plots.chart import Chart, Line, Mark, thin
from genlab.ui.compare.measured import best, floors
from genlab.ui.compare.protocols import floor_text, score_text
from genlab.ui.curves import curve_label
from genlab.ui.i18n import t

if TYPE_CHECKING:
    from genlab.ui.compare.gather import Axis, Entry
    from genlab.ui.compare.measured import Measured

SPEED: Final = "images_per_second"
DECADES: Final = ("fid", "kid")
"""Scores that fall by orders of magnitude while a model learns."""


def metrics(entries: Sequence[Entry], *, shared: bool) -> list[str]:
    """The curves there are, in the order in which runs write them.

    Parameters
    ----------
    shared
        Only those that two runs or more have; a run alone shares all of its own.
    """
    having = Counter(name for entry in entries for name in entry.columns)
    least = min(2, len(entries)) if shared else 1
    return [name for name, n in having.items() if n >= least and ("/" in name or name == SPEED)]


def curve(entries: Sequence[Entry], metric: str, axis: Axis) -> Chart:
    """One metric of all runs that have it."""
    lines = []
    for entry in entries:
        if metric not in entry.columns:
            continue
        x, y = thin(*entry.curve(metric, axis))
        if len(x):
            lines.append(Line(entry.title, x, y, entry.style))
    title = t("compare.speed") if metric == SPEED else curve_label(metric)
    return Chart(title, t(f"compare.axis.{axis}"), lines)


def scores(rows: Sequence[Measured], score: str, axis: Axis) -> Chart | None:
    """A score over the training, of sheets made alike: a point a sheet, a line a run, the best and the floor.

    None where no sheet has this score at a known place.
    """
    places: dict[str, dict[float, float]] = {}
    entries = {row.entry.key: row.entry for row in rows}
    for row in rows:
        x = row.entry.place(row.sheet.step, axis)
        if x is not None and score in row.sheet.scores:
            places.setdefault(row.entry.key, {})[x] = row.sheet.scores[score]
    if not places:
        return None
    lines = []
    for key, points in places.items():
        x, y = np.array(sorted(points.items()), np.float64).T
        lines.append(Line(entries[key].title, x, y, entries[key].style))
    return Chart(
        t(f"compare.score.{score}"), t(f"compare.axis.{axis}"), lines, every_point=True,
        floors=_floors(rows, score), best=_best(rows, score, axis), may_be_log=score in DECADES,
    )  # fmt: skip


def only_value(chart: Chart) -> float | None:
    """The one value of a chart that has a single point, and shows nothing that the number alone does not."""
    values = [value for line in chart.lines for value in line.y]
    return float(values[0]) if len(values) == 1 else None


def _floors(rows: Sequence[Measured], score: str) -> list[tuple[float, str]]:
    found = floors(rows, score)
    if found is None:
        return []
    told = t("compare.floor", value=floor_text(rows, score))
    low, high = found
    return [(low, told)] if low == high else [(low, told), (high, "")]


def _best(rows: Sequence[Measured], score: str, axis: Axis) -> Mark | None:
    winner = best(rows, score)
    x = winner.entry.place(winner.sheet.step, axis) if winner is not None else None
    if winner is None or x is None:
        return None
    value = winner.sheet.scores[score]
    return Mark(x, value, t("compare.best", value=score_text(score, value)))
