"""The Latent space page: the address says which map, and the page shows it, makes it, or waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.errors import GenlabError
from genlab.ui import models, navigation, numbers, run_picker, shell, text
from genlab.ui.errors import said
from genlab.ui.i18n import t
from genlab.ui.latent import choose, view

if TYPE_CHECKING:
    from genlab.latent.forming import Forming
    from genlab.latent.spec import Spec
    from genlab.runs.derived import JobStatus
    from genlab.runs.maps import Map

LIVE_SECONDS: Final = 1.0


def draw() -> None:
    """The page below its heading."""
    from genlab.runs.maps import plan

    left, right = st.columns([3, 2], gap="large")
    with left:
        run = run_picker.pick()
    checkpoints = run.checkpoints()
    if not checkpoints:
        st.info(t("latent.no_checkpoint"), icon=":material/hourglass_empty:")
        navigation.link("train", t("latent.watch"), run=run.id)
        return
    with right:
        step = numbers.stop(
            t("latent.step"), [at for at, _ in checkpoints], param="step", help=t("latent.step_help")
        )  # fmt: skip
    spec = choose.draw(models.load(models.weights(run, step)), run)
    problem = choose.problem(spec)
    if problem:
        st.warning(problem, icon=":material/tune:")
        return
    wanted = plan(run, spec, step)
    status = wanted.status()
    if status.state == "absent" and choose.is_quick(wanted):
        _make_now(wanted)
        status = wanted.status()
    if status.state == "done":
        shell.fragment(view.draw)(wanted)
    elif status.state == "running":
        shell.fragment(run_every=LIVE_SECONDS)(_progress)(wanted)
    else:
        _offer(wanted, status)


def _make_now(wanted: Map) -> None:
    """PCA takes a second or two: no button to press, nothing to wait for in another process."""
    from genlab.runs.derived import compute

    with st.spinner(t("latent.making")):
        try:
            compute(wanted)
        except GenlabError as error:
            shell.stop_with(error)


def _offer(wanted: Map, status: JobStatus) -> None:
    """A map that is not there: how that came to be, and the button that makes it."""
    if status.state == "failed":
        st.error(shell.escape(said(status.why)), icon=":material/error:")
    elif status.state == "died":
        st.warning(t("latent.died"), icon=":material/warning:")
        if log := wanted.log_tail():
            with st.expander(t("latent.log")):
                st.code(log, language=None)
    elif status.state == "stopped":
        st.info(t("latent.stopped"), icon=":material/stop_circle:")
    else:
        st.info(t("latent.absent"), icon=":material/map:")
    _expected(wanted.spec)
    if not choose.has_pictures(wanted.run):
        st.caption(t("latent.download"))
    st.button(
        t("latent.compute"), type="primary", icon=":material/play_arrow:", key="latent_compute",
        on_click=_start, args=(wanted,),
    )  # fmt: skip
    if error := st.session_state.pop("_latent_error", None):
        st.error(shell.escape(error), icon=":material/error:")


def _expected(spec: Spec) -> None:
    if spec.method == "tsne":
        from genlab.latent.tsne import DESCENTS, expected_seconds

        seconds = expected_seconds(spec.n, spec.dims, DESCENTS[spec.quality].steps)
        st.caption(t("latent.expected", n=text.count(spec.n), time=text.duration(seconds)))
    elif spec.method == "umap":
        st.caption(t("latent_maps.expected_umap"))


def _start(wanted: Map) -> None:
    from genlab.runs import jobs
    from genlab.ui import links

    links.put("step", str(wanted.step))  # while the run goes on, its newest checkpoint changes; the map must not
    try:
        jobs.start(wanted)
    except GenlabError as error:
        st.session_state["_latent_error"] = said(error)


def _progress(wanted: Map) -> None:
    status = wanted.status()
    if status.state != "running":
        st.rerun()
    words = t(f"latent.phase.{status.phase}")
    if status.eta_seconds is not None:
        words += " · " + t("latent.eta", time=text.duration(status.eta_seconds))
    st.progress(min(max(status.fraction, 0.0), 1.0), words)
    st.caption(t("latent.goes_on"))
    st.button(t("latent.stop"), icon=":material/stop:", key="latent_stop", on_click=_stop, args=(wanted,))
    forming = wanted.forming()
    if forming is not None:
        _draw_forming(wanted, forming)


def _draw_forming(wanted: Map, forming: Forming) -> None:
    from genlab.latent.tsne import DESCENTS
    from genlab.plots.forming import forming_map
    from genlab.ui.latent.sheets import is_dark

    told = t("latent.forming", step=forming.step, steps=DESCENTS[wanted.spec.quality].steps, kl=f"{forming.kl:.3f}")
    st.caption(told)
    st.plotly_chart(
        forming_map(forming.coords, forming.labels, dark=is_dark()), key="latent_forming", theme=None,
        config={"staticPlot": True}, alt=told,
    )  # fmt: skip


def _stop(wanted: Map) -> None:
    from genlab.runs import jobs

    jobs.stop(wanted)
