"""Runs as cards: the last pictures, the state, and ways in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.errors import GenlabError
from genlab.ui import navigation, shelf, words
from genlab.ui.errors import said
from genlab.ui.i18n import t
from genlab.ui.shell import escape, show_error
from genlab.ui.text import count, duration

if TYPE_CHECKING:
    from genlab.runs.status import Status
    from genlab.runs.store import Run

COLUMNS: Final = 4


def last_picture(run: Run) -> Path | None:
    """The newest grid of a run's fixed latents, or None before the first."""
    samples = run.samples()
    return samples[-1][1] if samples else None


def grid(runs: Sequence[Run], key: str) -> None:
    """Cards of runs in the order given, four in a row; the key tells one grid of a page from another."""
    with st.container(key=f"cards-{key}"):
        for start in range(0, len(runs), COLUMNS):
            for column, run in zip(st.columns(COLUMNS), runs[start : start + COLUMNS], strict=False):
                with column, st.container(border=True, height="stretch", key=f"card-{run.id}"):
                    card(run)


def card(run: Run) -> None:
    """One run: pictures, name, state and links."""
    status = run.status()
    picture = last_picture(run)
    if picture is not None:
        st.html(words.picture(picture.read_bytes(), t("overview.card.picture", run=words.title(run))))
    else:
        st.html(f'<div class="gl-blank">{t("overview.card.no_picture")}</div>')
    st.markdown(f"**{escape(words.title(run))}**")
    # No caption, which would fade the badge as well.
    told = facts(run, status)
    badges = f"{words.state_badge(status.state)} {shelf.badge(run)}".rstrip()
    st.markdown(badges + (f" :small[:gray[{escape(told)}]]" if told else ""))
    if status.state in ("running", "paused", "stopped", "failed", "died"):
        st.html(words.bar(status.progress))
    links(run, status)


def facts(run: Run, status: Status) -> str:
    """A run in figures: what it is, where its name does not say so, and how far it came."""
    parts = [words.what(run)] if run.title != run.name else []
    if status.step:
        parts += [t("overview.card.steps", n=count(status.step)), duration(status.seconds)]
    return " · ".join(parts)


def links(run: Run, status: Status) -> None:
    """Ways into a run, side by side."""
    with st.container(horizontal=True, gap="small"):
        watching = t("overview.card.watch" if status.is_live else "overview.card.open")
        navigation.link("train", watching, icon=":material/show_chart:", run=run.id)
        for key in ("samples", "latent"):
            if navigation.has(key) and run.checkpoints():
                navigation.link(key, t(f"overview.card.{key}"), run=run.id)
        if run.read_only:
            shelf.copy_button(run)


def broken(runs: Sequence[Run]) -> None:
    """Folders that are no runs any more, each with what is wrong with it and a way to be rid of it."""
    if not runs:
        return
    st.subheader(t("overview.broken"), anchor=False)
    for run in runs:
        st.warning(f"**{escape(run.id)}** — {escape(said(run.problem or ''))}", icon=":material/folder_off:")
        _remove(run)


def _remove(run: Run) -> None:
    from genlab.runs import control

    with st.popover(t("overview.remove"), icon=":material/delete:", type="tertiary", key=f"remove-{run.id}"):
        st.markdown(t("overview.remove_what", folder=run.id))
        if st.button(t("overview.remove_now"), icon=":material/delete:", key=f"remove-now-{run.id}"):
            try:
                control.delete(run)
            except GenlabError as error:
                show_error(error)
            else:
                st.rerun()
