"""Taking runs away and in, and models away: downloads of a run's page, and the upload of the Overview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.errors import GenlabError
from genlab.ui import models, navigation, shell
from genlab.ui.errors import said
from genlab.ui.i18n import t

if TYPE_CHECKING:
    from genlab.models.base import GenerativeModel
    from genlab.runs.store import Run

MADE: Final = "_carry_onnx"
"""Session key of the weights that were written as ONNX last."""


def take_away(run: Run) -> None:
    """The run as a zip; it is made when it is asked for."""
    from genlab.runs.pack import packed

    st.download_button(
        t("carry.run"), data=lambda: packed(run), file_name=f"{run.name}.zip", mime="application/zip", key="carry_run",
        icon=":material/download:", on_click="ignore", help=t("carry.run_help"), width="stretch",
    )  # fmt: skip


def take_in() -> None:
    """The way in for such a zip."""
    with st.popover(t("carry.take_in"), icon=":material/upload:", type="tertiary"):
        _form()


@shell.guarded
def _form() -> None:
    st.markdown(t("carry.lead"))
    file = st.file_uploader(t("carry.file"), type=["zip"], key="carry_file")
    wanted = st.button(t("carry.now"), type="primary", disabled=file is None, width="stretch", key="carry_now")
    if not wanted or file is None:
        return
    try:
        with st.spinner(t("carry.checking")):
            from genlab.runs.unpack import unpack

            run = unpack(file)
    except GenlabError as error:
        shell.show_error(error)
    else:
        navigation.go("train", run=run.id)


def as_onnx(run: Run, step: int, weights: models.Weights, model: GenerativeModel) -> None:
    """The model as ONNX: made at a press, checked, and then there to be fetched."""
    if model.no_graph:
        st.button(t("carry.onnx"), icon=":material/deployed_code:", disabled=True, key="carry_onnx_not")
        st.caption(f"{t('carry.no_onnx')} {shell.escape(said(model.no_graph))}")
        return
    place = st.empty()
    if st.session_state.get(MADE) != weights:
        if not place.button(
            t("carry.onnx"), icon=":material/deployed_code:", help=t("carry.onnx_help"), key="carry_onnx"
        ):
            return
        try:
            with place, st.spinner(t("carry.making")):
                _exported(weights, run.id, step)
        except GenlabError as error:
            shell.show_error(error)
            return
        st.session_state[MADE] = weights
    from genlab.export.apart import largest_difference

    data = _exported(weights, run.id, step)
    place.download_button(
        t("carry.onnx_fetch"), data=data, file_name=f"{run.name}-step{step}-onnx.zip", mime="application/zip",
        icon=":material/download:", on_click="ignore", key="carry_onnx_fetch", type="primary",
    )  # fmt: skip
    st.caption(t("carry.onnx_told", difference=f"{largest_difference(data):.0e}"))


@st.cache_data(max_entries=8, show_spinner=False)
def _exported(weights: models.Weights, run_id: str, step: int) -> bytes:  # noqa: ARG001 -- written anew: another
    from genlab.export.apart import exported_apart
    from genlab.runs.store import open_run

    return exported_apart(open_run(run_id), step)
