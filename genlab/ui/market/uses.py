"""The uses that the documents name, by what they are worth and how far they are; each opens on its own."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from genlab.market.cases import LEVELS, Case, cases, rules, terms
from genlab.ui import links
from genlab.ui.i18n import language, t
from genlab.ui.latent.sheets import is_dark
from genlab.ui.market import entry
from genlab.ui.shell import escape

FIGURE = "market_uses"


def draw() -> None:
    """The section."""
    key = entry.asked(cases())
    if key is not None:
        entry.back()
        with st.container(border=True):
            st.subheader(escape(cases()[key].name[language()]), anchor=False)
            _case(cases()[key])
        return
    kept = _filtered()
    if not kept:
        st.info(t("market_uses.nothing"), icon=":material/filter_alt_off:")
        return
    st.caption(t("market_uses.lead", n=len(kept)))
    _map(kept)
    for case in kept:
        told = f"{escape(case.name[language()])} :gray-badge[{escape(_term('industry', case.industry))}]"
        with st.expander(told, key=f"case_{case.key}"):
            _case(case)
            entry.permalink("uses", case.key)


def _term(kind: str, key: str) -> str:
    return terms()[kind][key][language()]


def _filtered() -> list[Case]:
    left, right = st.columns(2)
    with left:
        names = {key: told[language()] for key, told in terms()["industry"].items()}
        industry = entry.choose("industry", names, names, t("market_uses.industry"))
    with right:
        names = {key: told[language()] for key, told in terms()["modality"].items()}
        modality = entry.choose("modality", names, names, t("market_uses.modality"))
    return [
        case for case in cases().values() if industry in (None, case.industry) and modality in (None, case.modality)
    ]


def _map(kept: Sequence[Case]) -> None:
    from genlab.plots.ratings import Rated, ratings

    def opened() -> None:
        key = entry.picked(st.session_state[FIGURE].selection.points)
        if key in cases():
            links.put(entry.PARAM, key)

    levels = {kind: [_term(kind, str(level)) for level in LEVELS] for kind in ("readiness", "value", "regulation")}
    figure = ratings(
        [Rated(one.key, one.name[language()], one.readiness, one.value, one.data, one.regulation) for one in kept],
        (t("market_uses.readiness"), t("market_uses.value")), levels["regulation"],
        (levels["readiness"], levels["value"]), dark=is_dark(),
    )  # fmt: skip
    st.plotly_chart(
        figure, key=FIGURE, theme=None, config=entry.CHART, on_select=opened, selection_mode="points",
        alt=t("market_uses.alt"),
    )  # fmt: skip


def _case(case: Case) -> None:
    kinds = [_term("industry", case.industry), _term("modality", case.modality)]
    st.markdown(" ".join(f":gray-badge[{escape(one)}]" for one in kinds))
    families = " · ".join(_term("family", family) for family in case.families)
    for label, told in (
        ("says", case.says[language()]),
        ("practice", case.practice[language()]),
        ("families", families),
        ("gains", case.gains[language()]),
        ("data", _term("data", str(case.data))),
        ("failure_cost", _term("failure_cost", str(case.failure_cost))),
        ("regulation", _term("regulation", str(case.regulation))),
        ("readiness", f"{_term('readiness', str(case.readiness))} – {case.readiness_why[language()]}"),
        ("value", f"{_term('value', str(case.value))} – {case.value_why[language()]}"),
    ):
        st.markdown(f"**{t(f'market_uses.{label}')}{t('market.colon')}** {escape(told)}")
    for key in case.rules:
        rule = rules()[key]
        name = f"**{escape(rule.name[language()])}{t('market.colon')}**"
        st.markdown(f":material/gavel: {name} {escape(rule.text[language()])}")
        entry.sources(rule.references)
    entry.lab(case.lab)
    entry.sources(case.references)
    entry.told_in(case.sections)
