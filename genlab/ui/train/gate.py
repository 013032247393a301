"""The way from data to a model that may be used, with the target at its end; what is missed is tried again."""

from __future__ import annotations

import time
from html import escape as html
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import streamlit as st

from genlab.ui import navigation, shell, words
from genlab.ui.compare.protocols import score_text
from genlab.ui.i18n import t
from genlab.ui.text import count, duration
from genlab.ui.train import health

if TYPE_CHECKING:
    from genlab.evaluation.sheet import ScoreSheet
    from genlab.runs.gate import Judgement, Target
    from genlab.runs.status import Status
    from genlab.runs.store import Run
    from genlab.runs.verdicts import Action

SECONDS: Final = 5.0
"""Between two looks, while scores may still come."""
SCORES_COME: Final = 600.0
"""Seconds after the end of a training in which its scores are waited for."""

Place = Literal["done", "now", "todo", "passed", "failed"]
SIGNS: Final[dict[Place, str]] = {"done": "✓", "now": "●", "todo": "○", "passed": "✓", "failed": "✗"}


class Station(NamedTuple):
    """One step of the way."""

    name: str
    told: str
    place: Place


def draw(run: Run, status: Status) -> None:
    """The way as far as the run came on it, and what can be done at its end."""

    def look() -> None:
        health.follow_branch()
        now = run.status()
        sheets, judgement = _sheets(run), _judgement(run)
        st.html(f'<ol class="gl-way">{"".join(map(_station, way(run, now, sheets, judgement)))}</ol>')
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _end(run, now, sheets, judgement)

    waiting = status.is_live or (not _sheets(run) and time.time() - status.updated < SCORES_COME)
    shell.fragment(look, run_every=SECONDS if waiting else None)()


def _sheets(run: Run) -> list[ScoreSheet]:
    """The full score sheets, by step."""
    from genlab.runs.scores import read_scores

    return [sheet for sheet in read_scores(run.path) if sheet.kind == "full"]


def _judgement(run: Run) -> Judgement | None:
    from genlab.runs.gate import judge, read_target

    target = read_target(run.path)
    return None if target is None else judge(target, _sheets(run), [step for step, _ in run.checkpoints()])


def way(run: Run, status: Status, sheets: list[ScoreSheet], judgement: Judgement | None) -> list[Station]:
    """The five steps and how far they are."""
    from genlab.data import find
    from genlab.errors import GenlabError

    try:
        pictures = t("gate.pictures", n=count(find(run.config.data).n_train))
    except GenlabError:
        pictures = t("gate.pictures_gone")
    begun = status.step > 0
    trained = t("gate.trained", steps=count(status.step), time=duration(status.seconds)) if begun else t("gate.later")
    running = status.state == "running"
    ended = status.state == "finished" or (begun and status.state == "stopped")
    training: Place = "done" if ended else "now" if running else "failed" if status.state == "failed" else "todo"
    first: Place = "done" if begun else "now" if running else "todo"
    return [
        Station(t("gate.data"), f"{words.data_title(run.config.data)} · {pictures}", first),
        Station(t("gate.preparation"), t("gate.prepared"), first),
        Station(t("gate.training"), trained, training),
        Station(t("gate.evaluation"), _evaluated(sheets, judgement, ended), "done" if sheets else "todo"),
        Station(t("gate.target"), *_reached(judgement)),
    ]


def _evaluated(sheets: list[ScoreSheet], judgement: Judgement | None, ended: bool) -> str:
    if not sheets:
        return t("gate.unscored" if ended else "gate.later")
    name = "fid" if judgement is None else judgement.target.score
    sheet = sheets[-1] if judgement is None or judgement.sheet is None else judgement.sheet
    if name not in sheet.scores:
        return t("gate.not_had", score=t(f"compare.score.{name}"))
    value, floor = (score_text(name, table[name]) if name in table else "–" for table in (sheet.scores, sheet.floor))
    return t("gate.scored", score=t(f"compare.score.{name}"), value=value, floor=floor, step=count(sheet.step))


