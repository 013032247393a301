"""A use of the reader's own: six answers in the address, a verdict, what would change it, and a report to keep."""

from __future__ import annotations

from html import escape as escape_html
from typing import Final, cast

import streamlit as st

from genlab.market.cases import LEVELS, Level, cases
from genlab.market.screener import HIGH, Answers, Screening, note, outcomes, questions, screen
from genlab.ui import links, screening
from genlab.ui.i18n import language, t
from genlab.ui.latent.sheets import is_dark
from genlab.ui.market import entry
from genlab.ui.shell import escape

USUAL: Final = "2"
NAME_MAX: Final = 80
NAME: Final = "market_use_name"


def draw() -> None:
    """The section."""
    st.info(note()[language()], icon=":material/info:")
    answers = _answers()
    # As one types: a report that is asked for right after the name has it.
    name = st.text_input(t("market_screener.name"), key=NAME, max_chars=NAME_MAX, live=True)[:NAME_MAX].strip()
    screened = screen(answers)
    _verdict(screened)
    left, right = st.columns(2, gap="large")
    with left:
        _place(name or t("screening.unnamed"), screened)
    with right:
        _sensitivity(answers, screened)
        _changes(screened)
    _download(name, answers)


def _answers() -> Answers:
    """The six answers, as the address has them."""
    given: dict[str, Level] = {}
    for key, question in questions().items():
        told = {str(level): question.answers[level - 1][language()] for level in LEVELS}
        side = t(f"screening.side.{question.side}", weight=question.weight)
        chosen = links.select(
            f"{question.text[language()]} :gray[({side})]", list(told), param=f"use.{key}", default=USUAL,
            horizontal=True, help=question.why[language()], text=told.__getitem__,
        )  # fmt: skip
        given[key] = cast(Level, int(chosen))
    return given


def _verdict(screened: Screening) -> None:
    outcome, place = outcomes()[screened.verdict], screened.place
    with st.container(border=True):
        st.subheader(outcome.name[language()], anchor=False)
        st.markdown(escape(outcome.text[language()]))
        told = t("screening.place", feasibility=f"{place.feasibility:.1f}", worth=f"{place.worth:.1f}", high=HIGH)
        st.caption(told)
        for key in screened.stopped:
            st.warning(t(f"screening.stopped.{key}"), icon=":material/front_hand:")


def _place(title: str, screened: Screening) -> None:
    from genlab.plots.field_figure import field_figure

    st.markdown(f"**{t('screening.field')}**")
    st.plotly_chart(
        field_figure(screening.field(escape_html(title), screened.place), dark=is_dark()), key="market_field",
        theme=None, config=entry.CHART, alt=t("screening.field"),
    )  # fmt: skip
    st.caption(t("screening.neighbours_lead", n=len(cases())))
    st.markdown(f"**{t('screening.nearest')}**")
    for key in screened.nearest:
        entry.link("uses", key, cases()[key].name[language()], icon=entry.ICONS["case"])


def _sensitivity(answers: Answers, screened: Screening) -> None:
    from genlab.plots.verdicts import Bar, verdict_bars

    bars = [
        Bar(
            t(f"market_screener.short.{key}"),
            screened.sensitivity[key],
            [told[language()] for told in question.answers],
            answers[key] - 1,
        )
        for key, question in questions().items()
    ]
    names = {key: outcome.short[language()] for key, outcome in outcomes().items()}
    st.markdown(f"**{t('market_screener.sensitivity')}**")
    st.plotly_chart(
        verdict_bars(bars, names, dark=is_dark()), key="market_sensitivity", theme=None, config=entry.CHART,
        alt=t("market_screener.sensitivity"),
    )  # fmt: skip
    st.caption(t("market_screener.sensitivity_note"))


def _changes(screened: Screening) -> None:
    st.markdown(f"**{t('screening.changes')}**")
    st.caption(t("screening.changes_lead"))
    for change in screened.changes:
        told = [
            f"{questions()[key].text[language()]} **{escape(questions()[key].answers[level - 1][language()])}**"
            for key, level in change.items()
        ]
        st.markdown(f"- {'; '.join(told)}")


def _download(name: str, answers: Answers) -> None:
    from genlab.export.report import html_bytes

    st.download_button(
        t("market_screener.download"), data=html_bytes(screening.build(name, answers)), file_name="genlab-use.html",
        mime="text/html", icon=":material/description:", on_click="ignore", key="market_report",
    )  # fmt: skip
