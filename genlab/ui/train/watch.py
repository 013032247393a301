"""The Train page with a run: how it goes, its pictures and curves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.runs.disk import WAITS
from genlab.ui import curves, live, shelf, shell, words
from genlab.ui.errors import said
from genlab.ui.i18n import t
from genlab.ui.text import count, duration
from genlab.ui.train import controls, gate, health

if TYPE_CHECKING:
    from genlab.runs.status import Status
    from genlab.runs.store import Run

SECONDS: Final = 1.0
"""Between two looks at the state, the numbers and the pictures of a live run."""
CURVES_SECONDS: Final = 2.0
"""Between two drawings of its curves, which cost the browser most."""
HEALTH_SECONDS: Final = 5.0
"""Between two diagnoses."""
LOG_LINES: Final = 200
LOG_LINES_SHOWN: Final = 12
"""A longer log is scrolled."""


def draw(run: Run) -> None:
    """All about one run; while it is live, what moves is drawn again each second or so."""
    status = run.status()
    if status.state == "died" and not run.read_only:
        from genlab.runs.mending import mend_run  # slow to import: torch

        mend_run(run)
        status = run.status()
    st.subheader(f"{shell.escape(words.title(run))} {words.state_badge(status.state)} {shelf.badge(run)}", anchor=False)
    controls.draw(run, status)
    health.tell_origin(run)
    _explain(run, status)
    numbers = st.container()
    gate.draw(run, status)
    left, right = st.columns([2, 3], gap="large")
    charts = right.container()

    def look() -> None:
        now = run.status()
        if now.state != status.state:
            st.rerun()  # other buttons, another badge, and maybe no more looking
        with numbers:
            if now.state == "queued":
                _wait(run)
            elif now.state == "running" and now.why:
                st.warning(shell.escape(said(now.why)), icon=":material/hourglass_top:")
            _progress(run, now)
        with left:
            _pictures(run, now)

    def follow() -> None:
        with charts:
            _curves(run, status)

    def examine() -> None:
        health.follow_branch()
        health.draw(run, run.status())

    shell.fragment(look, run_every=SECONDS if status.is_live else None)()
    shell.fragment(follow, run_every=CURVES_SECONDS if status.is_live else None)()
    with right:  # its buttons have to be its own
        shell.fragment(examine, run_every=HEALTH_SECONDS if status.is_live else None)()
    if not run.read_only:
        _log(run, status)


def _explain(run: Run, status: Status) -> None:
    """Why a run is not where it should be."""
    if status.state in ("failed", "died"):
        hint = "" if run.read_only else t(f"train.watch.{_way(run, status)}_hint")
        why = own_why(status)
        st.error(f"{shell.escape(why)}  \n{hint}", icon=":material/report:")
    elif status.state != "running" and status.why:
        st.info(shell.escape(said(status.why)), icon=":material/info:")


def _way(run: Run, status: Status) -> str:
    """What a run that failed or died can be helped by."""
    if controls.never_began(run, status):
        return "refused"
    return "resume" if run.checkpoints() else "restart"


def own_why(status: Status) -> str:
    """Why a run failed or died; the usual reason in the session's language."""
    return t("train.watch.died") if status.state == "died" else said(status.why)


def _wait(run: Run) -> None:
    """Tell that a run waits, and see to it that somebody comes for it."""
    from genlab.runs import cluster, disk, store, waiting, worker
    from genlab.runs.quotas import allowed

    worker.ensure_workers()
    if worker.on_cluster() and cluster.is_unreachable():
        st.warning(t("train.watch.no_cluster"), icon=":material/lan:")
        return
    if disk.is_low():
        st.warning(
            t("train.watch.disk_low", least=count(round(disk.least_bytes() / 1e6))), icon=":material/hard_drive:"
        )
        return
    if allowed() is not None:
        place = waiting.place(run, worker.slots())
        if place.ahead:
            text = t("visitor.place", n=place.ahead)
            wait = "" if place.seconds is None else t("visitor.wait", time=duration(place.seconds))
            st.info(f"{text} {wait}", icon=":material/hourglass_top:")
            return
    busy = [other for other in store.list_runs() if other.problem is None and other.id != run.id]
    running = [other for other in busy if other.status().state == "running"]
    if running:
        st.info(t("train.watch.waiting", run=shell.escape(words.title(running[0]))), icon=":material/hourglass_top:")
    else:
        st.info(t("train.watch.starting"), icon=":material/hourglass_top:")


def _progress(run: Run, status: Status) -> None:
    if status.state == "finished":
        told = t("train.watch.finished", time=duration(status.seconds))
    elif note := words.note(status):
        told = note
    elif status.eta_seconds is not None:
        told = t("train.watch.eta", share=f"{status.progress:.0%}", time=duration(status.eta_seconds))
    else:
        told = f"{status.progress:.0%}"
    total = f" / {count(status.total_steps)}" if status.total_steps else ""
    pairs = [
        (t("train.watch.step"), count(status.step) + total),
        (t("train.watch.speed"), count(_speed(run, status))),
        (t("train.watch.trained"), duration(status.seconds)),
        (t("train.watch.device"), " · ".join(part for part in (status.device, status.precision) if part) or "–"),
    ]
    if status.state == "running" and status.note != WAITS and (silent := time.time() - status.updated) > 30.0:
        pairs.append((t("train.watch.silent"), duration(silent)))
    st.html(words.bar(status.progress, told) + words.stats(pairs))


def _speed(run: Run, status: Status) -> float:
    """Images a second: now while it trains, else over the whole training."""
    if status.state == "running" or not status.seconds:
        return status.images_per_second
    return status.step * run.config.batch_size / status.seconds


def _pictures(run: Run, status: Status) -> None:
    samples = run.samples()
    if samples:
        step, path = samples[-1]
        told, alt = t("train.watch.grid", step=count(step)), t("overview.card.picture", run=words.title(run))
        st.html(words.picture(path.read_bytes(), alt))
        st.caption(told)
    else:
        low = "" if status.is_live else " gl-low"  # where none will come, none needs the room
        st.html(f'<div class="gl-blank{low}">{t("overview.card.no_picture")}</div>')


def _curves(run: Run, status: Status) -> None:
    rows = live.follow(run.path).rows()
    if rows:
        curves.draw(rows, key=f"curves-{run.id}")
    else:
        coming = t("train.watch.curves_coming" if status.is_live else "train.watch.no_curves")
        st.html(f'<div class="gl-blank gl-low">{coming}</div>')


def _log(run: Run, status: Status) -> None:
    """The log, read only while it is open; opened by itself where something went wrong."""
    wrong = status.state in ("failed", "died")
    box = st.expander(t("train.watch.log"), wrong, icon=":material/article:", key=f"log-{run.id}", on_change="rerun")
    if not box.open:
        return

    def read() -> None:
        text = run.log_tail(LOG_LINES)
        long = text.count("\n") > LOG_LINES_SHOWN
        st.code(text or t("train.watch.no_log"), None, wrap_lines=True, height=320 if long else "content")

    with box:
        shell.fragment(read, run_every=2.0 if status.is_live else None)()
