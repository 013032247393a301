"""The Market page: what the five documents say about generative AI, theme by theme, and what holds of it."""

from __future__ import annotations

from typing import Final, cast

import streamlit as st

from genlab.market import Claim, Document, Theme, documents, outline, select, tally
from genlab.market.outline import VERDICTS, Verdict
from genlab.ui import links, navigation, words
from genlab.ui.i18n import language, t
from genlab.ui.shell import escape

ALL: Final = "all"
ACROSS: Final = 2
BADGES: Final[dict[Verdict, tuple[str, str]]] = {
    "holds": ("green", ":material/check:"),
    "wrong": ("red", ":material/close:"),
    "unsupported": ("orange", ":material/help:"),
}


def draw() -> None:
    """The page below its heading."""
    _documents()
    document, verdict = _filters()
    themes = select(
        outline(), None if document == ALL else document, None if verdict == ALL else cast(Verdict, verdict)
    )
    _summary(themes)
    if not themes:
        st.info(t("market.nothing"), icon=":material/filter_alt_off:")
    st.markdown(" · ".join(f"[{escape(theme.title[language()])}](#{theme.key})" for theme in themes))
    for theme in themes:
        _theme(theme)
    st.caption(t("market.note"))


def _documents() -> None:
    with st.expander(t("market.documents"), icon=":material/description:"):
        for document in documents().values():
            _document(document)


def _document(document: Document) -> None:
    from genlab.models.presets import preset

    st.markdown(f"**{document.key} · {escape(document.title[language()])}**  \n{escape(document.gist[language()])}")
    navigation.link(
        "train", t("market.listing", document=document.key), icon=":material/code:",
        model=preset(document.preset).model, preset=document.preset,
    )  # fmt: skip


def _filters() -> tuple[str, str]:
    left, right = st.columns(2)
    with left:
        document = links.select(
            t("market.document"), [ALL, *documents()], param="doc", default=ALL, horizontal=True,
            text=lambda key: t("market.all") if key == ALL else key,
        )  # fmt: skip
    with right:
        verdict = links.select(
            t("market.verdict"), [ALL, *VERDICTS], param="verdict", default=ALL, horizontal=True,
            text=lambda key: t("market.all") if key == ALL else t(f"market.verdicts.{key}"),
        )  # fmt: skip
    return document, verdict


def _summary(themes: tuple[Theme, ...]) -> None:
    counts = tally(themes)
    pairs = [(t("market.themes"), str(len(themes))), (t("market.claims"), str(sum(counts.values())))]
    pairs += [(t(f"market.verdicts.{verdict}"), str(n)) for verdict, n in counts.items()]
    st.html(words.stats(pairs))


def _theme(theme: Theme) -> None:
    st.subheader(f":material/{theme.icon}: {theme.title[language()]}", anchor=theme.key)
    st.caption(theme.lead[language()])
    for first in range(0, len(theme.claims), ACROSS):
        row = theme.claims[first : first + ACROSS]
        for column, claim in zip(st.columns(ACROSS), row, strict=False):
            with column, st.container(border=True, height="stretch"):
                _claim(claim)


def _claim(claim: Claim) -> None:
    colour, icon = BADGES[claim.verdict]
    sources = " ".join(f":gray-badge[{key}]" for key in claim.documents)
    st.markdown(f":{colour}-badge[{icon} {t(f'market.verdicts.{claim.verdict}')}] {sources}")
    st.markdown(escape(claim.text[language()]))
    if claim.fix[language()]:
        label = t("market.correction" if claim.verdict == "wrong" else "market.missing")
        st.markdown(f"**{label}** {escape(claim.fix[language()])}")
    if claim.references:
        cited = [
            f"[{escape(reference.text)}]({reference.url})" if reference.url else escape(reference.text)
            for reference in claim.references
        ]
        st.caption(" · ".join(cited))
