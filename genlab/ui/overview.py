"""The parts of the Overview page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from genlab.ui import cards, carry, navigation, run_picker, shelf, shell, words, zoo
from genlab.ui.i18n import t
from genlab.ui.text import duration

if TYPE_CHECKING:
    from genlab.runs.store import Run

A_PAGE: Final = 12
LIVE_SECONDS: Final = 2.0


class Runs(NamedTuple):
    """All runs, newest first: those that can be used, and those that cannot."""

    good: list[Run]
    broken: list[Run]


def read_runs() -> Runs:
    """Look at the folder of runs, and see that somebody works where some are waiting or their worker died."""
    from genlab.runs import store, worker

    found = store.list_runs()
    runs = Runs([run for run in found if run.problem is None], [run for run in found if run.problem is not None])
    for run in runs.good:
        if run.status().state == "died":
            from genlab.runs.mending import mend_run  # slow to import: torch

            mend_run(run)
    if any(run.status().state == "queued" for run in runs.good):
        shell.guarded(worker.ensure_workers)()  # the others can be looked at all the same
    return runs


def showcase(runs: list[Run], zoo: list[Run], picture: DeltaGenerator, ways: DeltaGenerator) -> None:
    """The newest pictures there are, else the best that came along, and the ways from here."""
    shown = next((run for run in [*runs, *zoo] if cards.last_picture(run) is not None), None)
    if shown is not None:
        with picture:
            _newest(shown)
    with ways:
        if st.button(t("overview.train"), icon=":material/play_arrow:", type="primary"):
            navigation.go("train")
        if shown is not None and shown.status().is_live:
            navigation.link("train", t("overview.watch"), icon=":material/show_chart:", run=shown.id)
        for key in ("samples", "latent", "replay"):
            if shown is not None and navigation.has(key) and shown.checkpoints():
                navigation.link(key, t(f"overview.{key}"), run=shown.id)


def _newest(run: Run) -> None:
    from genlab.zoo.card import read_card

    status = run.status()

    def draw() -> None:
        now = run.status()
        path = cards.last_picture(run)
        if path is not None:
            alt = t("overview.card.picture", run=words.title(run))
            st.html(words.picture(path.read_bytes(), alt), width=448)
        facts = {"model": words.model_title(run.config.model), "data": words.data_title(run.config.data)}
        if now.is_live:
            st.caption(shell.escape(t("overview.caption_live", **facts)))
        elif run.id.startswith(words.ZOO):
            st.caption(shell.escape(f"{words.shipped_title(run)} · {zoo.in_short(read_card(run.path))}"))
        else:
            st.caption(shell.escape(t("overview.caption", time=duration(now.seconds), **facts)))
        if now.state != status.state:
            st.rerun()

    shell.fragment(draw, run_every=LIVE_SECONDS if status.is_live else None)()


def shared() -> None:
    """The runs that others share whose links were opened here, and why one that the address names cannot be shown."""
    run_picker.forget_missing(shelf.offered())
    runs = shelf.shared()
    if not runs:
        return
    st.subheader(t("shelf.with_you"), anchor=False)
    st.caption(t("shelf.with_you_lead"))
    live = any(run.status().is_live for run in runs)
    shell.fragment(lambda: cards.grid(runs, "shared"), run_every=LIVE_SECONDS if live else None)()


def list_runs(runs: Runs) -> None:
    """All runs as cards, twelve a page; they stay fresh while one of them is live."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(t("overview.runs"), anchor=False, width="content")
        if len(runs.good) > 1 and navigation.has("compare"):
            navigation.link("compare", t("overview.compare"))
        carry.take_in()
    if not runs.good:
        st.info(t("overview.none"), icon=":material/waving_hand:")
    shown = runs.good
    if len(shown) > A_PAGE:
        page = st.pagination(-(-len(shown) // A_PAGE), key="page", bind="query-params")
        shown = shown[(page - 1) * A_PAGE : page * A_PAGE]
    states = [run.status().state for run in shown]

    def draw() -> None:
        if [run.status().state for run in shown] != states:
            st.rerun()
        cards.grid(shown, "runs")

    live = any(state in ("queued", "running") for state in states)
    shell.fragment(draw, run_every=LIVE_SECONDS if live else None)()
    cards.broken(runs.broken)
