"""Two sides on one balance: how many speak for each, one row a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from genlab.plots.palette import PETROFF_10
from genlab.plots.theme import dress

ROW = 44
FRAME = 120
"""Height in pixels of a row, and of what stands around the rows."""


@dataclass(frozen=True)
class Balance:
    """What is weighed.

    Attributes
    ----------
    names
        Of the rows, from the top.
    left, right
        Counts of the two sides, one a row, not negative.
    sides
        What they are called.
    axis
        Title of the axis of counts.
    """

    names: Sequence[str]
    left: Sequence[int]
    right: Sequence[int]
    sides: tuple[str, str]
    axis: str


def balance_figure(told: Balance, *, dark: bool = False) -> go.Figure:
    """Bars that go to the left for one side and to the right for the other, from a common middle."""
    figure = go.Figure()
    signed = ([-count for count in told.left], list(told.right))
    for name, values, colour in zip(told.sides, signed, (PETROFF_10[1], PETROFF_10[0]), strict=True):
        figure.add_bar(
            y=list(told.names), x=values, orientation="h", name=name, marker_color=colour,
            text=[str(abs(value)) for value in values], textposition="auto",
            hovertemplate=f"%{{y}}: %{{text}}<extra>{name}</extra>",
        )  # fmt: skip
    dress(figure, dark=dark, axes=(told.axis, ""), height=ROW * len(told.names) + FRAME)
    most = max([1, *told.left, *told.right]) * 1.1
    figure.update_layout(barmode="relative", bargap=0.35, dragmode=False)
    figure.update_layout(legend={"y": 1.02, "yanchor": "bottom", "traceorder": "normal"})
    figure.update_xaxes(range=[-most, most], tickformat="~s", showticklabels=False, zeroline=True)
    figure.update_yaxes(autorange="reversed")
    return figure
