"""Events in rows along the years, those of a crowded time below each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from genlab.plots.palette import PETROFF_10
from genlab.plots.theme import dress, ink

MONTHS = 12
CROWDED, SLOW = 2010, 0.12
"""The year from which on most happens, and how wide a year before it is drawn, as a share of one after it."""
TICKS = (1950, 1980, 2010, 2015, 2020, 2025)
APART = 1.2
"""How far marks of one lane lie apart, in years as drawn after `CROWDED`."""
LANE, FRAME = 18, 60
"""Height in pixels of a lane, and of what stands around the rows."""
BETWEEN = 0.7
"""Room between rows, in lanes."""


@dataclass(frozen=True)
class Dated:
    """An event: month 1 to 12, or 0 where only the year is known; `row` counts from 0."""

    key: str
    name: str
    year: int
    month: int
    row: int


def place(year: float) -> float:
    """Where a year stands on the axis: 0 for `CROWDED`, a year after it being 1 wide."""
    return (year - CROWDED) * (1.0 if year > CROWDED else SLOW)


def lanes(places: Sequence[float]) -> list[int]:
    """The lane of each mark, from 0: the first in which it lies at least `APART` from the one before it."""
    last: list[float] = []
    chosen = [0] * len(places)
    for index in sorted(range(len(places)), key=places.__getitem__):
        free = next((lane for lane, at in enumerate(last) if places[index] - at >= APART), len(last))
        last[free : free + 1] = [places[index]]
        chosen[index] = free
    return chosen


def timeline_figure(events: Sequence[Dated], rows: Sequence[str], *, dark: bool = False) -> go.Figure:
    """A mark an event, a row a strand; `customdata` holds the keys. Without a month it stands in mid-year."""
    figure = go.Figure()
    _, grid = ink(dark)
    top, middles = 0.0, []
    for row, name in enumerate(rows):
        mine = [event for event in events if event.row == row]
        x = [place(event.year + ((event.month - 0.5) / MONTHS if event.month else 0.5)) for event in mine]
        below = lanes(x)
        figure.add_scatter(
            x=x, y=[top + lane for lane in below], mode="markers", name=name, showlegend=False,
            customdata=[event.key for event in mine], text=[f"{event.year}: {event.name}" for event in mine],
            hovertemplate="%{text}<extra></extra>",
            marker={"size": 13, "color": PETROFF_10[row % len(PETROFF_10)], "opacity": 0.85, "symbol": "diamond"},
        )  # fmt: skip
        deep = max(below, default=0)
        middles.append(top + deep / 2)
        top += deep + 1 + BETWEEN
        figure.add_hline(y=top - (1 + BETWEEN) / 2, line={"width": 1, "color": grid})
    dress(figure, dark=dark, axes=("", ""), height=round(LANE * top) + FRAME)
    figure.update_xaxes(
        tickvals=[place(year) for year in TICKS], ticktext=[str(year) for year in TICKS], zeroline=False
    )
    figure.update_yaxes(
        tickvals=middles, ticktext=list(rows), range=[top - (1 + BETWEEN) / 2, -(1 + BETWEEN) / 2], showgrid=False,
        zeroline=False,
    )  # fmt: skip
    figure.update_layout(dragmode=False, clickmode="event+select")
    return figure
