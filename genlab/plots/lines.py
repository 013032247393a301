"""Line charts for a page, by plotly."""

from __future__ import annotations

from functools import lru_cache

import plotly.graph_objects as go

from genlab.plots.chart import Chart, Line
from genlab.plots.theme import dress, ink

MARKS = 8
"""Marks a line bears where not every point has one."""


def lines(chart: Chart, *, dark: bool = False, height: int = 280) -> go.Figure:
    """The figure of a chart. It has no legend: what belongs to which run is told once for all charts of a page.

    Parameters
    ----------
    dark
        Whether it stands on a dark page.
    height
        In CSS pixels.
    """
    text = ink(dark)[0]
    traces = [_line(line, chart.every_point) for line in chart.lines]
    traces += [_floor(chart, y, name, text) for y, name in chart.floors]
    if chart.best is not None:
        traces.append(_star(chart, text))
    figure = go.Figure(traces, _paper(literal(chart.axis), chart.is_log, dark, height).layout)
    figure.layout.title.text = literal(chart.title)
    return figure


@lru_cache(maxsize=32)
def _paper(axis: str, log: bool, dark: bool, height: int) -> go.Figure:
    """A figure without lines: plotly takes long over layouts, and the charts of a page share theirs."""
    paper = dress(go.Figure(), dark=dark, axes=(axis, ""), height=height)
    paper.update_layout(
        showlegend=False,
        dragmode=False,  # a finger on a chart scrolls the page; zooming is among the chart's buttons
        title={"font": {"size": 14, "color": ink(dark)[0]}, "x": 0, "y": 0.97},
        margin={"l": 8, "r": 16, "t": 40, "b": 8},
        xaxis={"rangemode": "tozero", "exponentformat": "none", "separatethousands": True},
        yaxis={"type": "log" if log else "linear", "exponentformat": "power", "minexponent": 5},
    )
    return paper


def _line(line: Line, every_point: bool) -> go.Scatter:
    colour = line.style.colour
    return go.Scatter(
        x=line.x,
        y=line.y,
        name=literal(line.name),
        mode="lines+markers",
        line={"color": colour, "width": 2, "dash": _dash(line.style.dash)},
        marker={
            "color": colour, "symbol": line.style.symbol, "size": 9 if every_point else 7,
            "maxdisplayed": 0 if every_point else MARKS,
        },
        hovertemplate=f"{literal(line.name)}<br>%{{x:,.6~g}} · %{{y:.4~g}}<extra></extra>",
    )  # fmt: skip


def _floor(chart: Chart, y: float, name: str, colour: str) -> go.Scatter:
    # A trace and no shape: plotly places the text of a shape wrongly where an axis goes in decades.
    return go.Scatter(
        x=[0.0, chart.reach],
        y=[y, y],
        mode="lines+text",
        text=[literal(name), ""],
        textposition="top right",
        textfont={"color": colour, "size": 12},
        line={"color": colour, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )


def _star(chart: Chart, colour: str) -> go.Scatter:
    assert chart.best is not None
    return go.Scatter(
        x=[chart.best.x],
        y=[chart.best.y],
        mode="markers+text",
        text=[literal(chart.best.text)],
        textposition="top left" if chart.best.x > chart.reach / 2 else "top right",
        textfont={"color": colour, "size": 13},
        marker={"symbol": "star-open", "size": 18, "color": colour, "line": {"width": 2, "color": colour}},
        hoverinfo="skip",
    )


def _dash(strokes: str) -> str:
    return ",".join(f"{stroke}px" for stroke in strokes.split()) or "solid"


def literal(text: str) -> str:
    """`text` so that plotly takes no part of it for markup, an entity or a placeholder."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("%{", "% {")
