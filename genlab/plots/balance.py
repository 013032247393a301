"""Two sides on one balance: what speaks for each, a segment of a bar apiece, one row a verdict."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from genlab.plots.palette import PETROFF_10
from genlab.plots.theme import dress

ROW = 44
FRAME = 120
"""Height in pixels of a row, and of what stands around the rows."""
LINE, LINE_CHINESE = 60, 30
"""Letters, and Chinese characters, in a line of what a segment tells."""
AROUND = 1.15
"""How far the axis reaches, as a share of the longer side: there the counts stand."""


@dataclass(frozen=True)
class Weighed:
    """One thing in a scale: its key, and what it tells when it is pointed at."""

    key: str
    text: str


@dataclass(frozen=True)
class Balance:
    """What is weighed.

    Attributes
    ----------
    names
        Of the rows, from the top.
    left, right
        What lies on the two sides, one sequence a row.
    sides
        What they are called.
    axis
        Title of the axis of counts.
    """

    names: Sequence[str]
    left: Sequence[Sequence[Weighed]]
    right: Sequence[Sequence[Weighed]]
    sides: tuple[str, str]
    axis: str


def balance_figure(told: Balance, *, dark: bool = False) -> go.Figure:
    """Bars that go to the left for one side and to the right for the other, from a common middle.

    Each is made of segments of length 1, whose `customdata` are the keys of what is weighed; its count stands at its
    end.
    """
    figure = go.Figure()
    most = max(1, *(len(row) for row in (*told.left, *told.right)))
    sides = ((told.left, -1, PETROFF_10[1]), (told.right, 1, PETROFF_10[0]))
    for name, (rows, sign, colour) in zip(told.sides, sides, strict=True):
        named = zip(told.names, rows, strict=True)
        parts = [(row, at, one) for row, weighed in named for at, one in enumerate(weighed)]
        figure.add_bar(
            y=[row for row, _, _ in parts], base=[sign * at for _, at, _ in parts], x=[sign] * len(parts),
            orientation="h", name=name, marker={"color": colour, "line": {"width": 1, "color": "#888"}},
            customdata=[one.key for _, _, one in parts], hovertext=[_wrapped(one.text) for _, _, one in parts],
            hovertemplate=f"%{{hovertext}}<extra>{name}</extra>", unselected={"marker": {"opacity": 1}},
        )  # fmt: skip
        figure.add_scatter(
            x=[sign * len(weighed) for weighed in rows], y=list(told.names), mode="text", showlegend=False,
            text=[f" {len(weighed)} " for weighed in rows], hoverinfo="skip",
            textposition="middle right" if sign > 0 else "middle left",
        )  # fmt: skip
    dress(figure, dark=dark, axes=(told.axis, ""), height=ROW * len(told.names) + FRAME)
    figure.update_layout(barmode="overlay", bargap=0.35, dragmode=False, clickmode="event+select")
    figure.update_layout(legend={"y": 1.02, "yanchor": "bottom", "traceorder": "normal"})
    figure.update_xaxes(range=[-AROUND * most, AROUND * most], showticklabels=False, showgrid=False, zeroline=True)
    figure.update_yaxes(categoryorder="array", categoryarray=list(told.names), autorange="reversed", showgrid=False)
    return figure


def _wrapped(text: str) -> str:
    is_chinese = any("\u4e00" <= letter <= "\u9fff" for letter in text)  # quotation marks alone make no Chinese
    return "<br>".join(textwrap.wrap(text, LINE_CHINESE if is_chinese else LINE))
