"""Entries by two coarse ratings: those that share a place lie around it, and each can be pointed at."""

from __future__ import annotations

import math
import textwrap
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from genlab.plots.palette import SCALE_DARK, SCALE_LIGHT
from genlab.plots.theme import dress

GOLDEN = math.pi * (3 - math.sqrt(5))
"""The angle between neighbours of a sunflower, which fills a disc evenly."""
APART = 0.1
"""How far in ratings the second entry of a place lies from the first; the n-th lies sqrt(n - 1) times as far."""
SIZES = (10, 14, 18, 22)
"""Diameters in pixels by level."""
LEVELS = (1, 2, 3, 4)
WIDTH, WIDTH_CHINESE = 12, 5
"""Letters, and Chinese characters, in a line of an axis."""
LEGEND = -0.26
"""Below the axis and its title, as a share of the height."""


@dataclass(frozen=True)
class Rated:
    """An entry; all ratings are levels from 1 to 4."""

    key: str
    name: str
    x: int
    y: int
    size: int
    colour: int


def spread(entries: Sequence[Rated]) -> list[tuple[float, float]]:
    """Where each entry is drawn: around its place, less than half a level away for up to 16 at one place."""
    counts: dict[tuple[int, int], int] = defaultdict(int)
    places = []
    for entry in entries:
        n = counts[entry.x, entry.y]
        counts[entry.x, entry.y] += 1
        away, angle = APART * math.sqrt(n), n * GOLDEN
        places.append((entry.x + away * math.cos(angle), entry.y + away * math.sin(angle)))
    return places


def wrapped(name: str) -> str:
    """A name in short lines: broken between words where it has Latin letters alone, and anywhere in Chinese."""
    if name.isascii():
        return "<br>".join(textwrap.wrap(name, WIDTH))
    return "<br>".join(name[at : at + WIDTH_CHINESE] for at in range(0, len(name), WIDTH_CHINESE))


def ratings(
    entries: Sequence[Rated], axes: tuple[str, str], colours: Sequence[str], ends: tuple[Sequence[str], Sequence[str]],
    *, dark: bool = False, height: int = 560,
) -> go.Figure:  # fmt: skip
    """The map of some entries, each trace a level of colour; `customdata` holds the keys.

    Parameters
    ----------
    colours
        What the four levels of colour are called.
    ends
        What the four levels of each axis are called.
    """
    figure, places = go.Figure(), spread(entries)
    scale = SCALE_DARK if dark else SCALE_LIGHT
    for level in LEVELS:
        rows = [row for row, entry in enumerate(entries) if entry.colour == level]
        figure.add_scatter(
            x=[places[row][0] for row in rows], y=[places[row][1] for row in rows], mode="markers",
            name=colours[level - 1], customdata=[entries[row].key for row in rows],
            text=[entries[row].name for row in rows], hovertemplate="%{text}<extra></extra>",
            marker={
                "size": [SIZES[entries[row].size - 1] for row in rows],
                "color": scale[(len(scale) - 1) * (level - 1) // 3],
                "line": {"width": 1, "color": "#888"}, "opacity": 0.9,
            },
        )  # fmt: skip
    dress(figure, dark=dark, axes=axes, height=height)
    ticks = {"tickmode": "array", "tickvals": LEVELS, "range": [0.5, 4.5]}
    figure.update_xaxes(**ticks, ticktext=[wrapped(name) for name in ends[0]], tickangle=0)
    figure.update_yaxes(**ticks, ticktext=[wrapped(name) for name in ends[1]])
    figure.update_layout(dragmode=False, clickmode="event+select", legend={"y": LEGEND})
    return figure
