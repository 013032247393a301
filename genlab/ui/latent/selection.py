"""Which points are selected: what a browser sends and what a person types, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from genlab.ui import links
from genlab.ui.latent import address
from genlab.ui.latent.canvas import Hands

if TYPE_CHECKING:
    from genlab.latent.result import Projection

DRAWN: Final = "_latent_drawn"
"""Session key: the points of the map that some were last selected in, and which."""
TYPED: Final = "latent_points"
"""Session key of the field for point numbers."""
_GUESTS: Final = "_latent_guests"


def chosen(made: Projection, points: str) -> tuple[list[int], list[str]]:
    """The points selected in a map by hand or by number, once each, and what was typed that names none.

    A selection by hand is of pictures, so it holds for all maps of the same ones.

    Parameters
    ----------
    points
        A name for the map's own points: see :func:`genlab.ui.latent.address.points_of`.
    """
    n = len(made)
    by_number, wrong = address.parse_points(str(st.session_state.setdefault(TYPED, links.get("points") or "")), n)
    linked = links.get(address.SELECTED)
    of, drawn = st.session_state.get(DRAWN, ("", []))
    if linked is not None:
        drawn = address.parse_points(linked, n)[0]
    elif of != points:
        drawn = []
    return list(dict.fromkeys([*drawn, *by_number])), wrong


def put(made: Projection, points: str, sent: object) -> None:
    """Remember what a browser says is selected by hand."""
    _keep(points, checked_rows(sent, len(made)))


def settle(hosts: int, points: str, guests: str) -> None:
    """Where other guests have come to a map, or those that were there have left, its own points stay selected alone.

    Parameters
    ----------
    hosts
        How many points are the map's own; guests come after them.
    points, guests
        Names for the map's own points, and for it with its guests.
    """
    before = st.session_state.get(_GUESTS, (points, guests))
    st.session_state[_GUESTS] = (points, guests)
    if before[0] != points or before[1] == guests:
        return
    linked = links.get(address.SELECTED)
    of, rows = st.session_state.get(DRAWN, ("", []))
    if linked is not None:
        rows = address.parse_points(linked, hosts)[0]
    elif of != points:
        return
    _keep(points, [row for row in rows if row < hosts])


def _keep(points: str, rows: list[int]) -> None:
    st.session_state[DRAWN] = (points, rows)
    address.put_selected(rows)


def hands(made: Projection, points: str) -> Hands:
    """Who is told of what hands do on a map: here all of it is checked and remembered."""
    return Hands(
        on_select=lambda sent: put(made, points, sent),
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


def checked_place(sent: object, coords: NDArray[np.float32]) -> tuple[float, float] | None:
    """A place that a browser says was clicked, where it is two numbers not far from the points (N, 2)."""
    if not isinstance(sent, list) or len(sent) != 2 or any(type(value) not in (int, float) for value in sent):
        return None
    low, high = coords.min(axis=0).tolist(), coords.max(axis=0).tolist()
    reach = max(high[k] - low[k] for k in (0, 1)) or 1.0
    near = all(low[k] - reach <= sent[k] <= high[k] + reach for k in (0, 1))  # never true of NaN
    return (float(sent[0]), float(sent[1])) if near else None
