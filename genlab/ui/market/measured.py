"""The experiments that test a claim: what is asked and expected, and what came of it or how to find out."""

from __future__ import annotations

import streamlit as st

from genlab.evaluation.sheet import GOOD_END
from genlab.market import Claim
from genlab.market.experiments import Experiment, experiments
from genlab.market.results import Result, finding, result
from genlab.ui.i18n import language, t
from genlab.ui.shell import escape


def draw(claim: Claim) -> None:
    """The experiments of a claim; nothing where none tests it."""
    for experiment in experiments().values():
        if experiment.claim == claim.key:
            with st.container(border=True):
                _experiment(experiment)


def _experiment(experiment: Experiment) -> None:
    st.markdown(f":material/science: **{t('market_claims.experiment')}** {escape(experiment.question[language()])}")
    st.markdown(f"**{t('market_claims.expects')}** {escape(experiment.expects[language()])}")
    found = result(experiment)
    if found is None:
        st.markdown(f":gray-badge[{t('market_claims.not_run')}] {t('market_claims.run_it')}")
    else:
        _, said = finding(experiment, found)
        st.markdown(f"**{t('market_claims.result')}** {t(f'market_claims.findings.{said}')}")
        _table(experiment, found)
    st.code(f"python -m genlab market run {experiment.key}", language="bash")


def _table(experiment: Experiment, found: Result) -> None:
    import pandas as pd

    summaries = found.summaries()
    head = (t("market_claims.arm"), _metric(experiment.metric), t("market_claims.failed"))
    rows = []
    for arm in experiment.arms:
        told = summaries[arm.key]
        mean = "–" if told.mean is None else f"{told.mean:.3g}"
        spread = "" if told.spread is None else f" ± {told.spread:.2g}"
        rows.append((arm.title[language()], f"{mean}{spread}", str(told.failed)))
    st.dataframe(pd.DataFrame(rows, columns=list(head)), hide_index=True)
    st.caption(t("market_claims.seeds", n=len(found.seeds), data=experiment.data))


def _metric(name: str) -> str:
    return t(f"compare.score.{name}") if name in GOOD_END else t(f"market_claims.metrics.{name}")
