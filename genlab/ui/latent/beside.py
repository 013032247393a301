"""A second map beside the first: pointing and selecting in one shows the same pictures in the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from genlab.errors import GenlabError
from genlab.ui import links, routes, run_picker, shelf, shell
from genlab.ui.errors import said
from genlab.ui.i18n import t
from genlab.ui.latent import about, address, colour, loading, plane, selection, trust
from genlab.ui.latent import choose as choosing
from genlab.ui.latent.canvas import Hands, Shown
from genlab.ui.latent.overlay import Overlay

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from genlab.latent.result import Projection
    from genlab.latent.spec import Method, Spec, What
    from genlab.runs.maps import Map
    from genlab.runs.store import Run

NONE: Final = "none"
PARAM: Final = "beside"
VIEW: Final = "view2"
WAIT_SECONDS: Final = 1.0


def choose(wanted: Map) -> Map | None:
    """The choice of a second map, kept in the address; None where there is to be none.

    It is of the same pictures where that can be: the same number, seed and split; of another run only where that was
    trained on the same data.
    """
    from genlab.latent.points import choices
    from genlab.models import MODELS
    from genlab.runs.maps import plan

    if wanted.spec.dims != 2:
        return None
    with st.popover(t("canvas.beside"), icon=":material/splitscreen_right:"):
        offered_runs = runs(wanted)
        run = offered_runs[
            links.select(
                t("common.run.label"), list(offered_runs), param=f"{PARAM}_run", default=wanted.run.id,
                text=lambda name: run_picker.label(offered_runs[name]),
            )
        ]  # fmt: skip
        whats = choices(MODELS[run.config.model])
        here = f"{wanted.spec.what}-{wanted.spec.method}" if run.id == wanted.run.id else ""
        offered = [f"{what}-{method}" for what in whats for method in choosing.ANYTHING]
        chosen = links.select(
            t("canvas.beside_map"), [NONE, *(name for name in offered if name != here)], param=PARAM, default=NONE,
            text=_named, help=t("canvas.beside_help"),
        )  # fmt: skip
    if chosen == NONE:
        return None
    what, method = chosen.split("-")
    spec = _spec(wanted.spec, cast("What", what), cast("Method", method))
    return plan(run, spec, wanted.step if run.id == wanted.run.id else None)


def columns(second: Map | None) -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """Where the first map goes, what is beside or below it, and the second map."""
    if second is None:
        left, right = st.columns([3, 2], gap="large")
        return left, right, right
    left, other = st.columns(2, gap="medium")
    return left, st.container(), other


def draw(
    second: Map, wanted: Map, made: Projection, chosen: list[int], paint: colour.Choice, first: Hands
) -> list[tuple[int, int]] | None:
    """Show the second map, or what it takes to have it; the rows that are the same pictures in both, as ranges.

    What is selected in it, and all else that hands do, is told to the hands of the `first` map.
    """
    problem = choosing.problem(second.spec)
    if problem:
        st.warning(problem, icon=":material/tune:")
        return None
    if not _is_there(second):
        return None
    other = loading.load(second)
    address.settle(second.key, address.points_of(second.key, other), VIEW)
    same = _same(wanted.key, second.key, made, other)
    if second.run.id != wanted.run.id:
        st.markdown(f"**{shell.escape(run_picker.label(second.run))}**")
    st.markdown(about.sentence(second, other))
    linked = spans(same)
    hands = replace(
        first,
        on_select=lambda sent: first.on_select(
            [row for row in selection.checked_rows(sent, len(other)) if row < len(same) and same[row]]
        ),
    )
    rows = [row for row in chosen if row < len(same) and same[row]]
    shown = Shown(
        rows, [], Overlay(decode=routes.of_map(second, other)), VIEW, second.key, about.of(second, other), linked
    )
    plane.draw(other, second.key, colour.by(other, second.key, paint), hands, shown)
    trust.stats(other)
    st.caption(t("canvas.same_pictures", n=f"{int(same.sum()):,}") if linked else t("canvas.no_same_pictures"))
    return linked or None


def runs(wanted: Map) -> dict[str, Run]:
    """The run itself, then others with weights that were trained on the same data."""
    data = wanted.run.config.data
    others = {name: run for name, run in shelf.offered().items() if run.config.data == data and run.checkpoints()}
    return {wanted.run.id: wanted.run} | others


def _named(name: str) -> str:
    if name == NONE:
        return t("canvas.beside_none")
    what, method = name.split("-")
    return f"{t(f'latent_maps.whats.{what}')} · {t(f'latent_maps.methods.{method}')}"


def _spec(first: Spec, what: What, method: Method) -> Spec:
    """The second map's: as the first one's where the method is the same, else the method's usual parameters."""
    from genlab.latent.spec import DEFAULT_NEIGHBOURS, DEFAULT_PERPLEXITY, MIN_PERPLEXITY, Spec

    if method == first.method:
        return replace(first, what=what)
    most = max(MIN_PERPLEXITY, (first.n - 1) // choosing.POINTS_A_NEIGHBOUR)
    return Spec(
        what, method, 2, first.n, first.seed, first.split,
        perplexity=min(DEFAULT_PERPLEXITY, most), neighbours=min(DEFAULT_NEIGHBOURS, first.n - 1),
    )  # fmt: skip


def _is_there(second: Map) -> bool:
    """Whether the map is finished; makes it where that is quick, and else shows how far it is, or offers to begin."""
    from genlab.runs.derived import compute

    status = second.status()
    if status.state == "absent" and choosing.is_quick(second):
        with st.spinner(t("latent.making")):
            try:
                compute(second)
            except GenlabError as error:
                shell.show_error(error)
                return False
        return True
    if status.state == "done":
        return True
    if status.state == "running":
        shell.fragment(run_every=WAIT_SECONDS)(_wait)(second)
        return False
    if status.why:
        st.error(shell.escape(said(status.why)), icon=":material/error:")
    else:
        st.info(t("latent.absent"), icon=":material/map:")
    st.button(
        t("latent.compute"), type="primary", icon=":material/play_arrow:", key="beside_compute",
        on_click=_start, args=(second,),
    )  # fmt: skip
    if why := st.session_state.pop("_beside_error", None):
        st.error(shell.escape(why), icon=":material/error:")
    return False


def _wait(second: Map) -> None:
    status = second.status()
    if status.state != "running":
        st.rerun()
    st.progress(min(max(status.fraction, 0.0), 1.0), t(f"latent.phase.{status.phase}"))


def _start(second: Map) -> None:
    from genlab.runs import jobs

    try:
        jobs.start(second)
    except GenlabError as error:
        st.session_state["_beside_error"] = said(error)


@st.cache_data(max_entries=16, show_spinner=False)
def _same(first_key: str, second_key: str, _made: Projection, _other: Projection) -> NDArray[np.bool_]:  # noqa: ARG001
    return same_pictures(_made.images, _other.images)


def same_pictures(some: NDArray[np.uint8], others: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which rows of two sets of pictures (N, C, H, W) and (M, C, H, W) are equal: bool (min(N, M),)."""
    n = min(len(some), len(others))
    if some.shape[1:] != others.shape[1:]:
        return np.zeros(n, bool)
    return np.asarray((some[:n] == others[:n]).reshape(n, -1).all(axis=1))


def spans(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The true rows of a mask as ranges, first and last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(first), int(end) - 1) for first, end in edges.reshape(-1, 2)]
