"""Rules of law that bear on uses, each with where it stands and the uses it bears on."""

from __future__ import annotations

import streamlit as st

from genlab.market.cases import Rule, cases, rules
from genlab.ui.i18n import language, t
from genlab.ui.market import entry
from genlab.ui.shell import escape


def draw() -> None:
    """The section."""
    key = entry.asked(rules())
    if key is not None:
        entry.back()
        with st.container(border=True):
            _rule(rules()[key])
        return
    st.caption(t("market_reading.law_lead"))
    for rule in rules().values():
        with st.container(border=True):
            _rule(rule)
            entry.permalink("law", rule.key)


def _rule(rule: Rule) -> None:
    st.markdown(f":material/gavel: **{escape(rule.name[language()])}**")
    st.markdown(escape(rule.text[language()]))
    entry.sources(rule.references)
    bearing = [case for case in cases().values() if rule.key in case.rules]
    if bearing:
        st.caption(t("market_reading.law_bears"))
        with st.container(horizontal=True):
            for case in bearing:
                entry.link("uses", case.key, case.name[language()], icon=entry.ICONS["case"])
