"""What ails a run, on its page: each verdict with what it rests on, and one thing to try at a click."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.ui import curves, live, navigation, shelf, shell, words
from genlab.ui.i18n import t
from genlab.ui.text import count

if TYPE_CHECKING:
    from genlab.runs.status import Status
    from genlab.runs.store import Run
    from genlab.runs.verdicts import Action, Case, Verdict

BRANCHED: Final = "_branched"
"""Session key of the branch that a click has made."""

COLOURS: Final = {"serious": "red", "warning": "orange", "hint": "blue"}


def draw(run: Run, status: Status) -> None:
    """The verdicts, the worst first, and the vital signs they come from."""
    verdicts = _verdicts(run, status)
    if verdicts is None:
        return
    st.markdown(f"**{t('train.health.title')}**")
    if not verdicts:
        st.caption(t("train.health.well"))
    for verdict in sorted(verdicts, key=lambda verdict: list(COLOURS).index(verdict.severity)):
        _draw(run, verdict)
    box = st.expander(
        t("train.health.signs"), icon=":material/monitor_heart:", key=f"signs-{run.id}", on_change="rerun"
    )
    if box.open:
        with box:
            curves.draw(live.follow(run.path).rows(), key=f"vitals-{run.id}", grouped=curves.vital_groups)


def case(run: Run, status: Status) -> Case:
    """All that is known of a run's training."""
    from genlab.runs.branching import starts
    from genlab.runs.scores import read_scores
    from genlab.runs.verdicts import Case

    ended = status.state == "finished"
    return Case(live.follow(run.path).rows(), run.config, read_scores(run.path), starts(run), ended)


def _verdicts(run: Run, status: Status) -> list[Verdict] | None:
    """What the doctor finds; None while there is too little to tell whether there is anything."""
    from genlab.runs.doctor import can_tell, diagnose

    known = case(run, status)
    verdicts = diagnose(known)
    return verdicts if verdicts or can_tell(known) else None


def _draw(run: Run, verdict: Verdict) -> None:
    with st.container(border=True):
        st.markdown(f":{COLOURS[verdict.severity]}-badge[{t(f'train.health.{verdict.key}.title')}] {evidence(verdict)}")
        if verdict.action is not None:
            try_button(run, verdict.action, f"try-{verdict.key}")


def try_button(run: Run, action: Action, key: str) -> None:
    """A button that starts a branch."""
    st.button(
        remedy(run, action),
        icon=":material/healing:",
        help=t("train.health.try_help"),
        key=key,
        on_click=_try,  # it counts even where the next look draws another one in this place
        args=(run, action),
    )


def evidence(verdict: Verdict) -> str:
    """What a verdict rests on, in a sentence with its numbers."""
    first, last = map(count, verdict.steps)
    return t(f"train.health.{verdict.key}.{verdict.sign}", first=first, last=last, **verdict.evidence)


def remedy(run: Run, action: Action) -> str:
    """What a click does: "Try R1 penalty 10, from step 2,000"."""
    from genlab.models import MODELS
    from genlab.models.options import option_fields

    fields = {field.name: field for field in option_fields(MODELS[run.config.model].Options)}
    changes = [
        f"{words.option_label(run.config.model, fields[name])} "
        + (words.option_choice(fields[name], value) if isinstance(value, str) else f"{value:g}")
        for name, value in action.options.items()
    ]
    if action.step is None:
        start = t("train.health.from_fresh")
    else:
        start = t("train.health.from_step", step=count(action.step))
    if not changes:
        return t("train.health.more" if action.longer == 1.0 else "train.health.twice", start=start)
    return t("train.health.try", changes=t("train.health.and").join(changes), start=start)


def follow_branch() -> None:
    """Go to a branch that was just made."""
    if branched := st.session_state.pop(BRANCHED, None):
        navigation.go("train", run=branched)


@shell.guarded
def _try(run: Run, action: Action) -> None:
    from genlab.runs.branching import branch

    st.session_state[BRANCHED] = branch(run, action).id


def tell_origin(run: Run) -> None:
    """Which run this one is a branch of, where it is one, and what it started with."""
    if run.origin is None:
        return
    parent = shelf.offered().get(run.origin.run)
    name = shell.escape(run.origin.run if parent is None else words.title(parent))
    with st.container(horizontal=True, vertical_alignment="center"):
        if run.origin.step is None:
            st.caption(t("train.health.branch_fresh", run=name))
        else:
            st.caption(t("train.health.branch", run=name, step=count(run.origin.step)))
        # No link: one to the page that it stands on leaves the choice of the run as it is.
        if parent is not None and st.button(t("train.health.parent"), icon=":material/alt_route:", type="tertiary"):
            navigation.go("train", run=parent.id)
        if parent is not None and navigation.has("compare"):
            navigation.link(
                "compare", t("train.health.compare"), runs=f"{parent.number or parent.id},{run.number or run.id}"
            )
