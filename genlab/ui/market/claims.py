"""Verdict at a glance: all claims on one balance, filtered by the address, each with what it stands on."""

from __future__ import annotations

from typing import Final, cast

import streamlit as st

from genlab.market import Claim, balance, claims, documents, select, tally, topics
from genlab.market.claims import KINDS, SIDES, VERDICTS, Kind, Side, Verdict
from genlab.ui import links, words
from genlab.ui.i18n import language, t
from genlab.ui.latent.sheets import is_dark
from genlab.ui.market import entry, measured
from genlab.ui.shell import escape

A_PAGE: Final = 20
BADGES: Final[dict[Verdict, tuple[str, str]]] = {
    "supported": ("green", ":material/check:"),
    "limited": ("blue", ":material/rule:"),
    "contested": ("violet", ":material/balance:"),
    "wrong": ("red", ":material/close:"),
    "unchecked": ("orange", ":material/help:"),
}


def draw() -> None:
    """The section."""
    key = entry.asked(claims())
    if key is not None:
        claim = claims()[key]
        entry.back()
        with st.container(border=True):
            st.markdown(f"{badge(claim.verdict)} **{escape(claim.text[language()])}**")
            body(claim)
        return
    kept = _filtered()
    st.html(words.stats([(t("market.claims"), str(len(kept))), *_counted(kept)]))
    if not kept:
        st.info(t("market.nothing"), icon=":material/filter_alt_off:")
        return
    _balance(kept)
    for claim in _page(kept):
        with st.expander(f"{badge(claim.verdict)} {escape(claim.text[language()])}", key=f"claim_{claim.key}"):
            body(claim)
            entry.permalink("claims", claim.key)
    st.caption(t("market.note"))


def badge(verdict: Verdict) -> str:
    """A verdict as a small coloured label."""
    colour, icon = BADGES[verdict]
    return f":{colour}-badge[{icon} {t(f'market.verdicts.{verdict}')}]"


def body(claim: Claim) -> None:
    """All of a claim but its text and verdict."""
    topic = topics()[claim.topic].title[language()]
    told = (topic, t(f"market_claims.kinds.{claim.kind}"), t(f"market_claims.sides.{claim.side}"))
    st.markdown(" ".join(f":gray-badge[{escape(one)}]" for one in told))
    st.markdown(f"**{t('market.reason')}** {escape(claim.why[language()])}")
    if claim.right[language()]:
        st.markdown(f"**{t('market.correction')}** {escape(claim.right[language()])}")
    measured.draw(claim)
    entry.sources(claim.references)
    entry.told_in(claim.sections)


def _filtered() -> tuple[Claim, ...]:
    columns = st.columns(5)
    with columns[0]:
        titles = {key: topic.title[language()] for key, topic in topics().items()}
        topic = entry.choose("topic", titles, titles, t("market_claims.topic"))
    with columns[1]:
        kinds = {kind: t(f"market_claims.kinds.{kind}") for kind in KINDS}
        kind = entry.choose("kind", KINDS, kinds, t("market_claims.kind"))
    with columns[2]:
        verdicts = {verdict: t(f"market.verdicts.{verdict}") for verdict in VERDICTS}
        verdict = entry.choose("verdict", VERDICTS, verdicts, t("market.verdict"))
    with columns[3]:
        sides = {side: t(f"market_claims.sides.{side}") for side in SIDES}
        side = entry.choose("side", SIDES, sides, t("market_claims.side"))
    with columns[4]:
        names = {key: f"{key} · {document.title[language()]}" for key, document in documents().items()}
        document = entry.choose("doc", names, names, t("market.document"))
    return select(
        claims().values(), document=document, topic=topic, kind=cast("Kind | None", kind),
        verdict=cast("Verdict | None", verdict), side=cast("Side | None", side),
    )  # fmt: skip


def _counted(kept: tuple[Claim, ...]) -> list[tuple[str, str]]:
    return [(t(f"market.verdicts.{verdict}"), str(n)) for verdict, n in tally(kept).items()]


def _balance(kept: tuple[Claim, ...]) -> None:
    from genlab.plots.balance import Balance, balance_figure

    found = balance(kept)
    weighed = [verdict for verdict in VERDICTS if verdict != "wrong"]
    drawn = Balance(
        names=[t(f"market.verdicts.{verdict}") for verdict in weighed],
        left=[found["bubble"][verdict] for verdict in weighed],
        right=[found["mine"][verdict] for verdict in weighed],
        sides=(t("market_claims.sides.bubble"), t("market_claims.sides.mine")),
        axis=t("market_claims.axis"),
    )
    st.subheader(t("market_claims.balance"), anchor=False)
    st.plotly_chart(
        balance_figure(drawn, dark=is_dark()), key="market_balance", theme=None, config=entry.CHART,
        alt=t("market_claims.balance"),
    )  # fmt: skip
    wrong = sum(found[side]["wrong"] for side in SIDES)
    st.caption(t("market_claims.balance_note", wrong=wrong, neither=sum(found["neither"].values())))


def _page(kept: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """The claims of the page that the address asks for."""
    pages = [str(number) for number in range(1, 1 + -(-len(kept) // A_PAGE))]
    if len(pages) == 1:
        return kept
    number = int(links.select(t("market_claims.page"), pages, param="page", default="1", horizontal=True))
    return kept[(number - 1) * A_PAGE : number * A_PAGE]
