"""Some things on several scales from 0 to 1 at once, each a closed line; where a scale was not measured, a gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from genlab.plots.palette import PETROFF_10
from genlab.plots.theme import dress, ink

HEIGHT = 440


def radar(
    axes: Sequence[str], lines: Mapping[str, Sequence[tuple[float, str] | None]], *, dark: bool = False
) -> go.Figure:
    """A line a thing; 1 is outside.

    Parameters
    ----------
    axes
        What the scales are called.
    lines
        By name: for each scale a value in [0, 1] with what is told of it, or None where there is none.
    """
    figure = go.Figure()
    for (name, values), colour in zip(lines.items(), PETROFF_10, strict=False):
        around = [*range(len(axes)), 0]
        figure.add_scatterpolar(
            r=[None if (one := values[at]) is None else one[0] for at in around],
            theta=[axes[at] for at in around],
            text=["" if (one := values[at]) is None else one[1] for at in around],
            name=name, mode="lines+markers", connectgaps=False, line={"color": colour, "width": 2.5},
            marker={"size": 8, "color": colour}, hovertemplate=f"%{{theta}}: %{{text}}<extra>{name}</extra>",
        )  # fmt: skip
    dress(figure, dark=dark, axes=("", ""), height=HEIGHT)
    text, grid = ink(dark)
    figure.update_layout(
        dragmode=False,
        margin={"l": 48, "r": 48, "t": 32, "b": 8},
        polar={
            "bgcolor": "rgba(0,0,0,0)",
            "radialaxis": {
                "range": [0, 1], "tickvals": [0.25, 0.5, 0.75, 1], "gridcolor": grid, "linecolor": grid,
                "tickfont": {"color": text, "size": 11}, "angle": 90, "tickangle": 90,
            },
            "angularaxis": {
                "gridcolor": grid, "linecolor": grid, "tickfont": {"color": text}, "direction": "clockwise",
            },
        },
        legend={"y": -0.08},
    )  # fmt: skip
    return figure
