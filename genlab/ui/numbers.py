"""Numbers that live in the query string: the address says what the widgets show, and they write into it.

A browser may send anything, in an address as in a widget's value, so every number is checked here before
it is used: what is out of range or no number counts as not given.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from genlab.ui import links
from genlab.ui.text import count

Number = TypeVar("Number", int, float)


def whole(label: str, low: int, high: int, *, param: str, default: int, step: int = 1, help: str | None = None) -> int:
    """A whole number from `low` to `high`, typed or stepped, kept in the address as `param`."""
    key = _prepare(param, default, lambda text: _within(int(text), low, high))
    st.number_input(label, low, high, step=step, key=key, help=help, on_change=_write(param, key, default))
    return _checked(st.session_state[key], low, high, default)


def real(
    label: str, low: float, high: float, *, param: str, default: float, step: float, format: str = "%g",
    help: str | None = None,
) -> float:  # fmt: skip
    """A real number from `low` to `high`, typed or stepped, kept in the address as `param`."""
    key = _prepare(param, default, lambda text: _within(float(text), low, high))
    st.number_input(
        label, low, high, step=step, format=format, key=key, help=help, on_change=_write(param, key, default)
    )
    return _finite(st.session_state[key], low, high, default)


def slider(
    label: str,
    low: float,
    high: float,
    *,
    param: str,
    default: float,
    step: float,
    format: str = "%.2f",
    help: str | None = None,
) -> float:
    """A real number from `low` to `high` on a slider, kept in the address as `param`."""
    key = _prepare(param, default, lambda text: _within(float(text), low, high))
    st.slider(label, low, high, step=step, format=format, key=key, help=help, on_change=_write(param, key, default))
    return _finite(st.session_state[key], low, high, default)


def stop(label: str, stops: Sequence[int], *, param: str, default: int | None = None, help: str | None = None) -> int:
    """One of a rising row of whole numbers on a slider; the default is the last where none is given.

    An address that names a number between two stops gets the one before it. A single stop needs no slider,
    and shows none.
    """
    usual = stops[-1] if default is None else default
    key = _prepare(param, usual, lambda text: max((s for s in stops if s <= int(text)), default=stops[0]))
    if len(stops) < 2:
        return stops[0]
    st.select_slider(label, stops, key=key, format_func=count, help=help, on_change=_write(param, key, usual))
    value = st.session_state[key]
    return int(value) if value in stops else usual


def _prepare(param: str, default: Number, parse: Callable[[str], Number]) -> str:
    """Give the widget what the address says, and clean an address that says nonsense; the widget's key."""
    key = f"link_{param}"
    value, asked = default, links.get(param)
    if asked is not None:
        try:
            value = parse(asked)
        except (ValueError, OverflowError):
            links.put(param, None)
    st.session_state[key] = value
    return key


def _within(value: Number, low: float, high: float) -> Number:
    if not low <= value <= high:  # also true of NaN
        raise ValueError(f"{value} is not between {low} and {high}")
    return value


def _write(param: str, key: str, default: float) -> Callable[[], None]:
    def write() -> None:
        value = st.session_state[key]
        links.put(param, None if value is None or value == default else f"{value:.12g}")

    return write


def _checked(value: object, low: int, high: int, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high else default


def _finite(value: object, low: float, high: float, default: float) -> float:
    if isinstance(value, int | float) and math.isfinite(value) and low <= value <= high:
        return float(value)
    return default
