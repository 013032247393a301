"""The Market page: a search over all of it, and its sections, of which the open one alone is drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from genlab.market.search import search
from genlab.ui import links
from genlab.ui.i18n import language, t
from genlab.ui.market import (
    claims,
    costs,
    documents,
    entry,
    law,
    measured,
    questions,
    resources,
    screener,
    timeline,
    uses,
)

SECTIONS: Final[dict[str, Callable[[], None]]] = {
    "claims": claims.draw,
    "measured": measured.draw,
    "uses": uses.draw,
    "law": law.draw,
    "screener": screener.draw,
    "costs": costs.draw,
    "timeline": timeline.draw,
    "resources": resources.draw,
    "questions": questions.draw,
    "documents": documents.draw,
}
HITS: Final = 12
QUERY_MAX: Final = 200
SHOWN: Final = "market_shown"


def draw() -> None:
    """The page below its heading."""
    _follow()
    _search()
    section, tab = links.tabs(list(SECTIONS), param="section", text=lambda key: t(f"market.sections.{key}"))
    with tab:
        SECTIONS[section]()


def _follow() -> None:
    """Bring the address bar to the entry that is shown: a link within a page opens it, and leaves the bar as it was."""
    shown = (links.get("section"), links.get(entry.PARAM))
    if st.session_state.setdefault(SHOWN, shown) != shown:
        st.session_state[SHOWN] = shown
        st.query_params.from_dict(st.query_params.to_dict())


def _search() -> None:
    key = "market_q"
    query = (links.get("q") or "")[:QUERY_MAX]
    st.session_state[key] = query

    def asked() -> None:
        links.put("q", str(st.session_state[key]).strip()[:QUERY_MAX] or None)

    st.text_input(
        t("market.search"), key=key, max_chars=QUERY_MAX, on_change=asked, icon=":material/search:",
        placeholder=t("market.search_hint"),
    )  # fmt: skip
    if not query:
        return
    hits = search(query)
    with st.container(border=True):
        st.caption(t("market.found", n=len(hits), shown=min(len(hits), HITS)) if hits else t("market.found_nothing"))
        for hit in hits[:HITS]:
            found = hit.entry
            entry.link(entry.SECTION_OF[found.kind], found.key, found.name[language()], icon=entry.ICONS[found.kind])
