"""An experiment run again from the page: started, watched, stopped, and compared with the stored result."""

from __future__ import annotations

import streamlit as st

from genlab.errors import GenlabError
from genlab.market import again
from genlab.market.experiments import Experiment
from genlab.market.judging import reproduces
from genlab.market.keeping import Attempt, attempt, folder_of
from genlab.market.results import Result, result
from genlab.runs.conducted import Standing
from genlab.ui import navigation, shell, words
from genlab.ui.errors import said
from genlab.ui.i18n import language, t
from genlab.ui.market import experiment
from genlab.ui.shell import escape
from genlab.ui.text import duration

SECONDS = 1.5
"""Between two looks at an experiment that is at work."""


def own(one: Experiment) -> Result | None:
    """The reader's own result of an experiment; None where there is none, or its file makes no sense."""
    try:
        return result(one, folder_of(one))
    except ValueError:
        return None


def draw(one: Experiment) -> None:
    """What can be done with an experiment, how far it is, and what came of it."""
    standing, kept = again.standing(one), attempt(one)
    st.markdown(f"**{t('market_again.title')}** {_badge(standing, kept)}")
    if standing.is_live:
        _stop(one)
    else:
        _explain(standing, kept)
        _start(one, standing, kept)

    def look() -> None:
        now = again.standing(one)
        if now.is_live != standing.is_live:
            st.rerun()  # other buttons, and another result
        _progress(one, now)

    if standing.is_live:
        shell.fragment(look, run_every=SECONDS)()
    elif kept is not None and not kept.is_over:
        _progress(one, standing)
    found = own(one)
    if found is not None:
        _compared(one, found)
    st.caption(t("market_again.terminal"))
    st.code(f"python -m genlab market run {one.key}", language="bash")


def _badge(standing: Standing, kept: Attempt | None) -> str:
    if kept is None and not standing.is_live and standing.state != "failed":
        return ""
    return words.state_badge("running" if standing.state == "starting" else standing.state)


def _stop(one: Experiment) -> None:
    stopping = again.is_stopping(one)
    label = t("market_again.stopping" if stopping else "market_again.stop")
    if st.button(label, icon=":material/stop:", disabled=stopping, key=f"again_stop_{one.key}"):
        again.stop(one)
        st.rerun()


def _explain(standing: Standing, kept: Attempt | None) -> None:
    """Why an experiment is not at work although it was begun."""
    if standing.state == "died":
        st.error(t("market_again.died"), icon=":material/report:")
    elif standing.state == "failed":
        st.error(f"{escape(said(standing.why))} {t('market_again.failed_hint')}", icon=":material/report:")
    elif standing.state == "paused" and kept is not None:
        st.caption(t("market_again.paused"))


def _start(one: Experiment, standing: Standing, kept: Attempt | None) -> None:
    begun = kept if kept is not None and standing.state != "finished" else None
    numbers = [str(n) for n in range(again.FEWEST_SEEDS, one.seeds + 1)]
    usual = numbers[0] if begun is None or str(len(begun.plan.seeds)) not in numbers else str(len(begun.plan.seeds))
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    with left:
        chosen = st.selectbox(
            t("market_again.seeds"), numbers, numbers.index(usual), key=f"again_seeds_{one.key}",
            help=t("market_again.help"),
        )  # fmt: skip
        seeds = int(chosen if chosen in numbers else usual)
    same = begun is not None and begun.plan.seeds == tuple(range(seeds))
    with right:
        label = t("market_again.go_on" if same else "market_again.start")
        started = st.button(label, icon=":material/play_arrow:", key=f"again_start_{one.key}")
    st.caption(_takes(one, seeds))
    if started:
        again.begin(one, seeds)
        st.rerun()


def _takes(one: Experiment, seeds: int) -> str:
    """How long it will take, before it is started."""
    n = seeds * len(one.arms)
    known = result(one) or own(one)
    each = again.seconds_each(one, known)
    trainings = t("market_again.trainings", n=n, seeds=seeds, arms=len(one.arms))
    if each is None:
        takes = t("market_again.takes_unknown")
    else:
        takes = t(f"market_again.takes_{'budget' if known is None else 'measured'}", time=duration(each * n))
    return t("market_again.takes", trainings=trainings, takes=takes)


def _progress(one: Experiment, standing: Standing) -> None:
    """How far it is: which arm and seed, how many of how many, and the time to go."""
    kept = attempt(one)
    if standing.state == "starting" or kept is None or kept.current is None:
        st.info(t("market_again.starting"), icon=":material/hourglass_top:")
        return
    arm, seed = kept.current
    share, doing = _doing(kept)
    n, done = len(kept.order), len(kept.done)
    told = t("market_again.done", done=done, n=n, arm=arm.title[language()], seed=seed)
    left = kept.seconds_left(again.seconds_each(one, result(one) or own(one)), share)
    if standing.is_live:
        told = f"{told} · {doing}"
        if left is not None:
            told = f"{told} · {t('market_again.left', time=duration(left))}"
    st.html(words.bar((done + share) / n, told))


def _doing(kept: Attempt) -> tuple[float, str]:
    """The share of the current step that is done, and what is being done."""
    from genlab.runs.store import open_run

    assert kept.current is not None
    step = kept.step(*kept.current)
    if not step.run:
        return 0.0, t("market_again.waiting")
    try:
        status = open_run(step.run).status()
    except GenlabError:  # it was deleted
        return 0.0, t("market_again.waiting")
    if status.state == "finished":
        return 1.0, t("market_again.measuring")
    return status.progress, words.note(status) or t("market_again.training", share=f"{status.progress:.0%}")


def _compared(one: Experiment, found: Result) -> None:
    """The reader's own result: whether it reproduces the stored one, and the runs."""
    stored = result(one)
    st.markdown(f"**{t('market_again.own')}** {experiment.badge(one, found)}")
    for arm in one.arms:
        same = None if stored is None else reproduces(stored.values[arm.key], found.values[arm.key])
        colour, icon, word = {
            True: ("green", ":material/check:", "same"),
            False: ("red", ":material/close:", "differs"),
            None: ("gray", ":material/help:", "unknown"),
        }[same]
        told = found.summaries()[arm.key]
        value = experiment.mean(one, told.mean, told.spread)
        st.markdown(
            f":{colour}-badge[{icon} {t(f'market_again.{word}')}] **{escape(arm.title[language()])}** {escape(value)}"
        )
    st.caption(t("market_again.rule"))
    experiment.pairs(one, found)
    st.caption(experiment.facts(found))
    _runs(one, found)


def _runs(one: Experiment, found: Result) -> None:
    """Links to the trainings, those that are there."""
    from genlab.runs.store import list_runs

    there = {run.id for run in list_runs()}
    mine = [
        (f"{arm.title[language()]} · {seed}", run)
        for arm in one.arms
        for seed, run in zip(found.seeds, found.runs.get(arm.key, ()), strict=False)
        if run in there
    ]
    if not mine:
        return
    with st.expander(t("market_again.runs", n=len(mine)), icon=":material/folder_open:"):
        with st.container(horizontal=True):
            for told, run in mine:
                navigation.link("train", escape(told), icon=":material/show_chart:", run=run)
        numbers = ",".join(str(int(run.split("-", 1)[0])) for _, run in mine[:8])
        navigation.link("compare", t("market_again.compare"), runs=numbers)
