"""One of the five documents as an annotated outline: each section with the claims that it makes, and their verdicts."""

from __future__ import annotations

import streamlit as st

from genlab.market import Document, claims, documents, sections, select, tally
from genlab.ui import links, navigation, words
from genlab.ui.i18n import language, t
from genlab.ui.market.claims import badge
from genlab.ui.shell import escape


def draw() -> None:
    """The section."""
    known = list(documents())
    key = links.select(t("market.document"), known, param="read", default=known[0], horizontal=True)
    document = documents()[key]
    st.subheader(escape(document.title[language()]), anchor=False)
    st.markdown(escape(document.gist[language()]))
    made = select(claims().values(), document=key)
    counted = [(t(f"market.verdicts.{verdict}"), str(n)) for verdict, n in tally(made).items()]
    st.html(words.stats([(t("market.claims"), str(len(made))), *counted]))
    _listing(document)
    _outline(key)


def _listing(document: Document) -> None:
    from genlab.models.presets import preset

    navigation.link(
        "train", t("market.listing", document=document.key), icon=":material/code:",
        model=preset(document.preset).model, preset=document.preset,
    )  # fmt: skip


def _outline(document: str) -> None:
    """Headings as indented lines; claims below the section that makes them, each a link to its entry."""
    mine = [section for section in sections().values() if section.document == document]
    made = select(claims().values(), document=document)
    language_query = f"&lang={links.get('lang')}" if links.get("lang") else ""
    lines: list[str] = []
    for section in mine:
        depth = sum(section.within(other) for other in mine)  # itself and the sections around it
        indent = "    " * (depth - 1)
        heading = f"{section.number} {escape(section.title[language()])}"
        lines.append(f"{indent}- {f'**{heading}**' if depth == 1 else heading}")
        for claim in made:
            if section.key in claim.sections:
                address = f"?section=claims&entry={claim.key}{language_query}"
                lines.append(f"{indent}    - {badge(claim.verdict)} [{escape(claim.text[language()])}]({address})")
    st.markdown("\n".join(lines))
    st.caption(t("market_reading.outline_note"))