def _reached(judgement: Judgement | None) -> tuple[str, Place]:
    if judgement is None:
        return t("gate.none"), "todo"
    place: Place = "todo" if judgement.passed is None else "passed" if judgement.passed else "failed"
    return wanted(judgement.target), place


def wanted(target: Target) -> str:
    """A target in words: "FID at most 15"."""
    side = "at_most" if target.is_ceiling else "at_least"
    return t(f"gate.{side}", score=t(f"compare.score.{target.score}"), bound=score_text(target.score, target.bound))


def _station(station: Station) -> str:
    sign = f'<i aria-label="{html(t(f"gate.place.{station.place}"))}">{SIGNS[station.place]}</i>'
    return f'<li class="gl-{station.place}">{sign}<b>{html(station.name)}</b><span>{html(station.told)}</span></li>'


def _end(run: Run, status: Status, sheets: list[ScoreSheet], judgement: Judgement | None) -> None:
    """What can be done now: use it, try again, have it scored, set a target."""
    if judgement is not None and judgement.passed and judgement.sheet is not None:
        st.markdown(f":green-badge[:material/check_circle: {t('gate.passed')}]")
        _use(run, judgement.sheet.step)
    elif judgement is not None:
        if judgement.passed is False:
            st.markdown(f":red-badge[:material/cancel: {t('gate.missed')}]")
            if not status.is_live:
                health.try_button(run, _attempt(run, status), key="gate-next")
        st.button(t("gate.use"), icon=":material/lock:", disabled=True, help=t("gate.locked"), key="gate-locked")
    if not sheets and not status.is_live and run.checkpoints() and not run.read_only:
        _score(run)
    if not run.read_only:
        _choose(run, judgement)


def _attempt(run: Run, status: Status) -> Action:
    from genlab.runs.gate import next_attempt

    return next_attempt(health.case(run, status))


def _use(run: Run, step: int) -> None:
    """Ways to use the model of a checkpoint."""
    from genlab.training.checkpoint import MODEL_FILE

    folder = dict(run.checkpoints()).get(step)
    if folder is None:
        return  # removed while we looked
    for key in ("samples", "latent"):
        if navigation.has(key):
            navigation.link(key, t(f"train.do.{key}"), run=run.id, step=str(step))
    st.download_button(
        t("gate.download"), data=(folder / MODEL_FILE).read_bytes,
        file_name=f"{run.name}-{step}.safetensors", icon=":material/download:", on_click="ignore",
        help=t("gate.download_help"), key="gate-download",
    )  # fmt: skip
    if run.id != run.name:
        return  # a link's secret does not belong into a terminal's history
    with st.popover(t("gate.command"), icon=":material/terminal:", type="tertiary"):
        st.code(f"python -m genlab sample {run.number or run.name} --step {step} --out pictures.png", "sh")


def _score(run: Run) -> None:
    from genlab.runs.scoring import Scorer

    if st.button(t("gate.score"), icon=":material/grading:", help=t("gate.score_help"), key="gate-score"):
        Scorer(run.id).full(run.checkpoints()[-1][0])
        st.toast(t("gate.scoring"), icon=":material/grading:")


def _choose(run: Run, judgement: Judgement | None) -> None:
    """A target: set, changed or taken away."""
    from genlab.runs.gate import SCORES, Target, set_target

    label = t("gate.set" if judgement is None else "gate.change")
    with st.popover(label, icon=":material/flag:", type="tertiary"), st.form("target", border=False):
        now = None if judgement is None else judgement.target
        score = st.selectbox(
            t("gate.score_label"), SCORES, SCORES.index(now.score if now else "fid"),
            format_func=lambda name: t(f"compare.score.{name}"),
        )  # fmt: skip
        bound = st.number_input(
            t("gate.bound"), 0.0, None, now.bound if now else None, format="%g", help=t("gate.bound_help"),
            placeholder=t("gate.none"),
        )  # fmt: skip
        if st.form_submit_button(t("gate.keep"), width="stretch"):
            set_target(run, None if bound is None else Target(score, bound))
            st.rerun()
