"""A tornado chart: how far an outcome moves when one assumption alone goes to its low and to its high end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from genlab.plots.palette import PETROFF_10
from genlab.plots.theme import dress, ink

ROW, FRAME = 36, 110
BEYOND = 1.15
"""An infinite outcome is drawn to the edge, this many times as far as the largest finite one."""


@dataclass(frozen=True)
class Swing:
    """An assumption by name, and the outcome at its two ends; infinite for never."""

    name: str
    at_low: float
    at_high: float


def tornado_figure(
    swings: Sequence[Swing], base: float, ends: tuple[str, str], axis: str, never: str, *, dark: bool = False
) -> go.Figure:
    """The bars from the outcome as given to the one at either end, in the order given, from the top.

    Parameters
    ----------
    base
        The outcome with all assumptions as given; finite.
    ends
        What the low and the high end are called.
    never
        What an infinite outcome is called.
    """
    outcomes = [value for swing in swings for value in (swing.at_low, swing.at_high)]
    edge = BEYOND * max([base, *(value for value in outcomes if math.isfinite(value))])
    figure = go.Figure()
    names = [swing.name for swing in swings]
    sides = ([swing.at_low for swing in swings], [swing.at_high for swing in swings])
    for name, values, colour in zip(ends, sides, (PETROFF_10[0], PETROFF_10[1]), strict=True):
        told = [f"{value:.3g}" if math.isfinite(value) else never for value in values]
        figure.add_bar(
            y=names, x=[min(value, edge) - base for value in values], base=base, orientation="h", name=name,
            marker_color=colour, customdata=told, hovertemplate=f"%{{y}}, {name}: %{{customdata}}<extra></extra>",
            text=[never if math.isinf(value) else "" for value in values], textposition="inside",
        )  # fmt: skip
    dress(figure, dark=dark, axes=(axis, ""), height=ROW * len(swings) + FRAME)
    figure.add_vline(x=base, line_width=2, line_color=ink(dark)[0])
    figure.update_layout(barmode="overlay", bargap=0.3, dragmode=False, legend={"y": 1.02, "yanchor": "bottom"})
    figure.update_yaxes(autorange="reversed")
    return figure
