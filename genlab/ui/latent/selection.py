"""Which points are selected: what a browser sends and what a person types, checked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from genlab.ui import links
from genlab.ui.latent import address
from genlab.ui.latent.canvas import Hands

if TYPE_CHECKING:
    from genlab.latent.result import Projection

LISTED: Final = 4_000
"""Characters of a typed list of points that are read."""
DRAWN: Final = "_latent_drawn"
"""Session key: the points of the map that some were last selected in, and which."""
TYPED: Final = "latent_points"
"""Session key of the field for point numbers."""


def chosen(key: str, made: Projection) -> tuple[list[int], list[str]]:
    """The points selected in a map by hand or by number, once each, and what was typed that names none.

    A selection by hand is of pictures, so it holds for all maps of the same ones.
    """
    n = len(made)
    by_number, wrong = parse_points(str(st.session_state.setdefault(TYPED, links.get("points") or "")), n)
    linked = links.get(address.SELECTED)
    of, drawn = st.session_state.get(DRAWN, ("", []))
    if linked is not None:
        drawn = parse_points(linked, n)[0]
    elif of != address.points_of(key, made):
        drawn = []
    return list(dict.fromkeys([*drawn, *by_number])), wrong


def put(key: str, made: Projection, sent: object) -> None:
    """Remember what a browser says is selected by hand."""
    rows = checked_rows(sent, len(made))
    st.session_state[DRAWN] = (address.points_of(key, made), rows)
    address.put_selected(rows)


def hands(key: str, made: Projection) -> Hands:
    """Who is told of what hands do on a map: here all of it is checked and remembered."""
    return Hands(
        on_select=lambda sent: put(key, made, sent),
        on_clear=clear,
        on_place=lambda sent: put_place(made, sent),
    )


def put_place(made: Projection, sent: object) -> None:
    """Write the place that a browser says was clicked into the address."""
    place = checked_place(sent, made.coords)
    if place is not None:
        links.put(address.PLACE, f"{place[0]:.6g},{place[1]:.6g}")


def placed(made: Projection) -> tuple[float, float] | None:
    """The place of the map that was last clicked, if one was; what is none is taken out of the address."""
    asked = links.get(address.PLACE)
    if asked is None:
        return None
    named = address.place(asked)
    place = None if named is None else checked_place(list(named), made.coords)
    if place is None:
        links.put(address.PLACE, None)
    return place


def clear() -> None:
    """Choose nothing: no points, neither by hand nor by number, and no place."""
    st.session_state.pop(DRAWN, None)
    st.session_state[TYPED] = ""
    links.put("points", None)
    links.put(address.PLACE, None)
    address.put_selected([])


def typed() -> None:
    """Write the list of numbers into the address."""
    links.put("points", str(st.session_state[TYPED]).strip() or None)


def checked_rows(sent: object, n: int) -> list[int]:
    """Rows that a browser says are selected, as far as they make sense: whole, from 0 to `n` - 1, once each."""
    rows = sent[:n] if isinstance(sent, list) else []  # no honest list is longer
    return list(dict.fromkeys(row for row in rows if type(row) is int and 0 <= row < n))


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


def checked_place(sent: object, coords: NDArray[np.float32]) -> tuple[float, float] | None:
    """A place that a browser says was clicked, where it is two numbers not far from the points (N, 2)."""
    if not isinstance(sent, list) or len(sent) != 2 or any(type(value) not in (int, float) for value in sent):
        return None
    low, high = coords.min(axis=0).tolist(), coords.max(axis=0).tolist()
    reach = max(high[k] - low[k] for k in (0, 1)) or 1.0
    near = all(low[k] - reach <= sent[k] <= high[k] + reach for k in (0, 1))  # never true of NaN
    return (float(sent[0]), float(sent[1])) if near else None
