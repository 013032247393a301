"""Runs that one may look at but not change, on the pages: which there are, how they are marked, copied, and shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from genlab.errors import GenlabError
from genlab.ui import links, navigation
from genlab.ui.i18n import t

if TYPE_CHECKING:
    from genlab.runs.store import Run

SHARED: Final = "shared-"
OPENED: Final = "_shared_runs"
"""Session key of the ids of shared runs that were opened: the only list of them that there is."""
PARAMS: Final = ("run", "runs", "beside_run")
"""Of the address, which may name shared runs."""


def offered() -> dict[str, Run]:
    """All runs that can be looked at, by id: one's own, newest first, then those shared with one, then the zoo's."""
    from genlab.runs.store import list_runs
    from genlab.zoo.shipped import shipped_runs

    runs = [*(run for run in list_runs() if run.problem is None), *shared(), *shipped_runs()]
    return {run.id: run for run in runs}


def shared() -> list[Run]:
    """The shared runs that this session has opened by their links."""
    from genlab.runs.store import open_run

    named = [part for param in PARAMS for part in (links.get(param) or "").split(",")]
    known = st.session_state.get(OPENED, ())
    found = {}
    for run_id in dict.fromkeys([*(part for part in named if part.startswith(SHARED)), *known]):
        try:
            found[run_id] = open_run(run_id)
        except GenlabError:
            continue  # withdrawn, or a link that never was; the page tells of the one that it was opened with
    st.session_state[OPENED] = tuple(found)
    return list(found.values())


def mark(run: Run) -> str:
    """Where a run is from that is not one's own, in a word; empty for one's own."""
    if not run.read_only:
        return ""
    return t("shelf.shared" if run.id.startswith(SHARED) else "shelf.zoo")


def badge(run: Run) -> str:
    """The same as a small label, in Streamlit's Markdown."""
    told = mark(run)
    return f":violet-badge[:material/visibility: {told}]" if told else ""


def copy_button(run: Run) -> None:
    """A button that takes a copy, and goes there."""
    from genlab.runs.shelf import take_copy

    if st.button(t("shelf.copy"), icon=":material/content_copy:", help=t("shelf.copy_help"), key=f"copy-{run.id}"):
        with st.spinner(t("shelf.copying")):
            copied = take_copy(run)
        navigation.go("train", run=copied.id)


def share(run: Run) -> None:
    """The link by which others can look at a run of one's own: made, shown and withdrawn."""
    from genlab.runs import sharing

    shared_as = sharing.shared_as(run)
    label = t("shelf.share" if shared_as is None else "shelf.is_shared")
    with st.popover(label, icon=":material/share:", type="tertiary", key=f"share-{run.id}"):
        st.markdown(t("shelf.share_lead"))
        if shared_as is None:
            st.button(t("shelf.make"), icon=":material/add_link:", key="share-make", on_click=_share, args=(run,),
                      type="primary", width="stretch")  # fmt: skip
            return
        st.code(_address(shared_as), None, wrap_lines=True)
        st.button(t("shelf.withdraw"), icon=":material/link_off:", key="share-withdraw", on_click=_withdraw,
                  args=(run,), width="stretch")  # fmt: skip


def _share(run: Run) -> None:
    from genlab.runs import sharing
    from genlab.ui import shell

    shell.guarded(sharing.share)(run)


def _withdraw(run: Run) -> None:
    from genlab.runs import sharing
    from genlab.ui import shell

    shell.guarded(sharing.withdraw)(run)


def _address(run_id: str) -> str:
    """The address of the Overview with a run, as the browser knows this server."""
    here = urlsplit(st.context.url or "")
    folder = here.path.rsplit("/", 1)[0]
    return urlunsplit((here.scheme, here.netloc, f"{folder}/", urlencode({"run": run_id}), ""))
