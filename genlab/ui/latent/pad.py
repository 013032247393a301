"""A pad to draw a picture on, as a component; what it sends is checked here."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Final

import streamlit as st

from genlab.data.pictures import DataError
from genlab.ui.i18n import t

ASSETS: Final = Path(__file__).parents[1] / "assets" / "pad"
HEAD: Final = "data:image/png;base64,"
LONGEST: Final = 400_000
"""Characters of a drawing: one of 252 x 252 pixels has at most 350,000 of them, however wild."""
WORDS: Final = ("pad", "tools", "pen", "eraser", "clear", "ink")

_component = st.components.v2.component(
    "genlab_pad",
    html=(ASSETS / "pad.html").read_text("utf-8"),
    css=(ASSETS / "pad.css").read_text("utf-8"),
    js=(ASSETS / "pad.js").read_text("utf-8"),
)


def draw(key: str, *, colour: bool, on_drawn: Callable[[object], None]) -> None:
    """Show the pad.

    Parameters
    ----------
    key
        Names the pad: another name is another, empty sheet.
    colour
        Whether the ink's colour can be chosen; it is white, on black, at first.
    on_drawn
        Gets whatever the browser sends after a stroke, of which nothing is checked yet: see :func:`png`.
    """

    def drawn() -> None:
        on_drawn(st.session_state[key].get("drawn"))

    words = {word: t(f"latent_own.pad.{word}") for word in WORDS}
    _component(key=key, data={"paper": "#000000", "colour": colour, "words": words}, on_drawn_change=drawn)


def png(sent: object) -> bytes:
    """The picture file in what a browser sent; empty for an empty sheet.

    Raises
    ------
    DataError
        It is something else, or too long.
    """
    if sent == "":
        return b""
    if isinstance(sent, str) and sent.startswith(HEAD) and len(sent) <= LONGEST:
        try:
            return base64.b64decode(sent.removeprefix(HEAD), validate=True)
        except ValueError:  # not ASCII, or not base64
            pass
    raise DataError("What the browser sent is no drawing. Load the page again and draw once more.")
