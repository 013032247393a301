"""The Models page: which of them works, how well and at what cost, by what the lab measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from genlab.errors import GenlabError
from genlab.ui import links, shell, words
from genlab.ui.gallery import cards, curves, entrants, history, table
from genlab.ui.gallery.entrants import Entrant
from genlab.ui.i18n import t

FIRST: Final = "mnist"
"""The data set that is shown when nobody has chosen, where something was measured on it."""


def draw() -> None:
    """The page below its heading."""
    data = _choose()
    found = _read(data) if data is not None else ()
    if data is None:
        st.info(t("models.none"), icon=":material/straighten:")
    elif found:
        shell.guarded(table.draw)(found, data)
        shell.fragment(curves.draw)(found)
    cards.draw(found, data)
    history.draw(found if data == history.DATA else _read(history.DATA))


def _choose() -> str | None:
    """The data set whose measurements are shown; None where there are none at all."""
    names = entrants.data_sets()
    if not names:
        return None
    return links.select(
        t("models.data"), names, param="data", default=FIRST if FIRST in names else names[0],
        text=words.data_title, horizontal=True,
    )  # fmt: skip


def _read(data: str) -> Sequence[Entrant]:
    """What was measured; what is damaged is told, and hides nothing else."""
    try:
        return entrants.read(data)
    except GenlabError as error:
        shell.show_error(error)
        return ()
