"""The choice of a run, the same on every page, kept in the address as ``?run=``."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.errors import GenlabError
from genlab.ui import links, navigation, shelf, words
from genlab.ui.errors import said
from genlab.ui.i18n import t
from genlab.ui.shell import escape

if TYPE_CHECKING:
    from genlab.runs.store import Run

PARAM: Final = "run"
REMEMBERED: Final = "_run"
"""The run looked at last in this session: pages opened from the menu go on with it."""


def pick(*, need_checkpoint: bool = False) -> Run:
    """Let the user choose a run, and return it; ends the page with a hint where there is none.

    The address decides (``?run=``), else the run looked at last, else the newest.

    Parameters
    ----------
    need_checkpoint
        Offer only runs that have weights to draw with.
    """
    runs = shelf.offered()
    if need_checkpoint:
        runs = {name: run for name, run in runs.items() if run.checkpoints()}
    forget_missing(runs)
    if not runs:
        st.info(t("common.run.none"), icon=":material/info:")
        navigation.link("train", t("common.run.train"))
        st.stop()
    newest = next(iter(runs))
    if links.get(PARAM) is None:
        remembered = st.session_state.get(REMEMBERED)
        links.put(PARAM, remembered if remembered in runs else newest)
    chosen = links.select(
        t("common.run.label"), list(runs), param=PARAM, default="", text=lambda name: label(runs[name])
    )
    st.session_state[REMEMBERED] = chosen
    return runs[chosen]


def label(run: Run) -> str:
    """A run in one line: its number, its title, its state, and where it is from where it is not one's own."""
    return " · ".join(filter(None, [words.title(run), t(f"common.state.{run.status().state}"), shelf.mark(run)]))


def forget_missing(runs: Collection[str]) -> None:
    """Take a run out of the address that is none of these, and say why it cannot be shown."""
    asked = links.get(PARAM)
    if asked is None or asked in runs:
        return
    links.put(PARAM, None)
    if asked:
        _explain_missing(asked)


def _explain_missing(name: str) -> None:
    from genlab.runs.store import open_run

    told = t("common.run.unknown", run=name[:80])
    try:
        problem = open_run(name).problem
        told = said(problem) if problem else told
    except GenlabError as error:
        told = said(error) if name.startswith(shelf.SHARED) else told
    st.warning(escape(told), icon=":material/warning:")
