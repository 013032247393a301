"""What each answer to each question would lead to, the others left as they are: a bar a question, a part an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from genlab.plots.palette import PETROFF_10
from genlab.plots.theme import dress, ink

ROW = 46
FRAME = 90
COLOURS = (PETROFF_10[0], PETROFF_10[9], PETROFF_10[3], PETROFF_10[1])
"""Of the outcomes in their order; dark letters read on each."""


@dataclass(frozen=True)
class Bar:
    """A question: its name, the outcome's key of each answer, and which answer is given, counted from 0."""

    name: str
    outcomes: Sequence[str]
    answers: Sequence[str]
    given: int


def verdict_bars(bars: Sequence[Bar], outcomes: Mapping[str, str], *, dark: bool = False) -> go.Figure:
    """The bars, coloured by outcome; the given answers are framed.

    Parameters
    ----------
    outcomes
        What outcomes are called, by key; at most four.
    """
    figure = go.Figure()
    for (key, name), colour in zip(outcomes.items(), COLOURS, strict=False):
        parts = [(bar, at) for bar in bars for at, outcome in enumerate(bar.outcomes) if outcome == key]
        figure.add_bar(
            y=[bar.name for bar, _ in parts], x=[1] * len(parts), base=[at + 0.5 for _, at in parts],
            orientation="h", name=name, marker_color=colour, text=[name] * len(parts), insidetextanchor="middle",
            textfont={"color": "#111"}, customdata=[bar.answers[at] for bar, at in parts],
            hovertemplate="%{customdata}: %{text}<extra></extra>", showlegend=False,
            marker_line={"width": 1, "color": "rgba(127,127,127,.6)"},
        )  # fmt: skip
    text, _ = ink(dark)
    for row, bar in enumerate(bars):
        figure.add_shape(
            type="rect", x0=bar.given + 0.53, x1=bar.given + 1.47, y0=row - 0.38, y1=row + 0.38,
            line={"color": text, "width": 3},
        )  # fmt: skip
    dress(figure, dark=dark, axes=("", ""), height=ROW * len(bars) + FRAME)
    figure.update_layout(barmode="overlay", bargap=0.25, dragmode=False)
    figure.update_xaxes(tickvals=[1, 2, 3, 4], range=[0.5, 4.5], showgrid=False)
    figure.update_yaxes(autorange="reversed", categoryorder="array", categoryarray=[bar.name for bar in bars])
    return figure
