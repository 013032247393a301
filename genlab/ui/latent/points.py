"""What single points of a map are called, and which of them a latent is known of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from genlab.ui.i18n import t

if TYPE_CHECKING:
    from genlab.latent.result import Projection

CANDIDATES: Final = 200
"""A list of more points than that is no help in choosing one."""


def kind(row: int, made: Projection) -> str:
    """The class of a point where it has one, else whether it is real or generated."""
    label = int(made.labels[row])
    return made.classes[label] if label >= 0 else t("latent.generated" if made.generated[row] else "latent.real")


def name(row: int, made: Projection) -> str:
    """A point by its number and kind."""
    return f"#{row} · {kind(row, made)}"


def named(asked: str | None, made: Projection) -> int | None:
    """The point that an address names, where there is such a point and it can be decoded."""
    if asked is None or not (asked.isascii() and asked.isdigit()) or len(asked) > 9:
        return None
    row = int(asked)
    return row if row < len(made) and made.has_latent()[row] else None


def candidates(made: Projection, chosen: list[int]) -> list[int]:
    """Points to choose ends from: the selected ones where there are two, else the first ones of each class."""
    can = made.has_latent()
    selected = [row for row in chosen if can[row]][:CANDIDATES]
    if len(selected) >= 2:
        return selected
    rows = np.flatnonzero(can)
    labels = made.labels[rows]
    if len(np.unique(labels)) < 2:
        return [int(row) for row in rows[:CANDIDATES]]
    each = max(2, 40 // len(np.unique(labels)))
    return [int(row) for label in np.unique(labels) for row in rows[labels == label][:each]]
