"""A square field of two ratings on a page, where each spot tells its names: the live sister of a report's field."""

from __future__ import annotations

import math

import plotly.graph_objects as go

from genlab.plots.field import SMALLEST, Field
from genlab.plots.palette import PETROFF_10, UNKNOWN_COLOUR
from genlab.plots.theme import dress, ink

OWN_SIZE = 18


def field_figure(field: Field, *, dark: bool = False, height: int = 460) -> go.Figure:
    """The field with its quarters named; the area of a spot grows with the number of names."""
    figure = go.Figure()
    figure.add_scatter(
        x=[spot.x for spot in field.spots], y=[spot.y for spot in field.spots], mode="markers", showlegend=False,
        text=["<br>".join(spot.names) for spot in field.spots], hovertemplate="%{text}<extra></extra>",
        marker={
            "size": [2 * SMALLEST * math.sqrt(len(spot.names)) for spot in field.spots],
            "color": UNKNOWN_COLOUR, "opacity": 0.7,
        },
    )  # fmt: skip
    figure.add_scatter(
        x=[field.own.x], y=[field.own.y], mode="markers+text", text=list(field.own.names), textposition="top center",
        hovertemplate="%{text}<extra></extra>", showlegend=False,
        marker={"size": OWN_SIZE, "color": PETROFF_10[6], "symbol": "star"},
    )  # fmt: skip
    dress(figure, dark=dark, axes=(f"{field.across} →", f"{field.up} →"), height=height)
    text, _ = ink(dark)
    line = {"line_width": 1, "line_dash": "dash", "line_color": text}
    figure.add_vline(x=field.middle, **line)
    figure.add_hline(y=field.middle, **line)
    corners = (("right", "top"), ("left", "top"), ("right", "bottom"), ("left", "bottom"))
    for (x, y), name in zip(corners, field.quarters, strict=True):
        figure.add_annotation(
            x=field.high if x == "right" else field.low, y=field.high if y == "top" else field.low, xanchor=x,
            yanchor=y, text=f"<b>{name}</b>", showarrow=False, font={"color": text},
        )  # fmt: skip
    figure.update_xaxes(range=[field.low, field.high])
    figure.update_yaxes(range=[field.low, field.high])
    figure.update_layout(dragmode=False)
    return figure
