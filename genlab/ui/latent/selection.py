"""Which points are selected: what a browser sends and what a person types, checked."""

from __future__ import annotations

import re
from typing import Final

import streamlit as st

from genlab.ui import links

LISTED: Final = 4_000
"""Characters of a typed list of points that are read."""
DRAWN: Final = "_latent_drawn"
"""Session key: the map that points were last selected in, and which points."""
TYPED: Final = "latent_points"
"""Session key of the field for point numbers."""


def chosen(key: str, n: int) -> tuple[list[int], list[str]]:
    """The points selected in a map of `n` or by number, once each, and what was typed that names none."""
    by_number, wrong = parse_points(str(st.session_state.setdefault(TYPED, links.get("points") or "")), n)
    of, drawn = st.session_state.get(DRAWN, ("", []))
    return list(dict.fromkeys([*(drawn if of == key else []), *by_number])), wrong


def put(key: str, rows: list[int]) -> None:
    """Remember what was selected in the map `key` by hand."""
    st.session_state[DRAWN] = (key, rows)


def clear() -> None:
    """Select nothing, neither by hand nor by number."""
    st.session_state.pop(DRAWN, None)
    st.session_state[TYPED] = ""
    links.put("points", None)


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
