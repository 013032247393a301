"""One of the five documents as an annotated outline: each section with the claims that it makes, and their verdicts."""

from __future__ import annotations

import streamlit as st

from genlab.market import Document, claims, documents, sections, select, tally
from genlab.ui import links, navigation, words
from genlab.ui.i18n import language, t
from genlab.ui.market import entry
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
    """Headings, indented by their depth; claims below the section that makes them, each a link to its entry."""
    mine = [section for section in sections().values() if section.document == document]
    made = select(claims().values(), document=document)
    for section in mine:
        depth = sum(section.within(other) for other in mine)  # itself and the sections around it
        heading = f"{section.number} {escape(section.title[language()])}"
        # The style sheet indents by this key.
        with st.container(gap="xxsmall", key=f"gl-depth-{depth}-{section.number.replace('.', '-')}"):
            st.markdown(f"**{heading}**" if depth == 1 else heading)
            for claim in made:
                if section.key in claim.sections:
                    told = f"{badge(claim.verdict)} {escape(claim.text[language()])}"
                    navigation.link("market", told, icon=entry.ICONS["claim"], section="claims", entry=claim.key)
    st.caption(t("market_reading.outline_note"))
