"""An experiment on the screen: what is asked and expected, and what came of it, seed by seed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import streamlit as st

from genlab.evaluation.sheet import GOOD_END
from genlab.market.experiments import Experiment, Pair
from genlab.market.judging import Compared, Finding, Outcome
from genlab.market.results import Result, finding, result
from genlab.ui.compare.protocols import score_text
from genlab.ui.i18n import language, t
from genlab.ui.latent.sheets import is_dark
from genlab.ui.market import entry
from genlab.ui.shell import escape
from genlab.ui.text import count, duration

FINDING_COLOURS: Final[dict[Finding, str]] = {
    "supported": "green",
    "partly": "blue",
    "mixed": "violet",
    "refuted": "red",
    "open": "gray",
    "measured": "gray",
}
OUTCOME_COLOURS: Final[dict[Outcome, str]] = {"holds": "green", "reversed": "red", "open": "gray"}
COMMIT_SHOWN: Final = 10


def badge(experiment: Experiment, found: Result | None) -> str:
    """What a result says of the claim, as a small coloured label; that there is none, where there is none."""
    if found is None:
        return f":gray-badge[{t('market_measured.not_run')}]"
    said = finding(experiment, found)[1]
    return f":{FINDING_COLOURS[said]}-badge[{t(f'market_measured.findings.{said}')}]"


def draw(experiment: Experiment, own: Result | None) -> None:
    """All of an experiment but its question and the way to run it again.

    Parameters
    ----------
    own
        A result of the reader's, to be shown beside the stored one.
    """
    st.markdown(f"**{t('market_measured.expects')}** {escape(experiment.expects[language()])}")
    stored = result(experiment)
    if stored is not None:
        st.markdown(f"**{t('market_measured.result')}** {badge(experiment, stored)}")
    sets = {
        t(f"market_measured.{name}"): found for name, found in (("stored", stored), ("own", own)) if found is not None
    }
    if sets:
        left, right = st.columns([3, 2], gap="medium", vertical_alignment="center")
        with left:
            _figure(experiment, sets)
        with right:
            _table(experiment, sets)
    if stored is not None:
        pairs(experiment, stored)
        st.caption(facts(stored))


def metric(name: str) -> str:
    """What a metric is called."""
    return t(f"compare.score.{name}") if name in GOOD_END else t(f"market_measured.metrics.{name}")


def _figure(experiment: Experiment, sets: Mapping[str, Result]) -> None:
    from genlab.plots.dots import dots

    groups = {
        name: [[value for value in found.values[arm.key] if value is not None] for arm in experiment.arms]
        for name, found in sets.items()
    }
    names = [arm.title[language()] for arm in experiment.arms]
    log = experiment.scale == "log" and all(value > 0 for each in groups.values() for row in each for value in row)
    better = t(f"market_measured.{'high' if experiment.high_is_good else 'low'}")
    figure = dots(names, groups, f"{metric(experiment.metric)} · {better}", log=log, dark=is_dark())
    st.plotly_chart(
        figure, key=f"measured_{experiment.key}", theme=None, config=entry.CHART, alt=experiment.question[language()]
    )


def _table(experiment: Experiment, sets: Mapping[str, Result]) -> None:
    import pandas as pd

    head = [t("market_measured.arm"), *sets, t("market_measured.failed")]
    rows = []
    for arm in experiment.arms:
        told = [found.summaries()[arm.key] for found in sets.values()]
        failed = " / ".join(str(each.failed) for each in told)
        rows.append([arm.title[language()], *(mean(experiment, each.mean, each.spread) for each in told), failed])
    st.table(pd.DataFrame(rows, columns=head), hide_index=True)  # unlike st.dataframe it can be printed
    st.caption(t("market_measured.spread", data=experiment.data))


def mean(experiment: Experiment, middle: float | None, spread: float | None) -> str:
    """Mean and standard deviation; shares in per cent."""
    if middle is None:
        return "–"
    per_cent = score_text(experiment.metric, middle).endswith("%")
    if per_cent:
        return f"{middle:.1%}" + ("" if spread is None else f" ± {spread:.1%}")
    return f"{middle:.3g}" + ("" if spread is None else f" ± {spread:.2g}")


def pairs(experiment: Experiment, found: Result) -> None:
    """What the claim predicts for pairs of arms, whether it holds, and how sure that is."""
    for pair, compared in zip(experiment.pairs, finding(experiment, found)[0], strict=True):
        outcome = f":{OUTCOME_COLOURS[compared.outcome]}-badge[{t(f'market_measured.outcomes.{compared.outcome}')}]"
        st.markdown(
            f"{outcome} {escape(_predicted(experiment, pair))} :gray[{escape(_interval(experiment, compared))}]"
        )


def _predicted(experiment: Experiment, pair: Pair) -> str:
    titles = {arm.key: arm.title[language()] for arm in experiment.arms}
    named = {"first": titles[pair.first], "second": titles[pair.second]}
    if experiment.statistic == "spread":
        return t("market_measured.predicted.spread", **named)
    if pair.margin == 0:
        return t("market_measured.predicted.better", **named)
    size = _sized(experiment, abs(pair.margin))
    return t(f"market_measured.predicted.{'more' if pair.margin > 0 else 'no_worse'}", margin=size, **named)


def _sized(experiment: Experiment, margin: float) -> str:
    if experiment.scale == "log":
        return t("market_measured.factor", value=f"{math.exp(margin):.3g}")
    return score_text(experiment.metric, margin)


def _interval(experiment: Experiment, compared: Compared) -> str:
    if compared.difference is None or compared.low is None or compared.high is None:
        return t("market_measured.interval.none")
    ends: Sequence[float] = (compared.difference, compared.low, compared.high)
    form: Literal["spread", "log", "linear"] = "linear"
    if experiment.statistic == "spread":
        form = "spread"
    elif experiment.scale == "log":
        form, ends = "log", [math.exp(min(end, 700.0)) for end in ends]
    sign = "" if form == "log" else "+"
    middle, low, high = (f"{end:{sign}.3g}" for end in ends)
    return t(f"market_measured.interval.{form}", difference=middle, low=low, high=high)


def facts(found: Result) -> str:
    """When, on what and by what a result was measured, in a line of Markdown."""
    machine = ", ".join(f"{name} {told}" for name, told in found.machine.items() if name not in ("system", "cores"))
    commit = found.commit[:COMMIT_SHOWN] or "–"
    told = t(
        "market_measured.facts", n=len(found.seeds), drawn=count(found.drawn), date=found.date[:10],
        time=duration(found.seconds), cores=found.machine.get("cores", "–"), system=found.machine.get("system", "–"),
        versions=machine, commit=commit,
    )  # fmt: skip
    return escape(told)
