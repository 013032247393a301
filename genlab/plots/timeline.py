"""Events in rows along the years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from genlab.plots.palette import PETROFF_10
from genlab.plots.theme import dress

MONTHS = 12
ROW, FRAME = 56, 90


@dataclass(frozen=True)
class Dated:
    """An event: month 1 to 12, or 0 where only the year is known; `row` counts from 0."""

    key: str
    name: str
    year: int
    month: int
    row: int


def timeline_figure(events: Sequence[Dated], rows: Sequence[str], *, dark: bool = False) -> go.Figure:
    """A mark an event, a row a strand; `customdata` holds the keys. Without a month it stands in mid-year."""
    figure = go.Figure()
    for row, name in enumerate(rows):
        mine = [event for event in events if event.row == row]
        figure.add_scatter(
            x=[event.year + ((event.month - 0.5) / MONTHS if event.month else 0.5) for event in mine],
            y=[name] * len(mine), mode="markers", name=name, showlegend=False,
            customdata=[event.key for event in mine], text=[f"{event.year}: {event.name}" for event in mine],
            hovertemplate="%{text}<extra></extra>",
            marker={"size": 13, "color": PETROFF_10[row % len(PETROFF_10)], "opacity": 0.85, "symbol": "diamond"},
        )  # fmt: skip
    dress(figure, dark=dark, axes=("", ""), height=ROW * len(rows) + FRAME)
    figure.update_yaxes(categoryorder="array", categoryarray=list(rows), autorange="reversed")
    figure.update_layout(dragmode=False, clickmode="event+select")
    return figure
