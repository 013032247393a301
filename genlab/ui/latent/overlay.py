"""What parts of the page put on a map over its points: labelled places, paths, and where places can be decoded."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genlab.latent.spec import LatentError

LONGEST: Final = 64
"""Longest side of an overlaid picture that is sent, in pixels: none is drawn larger."""


@dataclass(frozen=True, eq=False)
class Mark:
    """An extra labelled point.

    Attributes
    ----------
    place
        Where, in coordinates of the map; finite.
    name
        What stands beside it, in the reader's language.
    picture
        uint8 (C, H, W), shown above it.
    """

    place: tuple[float, float]
    name: str
    picture: NDArray[np.uint8] | None = None


@dataclass(frozen=True, eq=False)
class Path:
    """A line from place to place.

    Attributes
    ----------
    places
        float32 (M, 2), in coordinates of the map; finite.
    pictures
        uint8 (M, C, H, W): what is at the places, shown small where there is room.
    """

    places: NDArray[np.float32]
    pictures: NDArray[np.uint8] | None = None


@dataclass(frozen=True, eq=False)
class Overlay:
    """All that is drawn over the points.

    Attributes
    ----------
    marks, paths
        In the order in which they are drawn.
    decode
        Address of the route that decodes places of this map; empty where none can be decoded.
    clicks
        Whether a click between the points is to be told of.
    """

    marks: tuple[Mark, ...] = ()
    paths: tuple[Path, ...] = ()
    decode: str = ""
    clicks: bool = False


def packed(overlay: Overlay) -> dict[str, Any]:
    """An overlay as plain values for the browser.

    Raises
    ------
    LatentError
        When a place is not a number.
    """
    places = [*(np.asarray(mark.place) for mark in overlay.marks), *(path.places for path in overlay.paths)]
    if not all(np.isfinite(place).all() for place in places):
        raise LatentError("A place on the map is not a number. Choose other points, or another checkpoint.")
    marks = [
        {
            "xy": [float(value) for value in mark.place],
            "name": mark.name,
            "sheet": None if mark.picture is None else _sheet(mark.picture[None]),
        }
        for mark in overlay.marks
    ]
    paths = [
        {
            "xy": path.places.astype(float).ravel().tolist(),
            "sheet": None if path.pictures is None else _sheet(path.pictures),
        }
        for path in overlay.paths
    ]
    return {"marks": marks, "paths": paths, "decode": overlay.decode, "clicks": overlay.clicks}


def _sheet(pictures: NDArray[np.uint8]) -> dict[str, Any]:
    """Pictures (M, C, H, W) as one PNG in an address of its own, with what it takes to find each in it."""
    from genlab.data.grid import columns_for, png_bytes, reduced, tile

    small = reduced(pictures, -(-max(pictures.shape[2:]) // LONGEST))
    columns = columns_for(len(small))
    source = "data:image/png;base64," + base64.b64encode(png_bytes(tile(small, columns))).decode()
    return {"source": source, "width": small.shape[3], "height": small.shape[2], "columns": columns}
