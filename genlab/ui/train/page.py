"""Which of its three faces the Train page shows: the address says (``?run=``, ``?search=``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.ui import links, navigation, run_picker, shelf, shell, words
from genlab.ui.i18n import t
from genlab.ui.train import search_watch, setup, watch

if TYPE_CHECKING:
    from genlab.runs.store import Run

NEW: Final = ""


def draw() -> None:
    """A run or a search where the address names one, else what a new training needs."""
    left, right = st.columns([3, 2], gap="large", vertical_alignment="bottom")
    left.title(t("train.title"), anchor=False)
    search = search_watch.asked() if links.get(run_picker.PARAM) is None else None
    if search is not None:
        with right:
            search_watch.pick()
        search_watch.draw(search)
        return
    runs = shelf.offered()
    run_picker.forget_missing(runs)
    with right:
        chosen = links.select(
            t("common.run.label"), [NEW, *runs], param=run_picker.PARAM, default=NEW,
            text=lambda name: run_picker.label(runs[name]) if name else f"+ {t('common.run.new')}",
            label_visible=False,
        )  # fmt: skip
    if chosen == NEW:
        st.caption(t("train.lead"))
        search_watch.running_now()
        _running_now([run for run in runs.values() if not run.read_only and run.status().state == "running"])
        setup.draw()
    else:
        st.session_state[run_picker.REMEMBERED] = chosen
        search_watch.tell_trial(runs[chosen])
        watch.draw(runs[chosen])


def _running_now(runs: list[Run]) -> None:
    """A way to what trains at the moment, for who comes here from the menu."""
    for run in runs[:1]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{words.state_badge('running')} {shell.escape(words.title(run))}")
            navigation.link("train", t("train.watch.go"), icon=":material/show_chart:", run=run.id)
