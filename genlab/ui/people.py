"""What an admin of the mode ``team`` sees on the Overview: everybody's workspaces, and what trains in them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.paths import root
from genlab.runs.disk import free_bytes
from genlab.runs.visitors import VisitorError
from genlab.ui import shell, team, words
from genlab.ui.i18n import t
from genlab.ui.text import count, duration

if TYPE_CHECKING:
    from genlab.runs.census import Live, Workspace

SECONDS: Final = 5.0
"""Between two looks at what trains."""
SIZES_SECONDS: Final = 30.0
"""For so long sizes on the disk are believed."""


def draw() -> None:
    """What trains and who has a workspace, for admins; nothing for others."""
    if not team.is_admin():
        return
    box = st.expander(t("team.title"), icon=":material/groups:", key="team", on_change="rerun")
    if box.open:
        with box:
            shell.fragment(_look, run_every=SECONDS)()


def _look() -> None:
    from genlab.runs import census

    live, known = census.live(), _workspaces(str(root()))
    training = sum(one.run.status().state == "running" for one in live)
    st.html(
        words.stats(
            [
                (t("team.workspaces"), count(len(known))),
                (t("team.training"), count(training)),
                (t("team.waiting"), count(len(live) - training)),
                (t("team.disk"), f"{sum(one.megabytes for one in known):,.0f} MB"),
                (t("team.free"), f"{free_bytes() / 1e9:,.0f} GB"),
            ]
        )
    )
    for one in live:
        _live(one)
    if known:
        _table(known)


def _live(one: Live) -> None:
    status = one.run.status()
    with st.container(horizontal=True, vertical_alignment="center"):
        who = one.who or t("team.installation")
        told = f"{words.state_badge(status.state)} {status.progress:.0%} · {shell.escape(words.title(one.run))}"
        st.markdown(f"{told} · {shell.escape(who)}")
        st.button(
            t("train.do.stop"), icon=":material/stop:", key=f"team-stop-{one.run.id}", on_click=_stop,
            args=(one.home, one.run.id),
        )  # fmt: skip


@shell.guarded
def _stop(home: str, run_id: str) -> None:
    from genlab.runs import census

    if not team.is_admin():
        raise VisitorError("Only an admin may stop the runs of others.")
    census.stop(home, run_id)


@st.cache_data(ttl=SIZES_SECONDS, max_entries=4, show_spinner=False)
def _workspaces(_root: str, /) -> list[Workspace]:
    from genlab.runs import census

    return census.workspaces()


def _table(known: list[Workspace]) -> None:
    import pandas as pd

    rows = [(one.who, one.runs, round(one.megabytes, 1), duration(max(0.0, time.time() - one.seen))) for one in known]
    names = [t(f"team.column.{name}") for name in ("who", "runs", "megabytes", "seen")]
    st.dataframe(pd.DataFrame(rows, columns=names), hide_index=True)
