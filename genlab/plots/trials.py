"""What a search found: one score over one option, a mark a trial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from genlab.plots.chart import LOG_FROM, STYLES
from genlab.plots.lines import literal
from genlab.plots.theme import dress, ink

SLACK = 1.3
"""How far a logarithmic axis reaches beyond its values."""
MOST_TICKS = 6


@dataclass(frozen=True)
class Trials:
    """Trials that were scored; at least one.

    Attributes
    ----------
    option, score
        What the axes are called.
    x
        The option's value of each trial: numbers, or names of choices.
    y
        The score of each, finite.
    names
        What each is called.
    best
        Index of the best one.
    floor
        What real pictures score and what that is called, where it is known.
    in_decades
        Whether the option moves in decades; then `x` are positive.
    choices
        The names in their order, where `x` are names.
    """

    option: str
    score: str
    x: Sequence[float] | Sequence[str]
    y: Sequence[float]
    names: Sequence[str]
    best: int
    floor: tuple[float, str] | None = None
    in_decades: bool = False
    choices: Sequence[str] = ()


def against(trials: Trials, *, dark: bool = False, height: int = 260) -> go.Figure:
    """The figure of one option; scores that are far apart go in decades.

    Parameters
    ----------
    dark
        Whether it stands on a dark page.
    height
        In CSS pixels.
    """
    text = ink(dark)[0]
    figure = go.Figure([_marks(trials), _star(trials, text)])
    heights = [*trials.y]
    if trials.floor is not None:
        heights.append(trials.floor[0])
        figure.add_trace(_floor(trials, trials.floor, text))
    dress(figure, dark=dark, axes=(literal(trials.option), literal(trials.score)), height=height)
    figure.update_layout(showlegend=False, dragmode=False, margin={"l": 8, "r": 16, "t": 12, "b": 8})
    if trials.choices:
        figure.update_xaxes(type="category", categoryorder="array", categoryarray=trials.choices)
    elif trials.in_decades:
        figure.update_xaxes(_decades([float(x) for x in trials.x]))
    if min(heights) > 0.0 and max(heights) / min(heights) > LOG_FROM:
        figure.update_yaxes(_decades(heights))
    # A second axis across the whole width: the floor belongs to no value of the option.
    figure.update_layout(xaxis2={"overlaying": "x", "range": [0.0, 1.0], "visible": False, "fixedrange": True})
    return figure


def _decades(values: Sequence[float]) -> dict[str, Any]:
    """A logarithmic axis over `values`, with at most a few numbers beside it, written out and all of one size."""
    low, high = min(values) / SLACK, max(values) * SLACK
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    shown = [tick for tick in ticks if low <= tick <= high]
    if len(shown) > MOST_TICKS:
        shown = [10.0**power for power in powers if low <= 10.0**power <= high]
    if len(shown) < 2:  # all values are close together
        return {"type": "log", "exponentformat": "none"}
    return {"type": "log", "tickvals": shown, "ticktext": [f"{tick:g}" for tick in shown]}


def _marks(trials: Trials) -> go.Scatter:
    return go.Scatter(
        x=trials.x,
        y=trials.y,
        mode="markers",
        customdata=[literal(name) for name in trials.names],
        marker={"color": STYLES[0].colour, "size": 10},
        hovertemplate="%{customdata}<br>%{x} · %{y:.4~g}<extra></extra>",
    )


def _star(trials: Trials, colour: str) -> go.Scatter:
    return go.Scatter(
        x=[trials.x[trials.best]],
        y=[trials.y[trials.best]],
        mode="markers",
        marker={"symbol": "star-open", "size": 20, "color": colour, "line": {"width": 2, "color": colour}},
        hoverinfo="skip",
    )


def _floor(trials: Trials, floor: tuple[float, str], colour: str) -> go.Scatter:
    # A trace and no shape, which plotly places wrongly where an axis goes in decades.
    return go.Scatter(
        x=[0.0, 1.0],
        y=[floor[0], floor[0]],
        xaxis="x2",
        mode="lines+text",
        text=[literal(floor[1]), ""],
        textposition="bottom right" if floor[0] > max(trials.y) else "top right",
        textfont={"color": colour, "size": 12},
        line={"color": colour, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
