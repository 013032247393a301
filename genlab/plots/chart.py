"""A line chart as plain values: :mod:`genlab.plots.lines` draws it on a page, :mod:`genlab.plots.svg` in a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

LOG_FROM = 20.0
"""A chart whose values are this many times apart shows them in decades."""


class Style(NamedTuple):
    """How one run looks wherever it is shown.

    Attributes
    ----------
    colour
        ``#rrggbb``, at least 3 : 1 against white and against a dark page.
    symbol
        Plotly's name of its mark.
    sign
        The same mark as a character.
    dash
        Lengths of strokes and gaps in pixels, as in SVG; empty for an unbroken line.
    """

    colour: str
    symbol: str
    sign: str
    dash: str


STYLES = (
    Style("#2e51fe", "circle", "●", ""),
    Style("#ec200f", "square", "■", "6 3"),
    Style("#5f9f41", "diamond", "◆", "2 3"),
    Style("#a736b4", "triangle-up", "▲", "9 3 2 3"),
    Style("#189dad", "triangle-down", "▼", "12 4"),
    Style("#9a584e", "cross", "✚", "4 2"),
    Style("#f90b93", "x", "✖", "2 6"),
    Style("#4e8ff1", "triangle-left", "◀", "9 3 2 3 2 3"),
)
"""Eight colours found by a search for distance under common kinds of colour blindness among those that stand out on
white and on near-black alike; mark and dash tell them apart without any colour."""


@dataclass(frozen=True)
class Line:
    """One line: its name, its places (finite, rising in x), and its look."""

    name: str
    x: Values
    y: Values
    style: Style


class Mark(NamedTuple):
    """A place in a chart that is pointed out."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Chart:
    """Several lines over one axis; at least one, none of them empty.

    Attributes
    ----------
    title
        What the values are.
    axis
        What they are drawn over.
    every_point
        Whether each value bears a mark; else some do, so that lines are told apart without colour.
    floors
        What real pictures score, each height with its name.
    best
        The place with the best value, where there is one.
    may_be_log
        Whether values that are far apart may be shown in decades.
    """

    title: str
    axis: str
    lines: Sequence[Line]
    every_point: bool = False
    floors: Sequence[tuple[float, str]] = ()
    best: Mark | None = None
    may_be_log: bool = False

    @property
    def heights(self) -> Values:
        """All values, and the floors."""
        return np.concatenate([*(line.y for line in self.lines), np.array([y for y, _ in self.floors], np.float64)])

    @property
    def reach(self) -> float:
        """The right end of the axis, which begins at 0."""
        return max(float(line.x.max()) for line in self.lines)

    @property
    def is_log(self) -> bool:
        """Whether the values go in decades: allowed, positive throughout, and far apart."""
        low, high = float(self.heights.min()), float(self.heights.max())
        return self.may_be_log and low > 0.0 and high / low > LOG_FROM


def thin(x: Values, y: Values, most: int = 400) -> tuple[Values, Values]:
    """A line of at most `most` points: means over runs of neighbours, which are closer together than pixels.

    Parameters
    ----------
    x, y
        (N,) each.
    """
    if len(x) <= most:
        return x, y
    starts = np.linspace(0, len(x), most + 1)[:-1].astype(np.intp)
    sizes = np.diff([*starts, len(x)])
    return np.add.reduceat(x / 1.0, starts) / sizes, np.add.reduceat(y / 1.0, starts) / sizes
