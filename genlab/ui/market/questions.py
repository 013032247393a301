"""The questions that the documents raise, answered from the claims and uses."""

from __future__ import annotations

import streamlit as st

from genlab.market import claims
from genlab.market.cases import cases
from genlab.market.faq import Question, faq
from genlab.ui.i18n import language, t
from genlab.ui.market import entry
from genlab.ui.shell import escape


def draw() -> None:
    """The section."""
    key = entry.asked(faq())
    if key is not None:
        entry.back()
        with st.container(border=True):
            st.subheader(escape(faq()[key].question[language()]), anchor=False)
            _question(faq()[key])
        return
    st.caption(t("market_reading.questions_lead"))
    for question in faq().values():
        with st.expander(escape(question.question[language()]), key=f"question_{question.key}"):
            _question(question)
            entry.permalink("questions", question.key)


def _question(question: Question) -> None:
    st.markdown(escape(question.answer[language()]))
    st.caption(t("market_reading.rests_on"))
    for key in question.claims:
        entry.link("claims", key, claims()[key].text[language()], icon=entry.ICONS["claim"])
    for key in question.cases:
        entry.link("uses", key, cases()[key].name[language()], icon=entry.ICONS["case"])
    entry.told_in(question.sections)
