"""What all sections show of an entry: its link, its sources, the sections that speak of it, and where to try it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, Final

import streamlit as st

from genlab.market.cases import Lab
from genlab.market.documents import sections
from genlab.market.references import Reference
from genlab.market.search import Kind
from genlab.ui import links, navigation
from genlab.ui.i18n import language, t
from genlab.ui.shell import escape

PARAM: Final = "entry"
ALL: Final = "all"
SECTION_OF: Final[dict[Kind, str]] = {
    "claim": "claims",
    "experiment": "measured",
    "case": "uses",
    "rule": "law",
    "event": "timeline",
    "resource": "resources",
    "question": "questions",
}
ICONS: Final[dict[Kind, str]] = {
    "claim": ":material/balance:",
    "experiment": ":material/science:",
    "case": ":material/construction:",
    "rule": ":material/gavel:",
    "event": ":material/history:",
    "resource": ":material/menu_book:",
    "question": ":material/help:",
}
CHART: Final = {"displaylogo": False, "displayModeBar": False}


def asked(known: Container[str]) -> str | None:
    """The entry that the address asks for; None where it asks for none that is known, which is then taken out."""
    key = links.get(PARAM)
    if key is not None and key not in known:
        links.put(PARAM, None)
        return None
    return key


def back() -> None:
    """The button that closes the entry."""
    st.button(t("market.back"), icon=":material/arrow_back:", key="market_back", on_click=links.put, args=(PARAM, None))


def link(section: str, key: str, label: str, *, icon: str | None = None) -> None:
    """A link to an entry, whatever page it stands on."""
    navigation.link("market", escape(label), icon=icon, section=section, entry=key)


def picked(points: Sequence[Mapping[str, Any]]) -> str | None:
    """The key of the mark that was clicked in a figure; None where none was, or the browser sends something else."""
    key = points[0].get("customdata") if points else None
    if isinstance(key, list):
        key = key[0] if key else None
    return key if isinstance(key, str) else None


def permalink(section: str, key: str) -> None:
    """A link to this entry alone, to be kept or sent."""
    with st.container(key=f"permalink_{section}_{key}"):  # which the style sheet leaves out of what is printed
        navigation.link("market", t("market.permalink"), icon=":material/link:", section=section, entry=key)


def sources(references: Sequence[Reference]) -> None:
    """Published work, each with its address where one is certain."""
    if references:
        told = [f"[{escape(one.text)}]({one.url})" if one.url else escape(one.text) for one in references]
        st.caption(f"**{t('market.sources')}** {' · '.join(told)}")


def told_in(keys: Iterable[str]) -> None:
    """The sections of the documents that speak of it; their headings as far as the reader's language has them."""
    told = [f"{key} {sections()[key].title[language()]}" for key in keys]
    if told:
        st.caption(f"**{t('market.told_in')}** {escape(' · '.join(told))}")


def lab(place: Lab | None) -> None:
    """Where something of it can be tried in this lab."""
    if place is not None:
        navigation.link(place.page, escape(place.what[language()]), icon=":material/science:", **place.query)


def choose(param: str, ids: Iterable[str], words: Mapping[Any, str], label: str, help: str | None = None) -> str | None:
    """One of some ids as a filter of the address; None for all of them."""
    chosen = links.select(
        label, [ALL, *ids], param=param, default=ALL, help=help,
        text=lambda key: t("market.all") if key == ALL else words[key],
    )  # fmt: skip
    return None if chosen == ALL else chosen
