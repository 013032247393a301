"""The Train page with a search: how far it is, and what came of its trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from genlab.errors import GenlabError
from genlab.ui import links, navigation, shell, words
from genlab.ui.errors import said
from genlab.ui.i18n import t
from genlab.ui.text import count, duration
from genlab.ui.train import controls, search_results

if TYPE_CHECKING:
    from genlab.runs.conducted import Standing
    from genlab.runs.search import Search
    from genlab.runs.search_plan import Plan, Trial
    from genlab.runs.status import Status
    from genlab.runs.store import Run

PARAM: Final = "search"
NEW: Final = ""
SECONDS: Final = 1.5
"""Between two looks at a search that is at work."""
COMPARED: Final = 4


def asked() -> str | None:
    """The search that the address names; one that is not there is told, and taken out of it."""
    from genlab.runs.search_jobs import list_searches

    name = links.get(PARAM)
    if name is None or name in list_searches():
        return name
    st.warning(t("train_search.missing", name=shell.escape(name[:80])), icon=":material/warning:")
    links.put(PARAM, None)
    return None


def pick() -> None:
    """The list of searches, which the address follows; its first entry leads back to a new training."""
    from genlab.runs.search_jobs import list_searches

    links.select(
        t("train_search.label"), [NEW, *list_searches()], param=PARAM, default=NEW, label_visible=False,
        text=lambda name: _label(name) if name else f"+ {t('train_search.new')}",
    )  # fmt: skip


def earlier() -> None:
    """The list of earlier searches, where there are any."""
    from genlab.runs.search_jobs import list_searches

    if labels := {name: _label(name) for name in list_searches()}:
        chosen = st.selectbox(
            t("train_search.earlier"), list(labels), None, key="search-earlier", format_func=labels.__getitem__,
            placeholder=t("train_search.earlier_none"),
        )  # fmt: skip
        if chosen in labels:
            navigation.go("train", **{PARAM: chosen})


def running_now() -> None:
    """A way to each search that is at work, for who comes from the menu."""
    from genlab.runs.search_jobs import list_searches, read_status

    for name in list_searches():
        if read_status(name).is_live:
            _way(name, f"{words.state_badge('running')} {t('train_search.running', name=name)}")


def tell_trial(run: Run) -> None:
    """Which search a run is a trial of, where it is one."""
    from genlab.runs.search_jobs import search_of

    if (found := search_of(run.id)) is not None:
        _way(found[0], t("train_search.trial_of", name=found[0], n=found[1]))


def _way(name: str, told: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(told)
        label = t("train_search.go")
        if st.button(label, icon=":material/manage_search:", type="tertiary", key=f"to-search-{name}"):
            navigation.go("train", **{PARAM: name})


def _label(name: str) -> str:
    from genlab.runs.search_plan import read_plan

    told = t("train_search.name", name=name)
    try:
        plan = read_plan(name)
    except GenlabError:
        plan = None
    if plan is None:
        return f"{told} · {t('common.state.broken')}"
    return f"{told} · {words.model_title(plan.config.model)} · {words.data_title(plan.config.data)}"


def _badge(state: str) -> str:
    return "queued" if state == "starting" else state


def draw(name: str) -> None:
    """All about one search; while it is at work, what moves is drawn again every second or two."""
    from genlab.runs.search_jobs import read_status
    from genlab.runs.search_plan import read_plan

    plan, status = read_plan(name), read_status(name)
    assert plan is not None  # or it would have no status
    st.subheader(
        f"{shell.escape(t('train_search.name', name=name))} {words.state_badge(_badge(status.state))}", anchor=False
    )
    st.caption(shell.escape(_facts(plan)))
    before = _read(name, plan)
    _buttons(before, status)
    _explain(status)

    def look() -> None:
        now = _read(name, plan)
        if read_status(name).state != status.state or now.ranked() != before.ranked():
            st.rerun()  # other buttons, another badge, another table
        _progress(now, status)

    shell.fragment(look, run_every=SECONDS if status.is_live else None)()
    search_results.draw(before)


def _read(name: str, plan: Plan) -> Search:
    from genlab.runs.search import Search
    from genlab.runs.search_plan import read_trials, searches_dir

    return Search(name, plan, read_trials(searches_dir() / name))


def _facts(plan: Plan) -> str:
    config = plan.config
    named = {
        "model": words.model_title(config.model),
        "data": words.data_title(config.data),
        "method": t(f"train_search.methods.{plan.method}"),
        "score": t(f"compare.score.{plan.score}"),
    }
    if config.minutes is not None:
        return t("train_search.facts_minutes", each=duration(60 * config.minutes), **named)
    return t("train_search.facts_steps", each=count(config.total_steps or 0), **named)


def _buttons(search: Search, status: Standing) -> None:
    """What can be done with the search, in one row."""
    from genlab.runs import search_jobs

    scored = [trial for trial in search.ranked() if trial.outcome == "scored"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if status.is_live:
            stopping = search_jobs.is_stopping(search.name)
            label = t("train_search.do.stopping" if stopping else "train_search.do.stop")
            if st.button(label, icon=":material/stop:", disabled=stopping, key="search-stop"):
                search_jobs.stop(search.name)
                st.rerun()
        elif status.state != "finished":
            go_on = st.button(
                t("train_search.do.go_on"), icon=":material/play_arrow:", type="primary", key="search-go-on"
            )
            if go_on:
                search_jobs.go_on(search.name)
                st.rerun()
        if scored:
            primary = status.state == "finished"
            best = st.button(
                t("train_search.do.best"), icon=":material/star:", type="primary" if primary else "secondary",
                key="search-best",
            )  # fmt: skip
            if best:
                from genlab.runs.store import open_run

                navigation.go("train", **controls.as_query(open_run(scored[0].run)))
        if len(scored) > 1:
            runs = ",".join(str(search_results.number(trial)) for trial in scored[:COMPARED])
            navigation.link("compare", t("train_search.do.compare"), runs=runs)
        if not status.is_live:
            with st.popover(t("train_search.do.delete"), icon=":material/delete:"):
                _delete(search.name)


def _delete(name: str) -> None:
    from genlab.runs.search import delete

    st.markdown(t("train_search.delete_means"))
    if st.button(t("train_search.do.delete_now"), icon=":material/delete:", key="search-delete"):
        delete(name)
        navigation.go("train")


def _explain(status: Standing) -> None:
    """Why a search is not at work although it should be."""
    if status.state == "died":
        st.error(t("train_search.died"), icon=":material/report:")
    elif status.state == "failed":
        st.error(f"{shell.escape(said(status.why))}  \n{t('train_search.failed_hint')}", icon=":material/report:")


def _progress(search: Search, status: Standing) -> None:
    plan, ranked = search.plan, search.ranked()
    trial = search.trials[-1] if len(search.trials) > len(ranked) else None
    run = _run(trial)
    share, left = _left(search, None if run is None else run.status())
    told = t("train_search.done", n=len(ranked), wanted=plan.wanted)
    if status.is_live and left is not None:
        told = t("train_search.left", told=told, time=duration(left))
    st.html(words.bar(1.0 if status.state == "finished" else share, told) + words.stats(_figures(search)))
    if trial is not None and (run is not None or status.is_live):
        _current(search, trial, run)
    elif status.state == "starting":
        st.info(t("train_search.phase.starting"), icon=":material/hourglass_top:")
    elif status.state == "running":
        st.info(t("train_search.phase.choosing"), icon=":material/hourglass_top:")


def _run(trial: Trial | None) -> Run | None:
    """The run of a trial; None where it is not made yet, or deleted."""
    from genlab.runs.store import open_run

    if trial is None or not trial.run:
        return None
    try:
        run = open_run(trial.run)
    except GenlabError:
        return None
    return run if run.problem is None else None


def _left(search: Search, current: Status | None) -> tuple[float, float | None]:
    """The share of the search that is done, and the seconds that the rest will take where that can be told."""
    ended, config = len(search.ranked()), search.plan.config
    share = 0.0 if current is None else current.progress
    seconds = [run.status().seconds for trial in search.trials[:ended] if (run := _run(trial)) is not None]
    each = 60 * config.minutes if config.minutes is not None else sum(seconds) / len(seconds) if seconds else None
    if each is None and current is not None and share and current.eta_seconds is not None:
        each = current.eta_seconds / (1.0 - share) if share < 1.0 else None
    done = ended + share
    return done / search.plan.wanted, None if each is None else each * (search.plan.wanted - done)


def _figures(search: Search) -> list[tuple[str, str]]:
    scored = [trial for trial in search.ranked() if trial.outcome == "scored"]
    failed = len(search.ranked()) - len(scored)
    pairs: list[tuple[str, str]] = []
    if scored:
        best = scored[0]
        name = t(f"compare.score.{search.plan.score}")
        pairs.append((f"{t('train_search.best')} · {name}", search_results.score_text(search.plan, best.score)))
        if best.floor is not None:
            pairs.append((t("train_search.floor"), search_results.score_text(search.plan, best.floor)))
    if failed:
        pairs.append((t("train_search.failed"), str(failed)))
    return pairs


def _current(search: Search, trial: Trial, run: Run | None) -> None:
    """The trial that is being trained or scored, and a way to its run."""
    values = search_results.values_text(search.plan, trial)
    with st.container(border=True):
        told: Any = t("train_search.phase.queued")
        progress = 0.0
        if run is not None:
            status = run.status()
            progress, told = status.progress, _phase(status)
        st.html(words.bar(progress, f"{t('train_search.current', n=trial.number, values=values)} · {told}"))
        if run is not None and st.button(
            t("train_search.do.watch"), icon=":material/show_chart:", type="tertiary", key="search-watch"
        ):
            navigation.go("train", run=run.id)


def _phase(status: Status) -> str:
    if status.state == "running":
        if note := words.note(status):
            return note
        share = f"{status.progress:.0%}"
        if status.eta_seconds is None:
            return share
        return t("train_search.phase.eta", share=share, time=duration(status.eta_seconds))
    if status.state in ("finished", "stopped"):
        return t("train_search.phase.scoring")
    return t("train_search.phase.queued" if status.state == "queued" else f"common.state.{status.state}")
