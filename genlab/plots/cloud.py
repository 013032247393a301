"""A flat map as SVG: every point a mark, with scales, a legend, and what the map is of."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genlab.plots.groups import Group
from genlab.plots.palette import SCALE_LIGHT, UNKNOWN_COLOUR
from genlab.plots.svg import SHAPES, number, ticks

WIDTH, PLOT_HEIGHT = 960, 660
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 88, 52
MARGIN = 0.03
"""What is left free around the points, as a share of their extent."""
COLUMN, ROW = 184, 20
"""Of the legend, in pixels."""
INK, PAPER = "#1c2230", "#ffffff"


class Shades(NamedTuple):
    """Numbers that points are coloured by, instead of by their groups.

    Attributes
    ----------
    name
        What they are.
    values
        float32 (N,); NaN where there is none.
    low, high
        What the ends of the scale stand for; numbers beyond them are drawn like them.
    ends
        What is written at the ends.
    """

    name: str
    values: NDArray[np.float32]
    low: float
    high: float
    ends: tuple[str, str]


def cloud_svg(
    coords: NDArray[np.float32],
    drawn: Sequence[Group],
    axes: Sequence[str],
    *,
    title: str,
    note: str,
    shades: Shades | None = None,
) -> str:
    """A scatter plot as an ``<svg>`` document, on white, with one unit as long up as across.

    Parameters
    ----------
    coords
        (N, 2), finite.
    drawn
        Which points are drawn alike; each is in one group.
    axes
        What the axes mean: across, up.
    title, note
        What stands above it, the note in as many lines as it takes.
    shades
        Colours by number; groups tell only the marks then.
    """
    frame = _Frame(coords)
    radius = min(4.0, max(1.5, 5 - 0.75 * math.log10(len(coords))))
    legend = list(_bar(shades) if shades else _legend(drawn))
    height = PLOT_HEIGHT + 16 + ROW * (1 if shades else -(-len(drawn) // (WIDTH // COLUMN)))
    marks = sorted({group.mark for group in drawn})
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="sans-serif" font-size="12" fill="{INK}">'
    )
    parts = [
        head,
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
        "<defs>",
        *(f'<path id="{mark}" d="{SHAPES[mark]}" transform="scale({radius / 4:.3f})"/>' for mark in marks),
        "</defs>",
        f'<text x="{LEFT}" y="24" font-size="16" font-weight="600">{escape(title)}</text>',
        *(f'<text x="{LEFT}" y="{44 + 15 * i}">{escape(line)}</text>' for i, line in enumerate(_lines(note))),
        *frame.grid(axes),
        *(part for group in drawn for part in _points(frame, coords, group, shades)),
        *legend,
        "</svg>",
    ]
    return "".join(parts)


def _lines(note: str) -> list[str]:
    """A text in lines that fit the paper, by what letters take on average and Chinese signs always."""
    lines, room = [""], 0.0
    for word in note.split(" "):
        width = sum(12.0 if ord(sign) > 0x2E7F else 6.3 for sign in word + " ")
        if room < width and lines[-1]:
            lines.append("")
        if not lines[-1]:
            room = WIDTH - LEFT - RIGHT
        lines[-1] += f" {word}" if lines[-1] else word
        room -= width
    return lines


class _Frame:
    """From places of the map to places on the paper."""

    def __init__(self, coords: NDArray[np.float32]) -> None:
        low, high = coords.min(axis=0).astype(float), coords.max(axis=0).astype(float)
        room = np.array([WIDTH - LEFT - RIGHT, PLOT_HEIGHT - TOP - BOTTOM], float)
        span = (high - low) * (1 + 2 * MARGIN)
        scales = room[span > 0] / span[span > 0]
        self.scale = float(scales.min()) if len(scales) else 1.0
        self.middle = (low + high) / 2
        self.half = room / 2 / self.scale

    def x(self, value: NDArray[np.float64] | float) -> NDArray[np.float64]:
        return np.asarray((LEFT + WIDTH - RIGHT) / 2 + (value - self.middle[0]) * self.scale)

    def y(self, value: NDArray[np.float64] | float) -> NDArray[np.float64]:
        return np.asarray((TOP + PLOT_HEIGHT - BOTTOM) / 2 - (value - self.middle[1]) * self.scale)

    def grid(self, axes: Sequence[str]) -> Iterator[str]:
        """Lines with their numbers, and what the axes mean."""
        bottom, right = PLOT_HEIGHT - BOTTOM, WIDTH - RIGHT
        low, high = self.middle - self.half, self.middle + self.half
        for value in ticks(low[0], high[0]):
            x = f"{self.x(value):.1f}"
            yield f'<path d="M{x},{TOP}V{bottom}" stroke="{INK}" stroke-opacity=".12"/>'
            yield f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{number(value)}</text>'
        for value in ticks(low[1], high[1]):
            y = float(self.y(value))
            yield f'<path d="M{LEFT},{y:.1f}H{right}" stroke="{INK}" stroke-opacity=".12"/>'
            yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{number(value)}</text>'
        yield f'<text x="{(LEFT + right) / 2}" y="{bottom + 36}" text-anchor="middle">{escape(axes[0])}</text>'
        up = (TOP + bottom) / 2
        yield f'<text transform="translate(16,{up}) rotate(-90)" text-anchor="middle">{escape(axes[1])}</text>'


def _points(frame: _Frame, coords: NDArray[np.float32], group: Group, shades: Shades | None) -> Iterator[str]:
    """The marks of a group, those of one colour together."""
    for colour, rows in _coloured(group, shades):
        paint = f'fill="none" stroke="{colour}" stroke-width="1.2"' if group.generated else f'fill="{colour}"'
        xs, ys = frame.x(coords[rows, 0].astype(float)), frame.y(coords[rows, 1].astype(float))
        uses = (f'<use href="#{group.mark}" x="{x:.1f}" y="{y:.1f}"/>' for x, y in zip(xs, ys, strict=True))
        yield f'<g {paint} opacity=".85"><title>{escape(group.name)}</title>{"".join(uses)}</g>'


def _coloured(group: Group, shades: Shades | None) -> Iterator[tuple[str, NDArray[np.intp]]]:
    if shades is None:
        yield group.colour, group.rows
        return
    values = shades.values[group.rows]
    known = np.isfinite(values)
    span = shades.high - shades.low or 1.0
    last = len(SCALE_LIGHT) - 1
    step = np.clip(np.round((np.where(known, values, shades.low) - shades.low) / span * last), 0, last).astype(int)
    for i, colour in enumerate(SCALE_LIGHT):
        if (rows := group.rows[known & (step == i)]).size:
            yield colour, rows
    if not known.all():
        yield UNKNOWN_COLOUR, group.rows[~known]


def _legend(drawn: Sequence[Group]) -> Iterator[str]:
    for i, group in enumerate(drawn):
        row, column = divmod(i, WIDTH // COLUMN)
        x, y = LEFT / 2 + column * COLUMN, PLOT_HEIGHT + 8 + row * ROW
        paint = f'fill="none" stroke="{group.colour}"' if group.generated else f'fill="{group.colour}"'
        yield f'<path d="{SHAPES[group.mark]}" transform="translate({x:.0f},{y:.0f})" {paint}/>'
        yield f'<text x="{x + 10:.0f}" y="{y + 4:.0f}">{escape(group.name)} ({len(group.rows):,})</text>'


def _bar(shades: Shades) -> Iterator[str]:
    """The colours from low to high, and what the ends stand for."""
    y, side = PLOT_HEIGHT, 24
    yield f'<text x="{LEFT}" y="{y + 12}" font-weight="600">{escape(shades.name)}</text>'
    start = LEFT + 200
    yield f'<text x="{start - 8}" y="{y + 12}" text-anchor="end">{escape(shades.ends[0])}</text>'
    for i, colour in enumerate(SCALE_LIGHT):
        yield f'<rect x="{start + i * side}" y="{y}" width="{side}" height="14" fill="{colour}"/>'
    yield f'<text x="{start + len(SCALE_LIGHT) * side + 8}" y="{y + 12}">{escape(shades.ends[1])}</text>'
