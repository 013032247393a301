"""The Market page: what the five documents say about generative AI, theme by theme, and what holds of it."""

from __future__ import annotations

from typing import Final, cast

import streamlit as st

from genlab.market import Claim, Document, Topic, claims, documents, select, tally, topics
from genlab.market.claims import VERDICTS, Verdict
from genlab.ui import links, navigation, words
from genlab.ui.i18n import language, t
from genlab.ui.shell import escape

ALL: Final = "all"
ACROSS: Final = 2
BADGES: Final[dict[Verdict, tuple[str, str]]] = {
    "supported": ("green", ":material/check:"),
    "limited": ("blue", ":material/rule:"),
    "contested": ("violet", ":material/balance:"),
    "wrong": ("red", ":material/close:"),
    "unchecked": ("orange", ":material/help:"),
}


def draw() -> None:
    """The page below its heading."""
    _documents()
    document, verdict = _filters()
    kept = select(
        claims().values(),
        document=None if document == ALL else document,
        verdict=None if verdict == ALL else cast(Verdict, verdict),
    )
    shown = [topic for topic in topics().values() if select(kept, topic=topic.key)]
    _summary(kept, len(shown))
    if not kept:
        st.info(t("market.nothing"), icon=":material/filter_alt_off:")
    st.markdown(" · ".join(f"[{escape(topic.title[language()])}](#{topic.key})" for topic in shown))
    for topic in shown:
        _topic(topic, select(kept, topic=topic.key))
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


def _summary(kept: tuple[Claim, ...], n_topics: int) -> None:
    pairs = [(t("market.themes"), str(n_topics)), (t("market.claims"), str(len(kept)))]
    pairs += [(t(f"market.verdicts.{verdict}"), str(n)) for verdict, n in tally(kept).items()]
    st.html(words.stats(pairs))


def _topic(topic: Topic, kept: tuple[Claim, ...]) -> None:
    st.subheader(f":material/{topic.icon}: {topic.title[language()]}", anchor=topic.key)
    st.caption(topic.lead[language()])
    for first in range(0, len(kept), ACROSS):
        row = kept[first : first + ACROSS]
        for column, claim in zip(st.columns(ACROSS), row, strict=False):
            with column, st.container(border=True, height="stretch"):
                _claim(claim)


def _claim(claim: Claim) -> None:
    colour, icon = BADGES[claim.verdict]
    sources = " ".join(f":gray-badge[{key}]" for key in claim.documents)
    st.markdown(f":{colour}-badge[{icon} {t(f'market.verdicts.{claim.verdict}')}] {sources}")
    st.markdown(escape(claim.text[language()]))
    st.markdown(f"**{t('market.reason')}** {escape(claim.why[language()])}")
    if claim.right[language()]:
        st.markdown(f"**{t('market.correction')}** {escape(claim.right[language()])}")
    if claim.references:
        cited = [
            f"[{escape(reference.text)}]({reference.url})" if reference.url else escape(reference.text)
            for reference in claim.references
        ]
        st.caption(" · ".join(cited))
