"""A square field of two ratings, as SVG for a file that is sent around: where something stands among others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from genlab.plots.palette import PETROFF_10, UNKNOWN_COLOUR

SIDE, EDGE = 360, 46
SMALLEST = 4.0
"""Radius of a spot that stands for one; its area grows with their number."""


@dataclass(frozen=True)
class Spot:
    """What stands at one place; all names are told to whoever points at it."""

    x: float
    y: float
    names: tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """A field from `low` to `high` both ways, parted at `middle`.

    Attributes
    ----------
    across, up
        Names of the axes.
    quarters
        Names of its quarters: above right, above left, below right, below left.
    own
        The spot that is looked for among the others.
    """

    title: str
    across: str
    up: str
    low: float
    high: float
    middle: float
    quarters: tuple[str, str, str, str]
    spots: Sequence[Spot]
    own: Spot


def field_svg(field: Field) -> str:
    """The field as an ``<svg>`` element, in the colour of the text around it but for the spots."""
    whole, half = SIDE + 2 * EDGE, EDGE + SIDE / 2
    middle_x, middle_y = _place(field, field.middle, field.middle)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" role="img" '
            f'aria-label="{escape(field.title)}" font-size="12" fill="currentColor">'
        ),
        f'<text x="{EDGE}" y="16" font-size="14" font-weight="600">{escape(field.title)}</text>',
        (
            f'<path d="M{EDGE},{EDGE}H{EDGE + SIDE}V{EDGE + SIDE}H{EDGE}Z" fill="none" stroke="currentColor" '
            'stroke-opacity=".3"/>'
        ),
        (
            f'<path d="M{middle_x:.1f},{EDGE}V{EDGE + SIDE}M{EDGE},{middle_y:.1f}H{EDGE + SIDE}" stroke="currentColor" '
            'stroke-opacity=".3" stroke-dasharray="4 4"/>'
        ),
        f'<text x="{half}" y="{EDGE + SIDE + 30}" text-anchor="middle">{escape(field.across)} →</text>',
        f'<text transform="translate({EDGE - 18},{half}) rotate(-90)" text-anchor="middle">{escape(field.up)} →</text>',
    ]
    corners = [(EDGE + SIDE - 6, EDGE + 16, "end"), (EDGE + 6, EDGE + 16, "start")]
    corners += [(EDGE + SIDE - 6, EDGE + SIDE - 8, "end"), (EDGE + 6, EDGE + SIDE - 8, "start")]
    parts += [
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" opacity=".7">{escape(name)}</text>'
        for (x, y, anchor), name in zip(corners, field.quarters, strict=True)
    ]
    parts += [_spot(field, spot, UNKNOWN_COLOUR, SMALLEST * math.sqrt(len(spot.names)), 0.6) for spot in field.spots]
    parts.append(_spot(field, field.own, PETROFF_10[2], 2 * SMALLEST, 1.0))
    return "".join([*parts, "</svg>"])


def _place(field: Field, x: float, y: float) -> tuple[float, float]:
    scale = SIDE / (field.high - field.low)
    return EDGE + (x - field.low) * scale, EDGE + SIDE - (y - field.low) * scale


def _spot(field: Field, spot: Spot, colour: str, radius: float, opacity: float) -> str:
    x, y = _place(field, spot.x, spot.y)
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}" fill-opacity="{opacity}">'
        f"<title>{escape(', '.join(spot.names))}</title></circle>"
    )
