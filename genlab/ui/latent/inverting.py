"""Looking for the latent of one's own picture: the settings, the button, the progress, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.errors import GenlabError
from genlab.ui import links, numbers, shell
from genlab.ui.errors import said
from genlab.ui.i18n import t
from genlab.ui.latent import loading, mine
from genlab.ui.latent.sheets import show

if TYPE_CHECKING:
    from genlab.latent.invert import Inversion
    from genlab.runs.inversions import Search
    from genlab.runs.maps import Map

LIVE_SECONDS: Final = 0.5
LIVE_WIDTH: Final = 140
ERROR: Final = "_latent_invert_error"
ANY: Final = "any"


def controls(wanted: Map, own: str) -> None:
    """All that belongs to a search, wherever it stands."""
    from genlab.latent.invert import can_invert

    model = loading.model(wanted)
    if not can_invert(model):
        st.info(t("latent_own.no_slope"), icon=":material/block:")
        return
    _settings(wanted)
    search = mine.search(wanted, own)
    status = search.status()
    if status.state == "done":
        found = mine.result(search)
        assert found is not None
        _curve(found)
        first, last = (f"{found.losses[i]:.4f}" for i in (0, -1))
        st.caption(t("latent_own.curve", first=first, last=last, steps=found.steps))
        return
    if status.state == "running":
        shell.fragment(run_every=LIVE_SECONDS)(_progress)(search)
        return
    if status.state in ("failed", "died"):
        st.error(shell.escape(said(status.why)), icon=":material/error:")
        if log := search.log_tail():
            with st.expander(t("latent.log")):
                st.code(log, language=None)
    elif status.state == "stopped":
        st.info(t("latent_own.stopped"), icon=":material/stop_circle:")
    st.button(
        t("latent_own.find"), type="primary", icon=":material/search:", key="latent_own_find", on_click=_start,
        args=(search,), help=t("latent_own.find_help"),
    )  # fmt: skip
    if error := st.session_state.pop(ERROR, None):
        st.error(shell.escape(error), icon=":material/error:")


def _settings(wanted: Map) -> None:
    from genlab.latent import invert as bounds
    from genlab.latent.spec import MAX_SEED

    classes = mine.classes(wanted)
    known = loading.model(wanted).prior.n_classes
    with st.popover(t("latent_own.settings"), icon=":material/tune:"):
        numbers.whole(
            t("latent_own.steps"), bounds.MIN_STEPS, bounds.MAX_STEPS, param=mine.STEPS, default=bounds.DEFAULT_STEPS,
            step=100, help=t("latent_own.steps_help"),
        )  # fmt: skip
        numbers.whole(
            t("latent_own.seed"), 0, MAX_SEED, param=mine.SEED, default=0,
            help=t("latent_own.seed_help", tried=bounds.TRIED, starts=bounds.DEFAULT_STARTS),
        )  # fmt: skip
        if known:
            links.select(
                t("latent_own.class"), [ANY, *map(str, range(known))], param=mine.CLASS, default=ANY,
                text=lambda key: t("latent_own.best_fit") if key == ANY else _name(classes, int(key)),
                help=t("latent_own.class_help"),
            )  # fmt: skip


def _name(classes: tuple[str, ...], label: int) -> str:
    return classes[label] if label < len(classes) else str(label)


def _start(search: Search) -> None:
    from genlab.runs import jobs

    links.put("step", str(search.step))  # a run that goes on must not change the model under the search
    try:
        jobs.start(search)
    except GenlabError as error:
        st.session_state[ERROR] = said(error)


def _progress(search: Search) -> None:
    status = search.status()
    if status.state != "running":
        st.rerun()
    live = search.live()
    if live is None:
        st.progress(0.0, t("latent_own.starting"))
    else:
        done = len(live.losses) - 1
        words = t("latent_own.progress", done=done, steps=live.steps, loss=f"{live.losses[-1]:.4f}")
        st.progress(min(1.0, done / max(1, live.steps)), words)
        with st.container(width=LIVE_WIDTH):
            show(live.picture, t("latent_own.live"))
        _curve(live)
    st.button(t("latent.stop"), icon=":material/stop:", key="latent_own_stop", on_click=_stop, args=(search,))


def _stop(search: Search) -> None:
    from genlab.runs import jobs

    jobs.stop(search)


def _curve(found: Inversion) -> None:
    """The loss on its way down."""
    st.echarts_chart(
        {
            "animation": False,
            "grid": {"left": 4, "right": 14, "top": 10, "bottom": 4},
            "tooltip": {"trigger": "axis", "valueFormatter": "%.4g"},
            "xAxis": {"type": "value", "min": 0, "max": found.steps, "splitLine": {"show": False}},
            "yAxis": {"type": "log", "splitNumber": 3},
            "series": [{
                "type": "line", "name": t("latent_own.loss"), "showSymbol": False, "lineStyle": {"width": 1.8},
                "data": [[i, float(loss)] for i, loss in enumerate(found.losses)],
            }],
        },
        key="latent_own_curve", height=150, alt=t("latent_own.curve_alt"),
    )  # fmt: skip
