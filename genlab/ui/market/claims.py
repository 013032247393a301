"""Verdict at a glance: all claims weighed and counted, filtered by the address, each with what it stands on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, cast

import streamlit as st

from genlab.market import Claim, claims, documents, select, tally, topics
from genlab.market.cases import terms
from genlab.market.claims import KINDS, SIDES, VERDICTS, Kind, Side, Verdict
from genlab.market.industries import industries_of
from genlab.ui import links, words
from genlab.ui.i18n import language, t
from genlab.ui.market import entry, figures, measured
from genlab.ui.shell import escape

A_PAGE: Final = 20
TESTS: Final = ("yes", "no")
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
        for experiment in measured.of(claim):
            measured.whole(experiment, claimed=False)
        return
    chosen = _filters()
    kept = _kept(chosen)
    st.html(words.stats([(t("market.claims"), str(len(kept))), *_counted(kept)]))
    if not kept:
        st.info(t("market.nothing"), icon=":material/filter_alt_off:")
        return
    figures.draw(kept, lambda free: _kept({**chosen, **dict.fromkeys(free)}))
    for claim in _page(kept):
        with st.expander(titled(claim), key=f"claim_{claim.key}"):
            body(claim)
            measured.brief(claim)
            entry.permalink("claims", claim.key)
    st.caption(t("market.note"))


def badge(verdict: Verdict) -> str:
    """A verdict as a small coloured label."""
    colour, icon = BADGES[verdict]
    return f":{colour}-badge[{icon} {t(f'market.verdicts.{verdict}')}]"


def titled(claim: Claim) -> str:
    """Verdict and text of a claim in a line, with a mark where this lab tests it."""
    tested = f" :gray-badge[:material/science: {t('market_measured.tested')}]" if measured.of(claim) else ""
    return f"{badge(claim.verdict)} {escape(claim.text[language()])}{tested}"


def body(claim: Claim) -> None:
    """All of a claim but its text and verdict."""
    topic = topics()[claim.topic].title[language()]
    side = f"{t('market_claims.side')}{t('market.colon')} {t(f'market_claims.sides.{claim.side}')}"
    told = (topic, t(f"market_claims.kinds.{claim.kind}"), side)
    st.markdown(" ".join(f":gray-badge[{escape(one)}]" for one in told))
    st.markdown(f"**{t('market.reason')}** {escape(claim.why[language()])}")
    if claim.right[language()]:
        st.markdown(f"**{t('market.correction')}** {escape(claim.right[language()])}")
    entry.sources(claim.references)
    entry.told_in(claim.sections)


def _filters() -> dict[str, str | None]:
    """What the address filters by, by the name of its parameter; None where it lets all through."""
    columns = iter([column for _ in range(2) for column in st.columns(4, vertical_alignment="bottom")])
    with next(columns):
        titles = {key: topic.title[language()] for key, topic in topics().items()}
        topic = entry.choose("topic", titles, titles, t("market_claims.topic"))
    with next(columns):
        verdicts = {verdict: t(f"market.verdicts.{verdict}") for verdict in VERDICTS}
        verdict = entry.choose("verdict", VERDICTS, verdicts, t("market.verdict"))
    with next(columns):
        kinds = {kind: t(f"market_claims.kinds.{kind}") for kind in KINDS}
        kind = entry.choose("kind", KINDS, kinds, t("market_claims.kind"))
    with next(columns):
        sides = {side: t(f"market_claims.sides.{side}") for side in SIDES}
        side = entry.choose("side", SIDES, sides, t("market_claims.side"))
    with next(columns):
        names = {key: f"{key} · {document.title[language()]}" for key, document in documents().items()}
        document = entry.choose("doc", names, names, t("market.document"))
    with next(columns):
        industries = {key: told[language()] for key, told in terms()["industry"].items() if key in _industries()}
        industry = entry.choose(
            "industry", industries, industries, t("market_claims.industry"), help=t("market_claims.industry_help")
        )
    with next(columns):
        tests = {said: t(f"market_claims.tests.{said}") for said in TESTS}
        test = entry.choose("tested", TESTS, tests, t("market_claims.tested"))
    chosen = {
        "topic": topic, "verdict": verdict, "kind": kind, "side": side, "doc": document, "industry": industry,
        "tested": test,
    }  # fmt: skip
    with next(columns):
        st.button(
            t("market_claims.clear"), icon=":material/filter_alt_off:", on_click=_clear, args=(list(chosen),),
            disabled=not any(chosen.values()), key="market_clear",
        )  # fmt: skip
    return chosen


def _clear(params: Iterable[str]) -> None:
    for param in (*params, "page"):
        links.put(param, None)


def _kept(chosen: Mapping[str, str | None]) -> tuple[Claim, ...]:
    """The claims that some filters let through."""
    industry, test = chosen["industry"], chosen["tested"]
    kept = select(
        claims().values(), document=chosen["doc"], topic=chosen["topic"], kind=cast("Kind | None", chosen["kind"]),
        verdict=cast("Verdict | None", chosen["verdict"]), side=cast("Side | None", chosen["side"]),
    )  # fmt: skip
    return tuple(
        claim
        for claim in kept
        if (industry is None or industry in industries_of(claim))
        and (test is None or (test == "yes") == bool(measured.of(claim)))
    )


def _industries() -> set[str]:
    """Industries that some claim bears on."""
    return {industry for claim in claims().values() for industry in industries_of(claim)}


def _counted(kept: tuple[Claim, ...]) -> list[tuple[str, str]]:
    return [(t(f"market.verdicts.{verdict}"), str(n)) for verdict, n in tally(kept).items()]


def _page(kept: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """The claims of the page that the address asks for."""
    pages = [str(number) for number in range(1, 1 + -(-len(kept) // A_PAGE))]
    if len(pages) == 1:
        return kept
    number = int(links.select(t("market_claims.page"), pages, param="page", default="1", horizontal=True))
    return kept[(number - 1) * A_PAGE : number * A_PAGE]
