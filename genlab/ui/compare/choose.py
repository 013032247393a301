"""Which runs are compared: numbers in the address, as in ``?runs=1,4,7``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.ui import links, navigation, shelf, shell
from genlab.ui.compare.gather import title
from genlab.ui.i18n import t

if TYPE_CHECKING:
    from genlab.runs.store import Run

PARAM: Final = "runs"
REMEMBERED: Final = "_compare_runs"
"""Session key of the choice made last: the page, opened from the menu, goes on with it."""
MOST: Final = 8
AT_FIRST: Final = 4
NAMED: Final = 3
"""Unknown runs that are told by name."""


def draw() -> dict[str, Run]:
    """Let the user choose, and return the runs by the keys of the address; ends the page where there is none."""
    runs = keyed(list(shelf.offered().values()))
    if not runs:
        st.info(t("common.run.none"), icon=":material/info:")
        navigation.link("train", t("common.run.train"))
        st.stop()
    asked, wrong = parse(links.get(PARAM), runs)
    if wrong:
        named = ", ".join(shell.escape(part[:20]) for part in wrong[:NAMED])
        st.warning(t("compare.unknown", runs=named), icon=":material/warning:")
    if len(asked) > MOST:
        st.warning(t("compare.too_many", most=MOST), icon=":material/warning:")
    if links.get(PARAM) is None or (wrong and not asked):
        remembered = [key for key in st.session_state.get(REMEMBERED, ()) if key in runs]
        asked = remembered or at_first(runs)
    chosen = _select(asked[:MOST], runs)
    st.session_state[REMEMBERED] = chosen
    if not chosen:
        st.info(t("compare.none_chosen"), icon=":material/arrow_upward:")
        st.stop()
    if len(runs) == 1:
        st.info(t("compare.only_one"), icon=":material/info:")
        if st.button(t("compare.train_another"), icon=":material/play_arrow:", type="primary"):
            navigation.go("train")
    return {key: runs[key] for key in chosen}


def keyed(runs: Sequence[Run]) -> dict[str, Run]:
    """Runs by number; by their id where they have none, or two folders, copied by hand, have the same."""
    numbers = Counter(run.number for run in runs)
    return {str(run.number) if run.number and numbers[run.number] == 1 else run.id: run for run in runs}


def parse(asked: str | None, runs: dict[str, Run]) -> tuple[list[str], list[str]]:
    """The runs that an address names, once each, and the parts of it that name none."""
    found: dict[str, None] = {}
    wrong: list[str] = []
    for part in filter(None, re.split(r"[\s,]+", asked or "")):
        key = part.lstrip("0") if part.isascii() and part.isdigit() else part
        if key in runs:
            found[key] = None
        else:
            wrong.append(part)
    return list(found), wrong


def at_first(runs: dict[str, Run]) -> list[str]:
    """What is compared when nobody has chosen: one's newest few finished runs, else any few; the zoo's without any.

    A single one has the first of the others beside it.
    """
    own = {key: run for key, run in runs.items() if not run.read_only} or runs
    finished = [key for key, run in own.items() if run.status().state == "finished"]
    found = (finished or list(own))[:AT_FIRST]
    return found if len(found) > 1 else [*found, *(key for key in runs if key not in own)][:2]


def _select(asked: list[str], runs: dict[str, Run]) -> list[str]:
    """The list to choose from, which shows what the address says and writes into it."""
    key = f"link_{PARAM}"
    links.put(PARAM, ",".join(asked))
    st.session_state[key] = asked
    shown = {name: _shown(name, run) for name, run in runs.items()}
    ids = {label: name for name, label in shown.items()}

    def chosen() -> None:
        # The browser sends the texts it shows, which may be older than these: see links.select.
        picked = [ids.get(value, value) for value in st.session_state[key]]
        links.put(PARAM, ",".join(name for name in picked if name in runs))

    st.multiselect(
        t("compare.runs"), list(runs), key=key, format_func=shown.__getitem__, max_selections=MOST, on_change=chosen,
        placeholder=t("compare.choose"), help=t("compare.runs_help", most=MOST),
    )  # fmt: skip
    return [name for name in st.session_state[key] if name in runs][:MOST]


def _shown(key: str, run: Run) -> str:
    if run.read_only:
        return f"{title(run)} · {shelf.mark(run)}"
    return f"{title(run)} ({run.id})" if key == run.id else title(run)
