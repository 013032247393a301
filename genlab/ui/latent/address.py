"""What the address says of a map besides how it was made: where one looks, what is shown, what hands chose."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np
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
LISTED: Final = 4_000
"""Characters of a list of points that are read."""
MOST_SELECTED: Final = 500
"""A selection of more points is not written into the address: links have to stay short enough to be sent."""
LEAST_ZOOM: Final = 0.5  # as camera.js holds it
MOST_ZOOM: Final = 400.0
FARTHEST: Final = 100.0
"""How far from the middle of a map in space an eye may be; the cube around its points is 1 wide."""
NEAREST: Final = 1e-3
"""How far an eye is from what it looks at, and how long what says "up" is, at least."""
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


def hidden_param(param: str) -> str:
    """Parameter of the groups that the legend hides, by that of where one looks at the same map."""
    return f"{param}_hides"


def hides(text: object, layer: str, n: int) -> list[int]:
    """Which of `n` groups a browser or an address says are hidden, as in ``"class:0-3,7"``.

    None where it speaks of another colouring than `layer`, or makes no sense.
    """
    named, _, listed = text.partition(":") if isinstance(text, str) else ("", "", "")
    rows, wrong = parse_points(listed, n)
    return [] if wrong or named != layer else rows


def put_hides(param: str, text: object) -> None:
    """Write which groups are hidden into the address; what says nothing of the kind takes it out."""
    told = (
        isinstance(text, str) and len(text) <= LISTED and re.fullmatch(r"[a-z]+( \d+)?:\d+(-\d+)?(,\d+(-\d+)?)*", text)
    )
    links.put(hidden_param(param), str(text) if told else None)


def camera(text: object) -> list[float] | None:
    """Where a browser or an address says one looks at a map in space from.

    Returns
    -------
    list of float or None
        Nine numbers, by plotly's names the eye's, the centre's and the up's x, y and z, the cube around the points
        being 1 wide; None where they make no sense.
    """
    if not isinstance(text, str) or len(text) > 120:
        return None
    try:
        told = [float(part) for part in text.split(",")]
    except ValueError:
        return None
    if len(told) != 9 or not all(abs(value) <= FARTHEST for value in told):  # never true of NaN
        return None
    eye, centre, up = (np.array(told[i : i + 3]) for i in (0, 3, 6))
    return told if min(np.linalg.norm(eye - centre), np.linalg.norm(up)) >= NEAREST else None


def put_camera(param: str, text: object) -> None:
    """Write where one looks from into the address; what makes no sense takes it out."""
    links.put(param, str(text) if camera(text) else None)


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


def parse_points(typed: str, n: int) -> tuple[list[int], list[str]]:
    """A typed list such as ``"3, 10-12"`` as rows, and the parts that name none.

    Full-width commas and dashes do as well. Ranges are cut at the last row; each row comes once.
    """
    rows: dict[int, None] = {}
    wrong: list[str] = []
    for part in re.split(r"[\s,，、;；]+", re.sub(r"\s*[-–—~～]\s*", "-", typed[:LISTED].strip())):
        found = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", part)
        if found is None or not int(found[1]) <= (last := int(found[2] or found[1])) or int(found[1]) >= n:
            wrong += [part] if part else []
            continue
        rows.update(dict.fromkeys(range(int(found[1]), min(last, n - 1) + 1)))
    return list(rows), wrong


def put_selected(rows: list[int]) -> None:
    """Write a selection into the address, or take it out where there is none or it is too large."""
    links.put(SELECTED, ranges(rows) if 0 < len(rows) <= MOST_SELECTED else None)


def settle(key: str, points: str, param: str) -> None:
    """Forget what the address says of the map that was shown here before.

    Where it had the same points, what is selected of them and what is hidden stays. So does what is shown besides
    points: it is not about one map.

    Parameters
    ----------
    key, points
        Names for the map and for its points, both without any guests.
    param
        Of where one looks at this map; the place that was clicked and the selection belong to the first one.
    """
    seen = st.session_state.setdefault(_SEEN, {})
    now = (key, points)
    before = seen.get(param, now)
    if before[0] != key:
        links.put(param, None)
        if param == VIEW:
            links.put(PLACE, None)
    if before[1] != points:
        links.put(hidden_param(param), None)
        if param == VIEW:
            links.put(SELECTED, None)
    seen[param] = now


@st.cache_data(max_entries=64, show_spinner=False)
def points_of(key: str, _made: Projection) -> str:  # noqa: ARG001  # what the cache goes by
    """A name for a map's points: the same for maps of the same pictures in the same order, however they are placed."""
    return hashlib.sha256(_made.images.tobytes()).hexdigest()[:16]
