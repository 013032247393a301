"""What this lab measured: all experiments in one list, and each with its numbers and a way to run it again."""

from __future__ import annotations

from typing import Final, cast, get_args

import streamlit as st

from genlab.market import Claim, claims, topics
from genlab.market.experiments import Experiment, experiments
from genlab.market.judging import Finding
from genlab.market.results import finding, result
from genlab.ui.i18n import language, t
from genlab.ui.market import again, entry, experiment
from genlab.ui.shell import escape

NOT_RUN: Final = "none"


def draw() -> None:
    """The section."""
    key = entry.asked(experiments())
    if key is not None:
        entry.back()
        whole(experiments()[key])
        return
    kept = _filtered()
    st.caption(t("market_measured.lead", n=len(kept), all=len(experiments())))
    if not kept:
        st.info(t("market_measured.nothing"), icon=":material/filter_alt_off:")
    for one in kept:
        with st.container(border=True):
            st.markdown(f"{experiment.badge(one, result(one))} **{escape(one.question[language()])}**")
            claim = claims()[one.claim]
            st.caption(f"{t('market_measured.claim')} {escape(claim.text[language()])}")
            with st.container(horizontal=True):
                entry.link("measured", one.key, t("market_measured.open"), icon=":material/science:")
                entry.link("claims", claim.key, t("market_measured.to_claim"), icon=entry.ICONS["claim"])


def of(claim: Claim) -> tuple[Experiment, ...]:
    """The experiments that test a claim."""
    return tuple(one for one in experiments().values() if one.claim == claim.key)


def brief(claim: Claim) -> None:
    """The experiments of a claim in a line each, with the way to their numbers."""
    for one in of(claim):
        st.markdown(f":material/science: {experiment.badge(one, result(one))} {escape(one.question[language()])}")
        entry.link("measured", one.key, t("market_measured.open"), icon=":material/science:")


def whole(one: Experiment, claimed: bool = True) -> None:
    """An experiment with its numbers, and a way to run it again.

    Parameters
    ----------
    claimed
        Whether its claim is named.
    """
    with st.container(border=True):
        st.markdown(f":material/science: **{t('market_measured.experiment')}** {escape(one.question[language()])}")
        if claimed:
            claim = claims()[one.claim]
            entry.link("claims", claim.key, claim.text[language()], icon=entry.ICONS["claim"])
        experiment.draw(one, again.own(one))
        again.draw(one)


def _filtered() -> list[Experiment]:
    left, right = st.columns(2)
    with left:
        names = {said: t(f"market_measured.findings.{said}") for said in get_args(Finding)}
        names[NOT_RUN] = t("market_measured.not_run")
        said = entry.choose("finding", names, names, t("market_measured.finding"))
    with right:
        tested = {claims()[one.claim].topic for one in experiments().values()}
        titles = {key: topic.title[language()] for key, topic in topics().items() if key in tested}
        topic = entry.choose("topic", titles, titles, t("market_claims.topic"))
    return [
        one
        for one in experiments().values()
        if topic in (None, claims()[one.claim].topic) and said in (None, _said(one))
    ]


def _said(one: Experiment) -> str:
    found = result(one)
    return NOT_RUN if found is None else cast(str, finding(one, found)[1])
