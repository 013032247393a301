"""Values that live in the query string, so that every view is a link.

The address is the only truth: a widget made here shows what the address says, and writes what is chosen
into it. Options are neutral ids; what the screen shows for them may be in any language, which is why
Streamlit's own ``bind="query-params"`` (it would write the shown label) serves only for numbers and the like.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

import streamlit as st

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def get(param: str) -> str | None:
    """The value of a query parameter, or None."""
    return st.query_params.get(param)


def put(param: str, value: str | None) -> None:
    """Write a query parameter, or take it out with None. The rest of the address stays."""
    if value is None:
        if param in st.query_params:
            del st.query_params[param]
    elif st.query_params.get(param) != value:
        st.query_params[param] = value


def select(
    label: str,
    options: Sequence[str],
    *,
    param: str,
    default: str,
    text: Callable[[str], str] = str,
    help: str | None = None,
    horizontal: bool = False,
    label_visible: bool = True,
) -> str:
    """One of a few ids, chosen in a drop-down list (or in a row of buttons) and kept in the address.

    Parameters
    ----------
    options
        Neutral ids; not empty.
    param
        Name of the query parameter. The default is left out of the address.
    default
        Chosen where the address says nothing, or something unknown.
    text
        What the screen shows for an id.
    horizontal
        A row of buttons instead of a list.
    label_visible
        False leaves the label to screen readers.

    Returns
    -------
    str
        The chosen id, always one of `options`.
    """
    asked = get(param)
    current = asked if asked is not None and asked in options else default
    if asked is not None and asked != current:
        put(param, None)
    key = f"link_{param}"
    st.session_state[key] = current

    shown = {option: text(option) for option in options}
    ids = {label: option for option, label in shown.items()}

    def chosen() -> None:
        value = st.session_state[key]
        # The browser sends the text it shows. Where that has changed since it was drawn, as with a run's state,
        # Streamlit knows no option for it and hands the text on.
        value = ids.get(value, value)
        if value in options:
            put(param, None if value == default else value)

    visibility: Literal["visible", "collapsed"] = "visible" if label_visible else "collapsed"
    if horizontal:
        st.segmented_control(
            label, options, key=key, format_func=shown.__getitem__, help=help, on_change=chosen, required=True,
            label_visibility=visibility,
        )  # fmt: skip
    else:
        st.selectbox(
            label,
            options,
            key=key,
            format_func=shown.__getitem__,
            help=help,
            on_change=chosen,
            label_visibility=visibility,
        )
    value = st.session_state[key]
    return str(value) if value in options else current


def tabs(ids: Sequence[str], *, param: str, text: Callable[[str], str]) -> tuple[str, DeltaGenerator]:
    """A row of tabs whose open one is kept in the address, and the only one that is to be filled.

    Parameters
    ----------
    ids
        Neutral ids; the first is open where the address says nothing, or something unknown.
    param
        Name of the query parameter.
    text
        What the screen shows for an id: another one for each.

    Returns
    -------
    str
        The id of the open tab.
    DeltaGenerator
        The open tab.
    """
    asked = get(param)
    current = asked if asked is not None and asked in ids else ids[0]
    if asked is not None and asked != current:
        put(param, None)
    shown = {one: text(one) for one in ids}
    key = f"link_{param}"
    st.session_state[key] = shown[current]

    def opened() -> None:
        label = st.session_state[key]
        put(param, next((one for one in ids[1:] if shown[one] == label), None))

    containers = st.tabs(list(shown.values()), key=key, on_change=opened)
    return current, containers[ids.index(current)]
