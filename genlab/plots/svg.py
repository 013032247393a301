"""Line charts for a file that is sent around: SVG of a few kilobytes, where plotly's own script weighs four megabytes.

What is drawn without a colour of its own takes the text's, so that a chart reads on light and on dark.
"""

from __future__ import annotations

import math
from html import escape

import numpy as np

from genlab.plots.chart import Chart, Line, Mark, Style

WIDTH, HEIGHT = 560, 300
LEFT, RIGHT, TOP, BOTTOM = 58, 14, 34, 44
MARKS = 8
"""Marks a line bears where not every point has one."""
TICKS = 5
MARGIN = 0.04
"""What is left free above and below the lines, as a share of their height."""
HUGE, TINY = 1e200, 1e-200
"""Numbers beyond these are drawn as these: no training gives them, but a damaged file may."""

SHAPES = {
    "circle": "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0Z",
    "square": "M-4,-4H4V4H-4Z",
    "diamond": "M0,-5L5,0L0,5L-5,0Z",
    "triangle-up": "M0,-5L5,4H-5Z",
    "triangle-down": "M0,5L5,-4H-5Z",
    "triangle-left": "M-5,0L4,-5V5Z",
    "cross": "M-1.7,-5H1.7V-1.7H5V1.7H1.7V5H-1.7V1.7H-5V-1.7H-1.7Z",
    "x": "M-5,-3L-3,-5L0,-2L3,-5L5,-3L2,0L5,3L3,5L0,2L-3,5L-5,3L-2,0Z",
    "star": "M0,-10L2.4,-3.2L9.5,-3.1L3.8,1.2L5.9,8.1L0,4L-5.9,8.1L-3.8,1.2L-9.5,-3.1L-2.4,-3.2Z",
}  # fmt: skip


def svg(chart: Chart) -> str:
    """A chart as an ``<svg>`` element."""
    frame = _Frame(chart)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(chart.title)}" font-size="12" fill="currentColor">'
        f'<text x="0" y="16" font-size="14" font-weight="600">{escape(chart.title)}</text>'
    )
    lines = [_line(line, frame, chart.every_point) for line in chart.lines]
    floors = [_floor(y, name, frame) for y, name in chart.floors]
    return "".join([head, *frame.grid(), *lines, *floors, _star(chart.best, frame) if chart.best else "", "</svg>"])


def swatch(style: Style) -> str:
    """A piece of a run's line with its mark, for a legend."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="34" height="12" viewBox="-17 -6 34 12" aria-hidden="true">'
        f'<path d="M-17,0H17" {_stroke(style)}/><path d="{SHAPES[style.symbol]}" fill="{style.colour}"/></svg>'
    )


class _Frame:
    """From values to places on the paper."""

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.log = chart.is_log
        reach = min(chart.reach, HUGE)
        self.reach = reach if reach > TINY else 1.0
        heights = chart.heights
        low, high = (self._scaled(float(end)) for end in (heights.min(), heights.max()))
        size = max(abs(low), abs(high))
        margin = MARGIN * (high - low)
        if high - low <= max(1e-9 * size, TINY):  # one height only
            margin = 0.5 * size if size > TINY else 0.5
        self.low, self.high = low - margin, high + margin

    def _scaled(self, y: float) -> float:
        y = min(max(y, -HUGE), HUGE)
        return math.log10(max(y, TINY)) if self.log else y

    def place(self, x: float, y: float) -> tuple[float, float]:
        across = min(max(x, 0.0), self.reach) / self.reach
        up = (self._scaled(y) - self.low) / (self.high - self.low)
        return LEFT + (WIDTH - LEFT - RIGHT) * across, HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * up

    def grid(self) -> list[str]:
        """Lines and numbers of both axes, and the name of the one below."""
        middle = (LEFT + WIDTH - RIGHT) / 2
        parts = [f'<text x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{escape(self.chart.axis)}</text>']
        for y in self._heights():
            _, at = self.place(0.0, y)
            parts.append(
                f'<path d="M{LEFT},{at:.1f}H{WIDTH - RIGHT}" stroke="currentColor" stroke-opacity=".15"/>'
                f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{number(y)}</text>'
            )
        for x in ticks(0.0, self.reach):
            at, _ = self.place(x, self.chart.heights[0])
            parts.append(f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{number(x)}</text>')
        return parts

    def _heights(self) -> list[float]:
        if not self.log:
            return ticks(self.low, self.high)
        decades = range(math.floor(self.low), math.ceil(self.high) + 1)
        steps = (1, 2, 5) if len(decades) <= TICKS else (1,)
        every = max(1, len(decades) // TICKS)
        found = (step * 10.0**decade for decade in decades[::every] for step in steps)
        return [value for value in found if self.low <= math.log10(value) <= self.high]


def ticks(low: float, high: float) -> list[float]:
    """Some round numbers from `low` to `high`, evenly apart by 1, 2 or 5 times a power of ten."""
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((factor * power for factor in (1, 2, 5) if factor * power >= rough), 10 * power)
    return [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def number(value: float) -> str:
    """A number beside an axis: "12,000", "0.05", "2e+06"."""
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:.3g}"


def _stroke(style: Style) -> str:
    dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
    return f'fill="none" stroke="{style.colour}" stroke-width="2" stroke-linejoin="round"{dash}'


def _line(line: Line, frame: _Frame, every_point: bool) -> str:
    places = [frame.place(float(x), float(y)) for x, y in zip(line.x, line.y, strict=True)]
    path = "L".join(f"{x:.1f},{y:.1f}" for x, y in places)
    marked = range(len(places)) if every_point else np.unique(np.linspace(0, len(places) - 1, MARKS).astype(int))
    marks = "".join(
        f'<path d="{SHAPES[line.style.symbol]}" transform="translate({places[i][0]:.1f},{places[i][1]:.1f})"/>'
        for i in marked
    )
    return (
        f'<g><title>{escape(line.name)}</title><path d="M{path}" {_stroke(line.style)}/>'
        f'<g fill="{line.style.colour}">{marks}</g></g>'
    )


def _floor(y: float, name: str, frame: _Frame) -> str:
    _, at = frame.place(0.0, y)
    return (
        f'<path d="M{LEFT},{at:.1f}H{WIDTH - RIGHT}" stroke="currentColor" stroke-dasharray="1 4"/>'
        f'<text x="{LEFT + 4}" y="{at - 4:.1f}">{escape(name)}</text>'
    )


def _star(best: Mark, frame: _Frame) -> str:
    x, y = frame.place(best.x, best.y)
    anchor, aside = ("end", -13) if x > WIDTH / 2 else ("start", 13)
    return (
        f'<path d="{SHAPES["star"]}" transform="translate({x:.1f},{y:.1f})" fill="none" stroke="currentColor" '
        f'stroke-width="1.6"/>'
        f'<text x="{x + aside:.1f}" y="{y - 8:.1f}" text-anchor="{anchor}">{escape(best.text)}</text>'
    )
