"""What the address says of a map besides how it was made: where one looks, what is shown, what hands chose."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.ui import links

if TYPE_CHECKING:
    from genlab.latent.result import Projection

VIEW: Final = "view"
"""Parameter of where one looks."""
SELECTED: Final = "drawn"
"""Parameter of the points selected by hand."""
PLACE: Final = "place"
"""Parameter of the place between the points of the first map that was clicked."""
SHOWN: Final = ("pictures", "near", "lattice")
"""What a map can show besides its points, by the buttons of the same names."""
USUAL: Final = ["pictures"]
"""What it shows where nobody has chosen."""
MOST_SELECTED: Final = 500
"""A selection of more points is not written into the address: links have to stay short enough to be sent."""
LEAST_ZOOM: Final = 0.5  # as camera.js holds it
MOST_ZOOM: Final = 400.0
_SEEN: Final = "_latent_seen"


def look(text: object) -> str | None:
    """Where a browser or an address says one looks, ``"x,y,zoom"``, where that makes sense."""
    if not isinstance(text, str) or len(text) > 60:
        return None
    try:
        x, y, zoom = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return text if math.isfinite(x) and math.isfinite(y) and LEAST_ZOOM <= zoom <= MOST_ZOOM else None


def shown_param(param: str) -> str:
    """Parameter of what is shown, by that of where one looks at the same map."""
    return f"{param}_shows"


def shows(text: object) -> list[str]:
    """What a browser or an address says is shown besides the points; the usual where that makes no sense."""
    if text == "none":
        return []
    named = text.split(",") if isinstance(text, str) else []
    return [name for name in SHOWN if name in named] if named and set(named) <= set(SHOWN) else list(USUAL)


def put_shows(param: str, text: object) -> None:
    """Write what is shown into the address, where it is not the usual."""
    shown = shows(text)
    links.put(shown_param(param), None if shown == USUAL else ",".join(shown) or "none")


def place(text: object) -> tuple[float, float] | None:
    """A place that an address names as ``"x,y"``, wherever that is; None where it names none."""
    if not isinstance(text, str) or len(text) > 40:
        return None
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return x, y


def ranges(rows: Iterable[int]) -> str:
    """Rows as a list such as ``"3,7-9"``, ascending, once each."""
    spans: list[list[int]] = []
    for row in sorted(set(rows)):
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def put_selected(rows: list[int]) -> None:
    """Write a selection into the address, or take it out where there is none or it is too large."""
    links.put(SELECTED, ranges(rows) if 0 < len(rows) <= MOST_SELECTED else None)


def settle(key: str, made: Projection, param: str) -> None:
    """Forget what the address says of the map that was shown here before: its selection too where it had other points.

    What is shown besides points stays: it is not about one map.

    Parameters
    ----------
    param
        Of where one looks at this map; the place that was clicked and the selection belong to the first one.
    """
    seen = st.session_state.setdefault(_SEEN, {})
    now = (key, points_of(key, made))
    before = seen.get(param, now)
    if before[0] != key:
        links.put(param, None)
        if param == VIEW:
            links.put(PLACE, None)
    if param == VIEW and before[1] != now[1]:
        links.put(SELECTED, None)
    seen[param] = now


@st.cache_data(max_entries=64, show_spinner=False)
def points_of(key: str, _made: Projection) -> str:  # noqa: ARG001  # what the cache goes by
    """A name for a map's points: the same for maps of the same pictures in the same order, however they are placed."""
    return hashlib.sha256(_made.images.tobytes()).hexdigest()[:16]
