"""The tab "My picture": upload or draw one, find its latent, see where it lies, what it is like, and take it away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from genlab.errors import GenlabError
from genlab.ui import links, shell
from genlab.ui.errors import said
from genlab.ui.i18n import t
from genlab.ui.latent import inverting, loading, mine, near, pad
from genlab.ui.latent.overlay import Mark, Overlay
from genlab.ui.latent.sheets import beside, downloads
from genlab.ui.text import in_key

if TYPE_CHECKING:
    from genlab.latent.result import Projection
    from genlab.runs.maps import Map

UPLOAD: Final = "latent_own_file"
"""Session key of the field for a file."""
ERROR: Final = "_latent_own_error"
"""Session key of why the last picture was not taken."""
TYPES: Final = ("png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff")


def draw(wanted: Map, made: Projection) -> Overlay:
    """The tab; a mark where the picture lies, where the map can tell."""
    _choose(wanted, made)
    own = mine.key()
    if own is None:
        return Overlay()
    try:
        return _shown(wanted, made, own)
    except GenlabError as error:  # the map beside it is as good as before
        shell.show_error(error)
        return Overlay()


def _choose(wanted: Map, made: Projection) -> None:
    """The ways to give a picture, and why the last one was not taken."""
    from genlab.data.own.bounds import MIB
    from genlab.data.own.single import BOXES, MAX_BYTES

    st.caption(t("latent_own.lead"))
    way = links.select(
        t("latent_own.way"), ["upload", "pad"], param="give", default="upload", horizontal=True,
        text=lambda key: t(f"latent_own.ways.{key}"), label_visible=False,
    )  # fmt: skip
    if way == "upload":
        st.file_uploader(
            t("latent_own.file"), type=list(TYPES), key=UPLOAD, max_upload_size=MAX_BYTES // MIB, on_change=_uploaded
        )
    else:
        pad.draw(f"latent_pad_{in_key(wanted.run.id)}", colour=made.images.shape[1] == 3, on_drawn=_drawn)
    if wanted.run.config.data in BOXES:
        st.caption(t("latent_own.digits"))
    if error := st.session_state.pop(ERROR, None):
        st.error(shell.escape(error), icon=":material/error:")


def _uploaded() -> None:
    file = st.session_state.get(UPLOAD)
    if file is not None:
        _take(file.getvalue())


def _drawn(sent: object) -> None:
    try:
        data = pad.png(sent)
    except GenlabError as error:
        st.session_state[ERROR] = said(error)
        return
    if data:
        _take(data)
    else:
        links.put(mine.OWN, None)


def _take(data: bytes) -> None:
    """Keep a picture file, and let the address name it."""
    from genlab.data.own.single import keep, read

    try:
        links.put(mine.OWN, keep(read(data)))
    except GenlabError as error:
        st.session_state[ERROR] = said(error)


def _shown(wanted: Map, made: Projection, own: str) -> Overlay:
    picture = mine.prepared(wanted, own)
    model = loading.model(wanted)
    if model.has_encoder:
        links.select(
            t("latent_own.by"), ["encode", "invert"], param=mine.BY, default="encode", horizontal=True,
            text=lambda key: t(f"latent_own.bys.{key}"), help=t("latent_own.by_help"),
        )  # fmt: skip
    if mine.is_inverted(model):
        inverting.controls(wanted, own)
    z = mine.latent(wanted, own)
    again = None if z is None else _decoded(wanted, z)
    _side_by_side(mine.given(own), picture, again)
    if z is not None and again is not None:
        _actions(wanted, own, z, again)
    near.draw(wanted, picture)
    at = mine.place(wanted, made, picture, z)
    if at is None:
        st.caption(t("latent_own.no_place"))
        return Overlay()
    return Overlay(marks=(Mark(at, t("latent_own.mark"), picture),))


def _side_by_side(given: NDArray[np.uint8], picture: NDArray[np.uint8], again: NDArray[np.uint8] | None) -> None:
    named = zip(("given", "seen", "again"), (given, picture, again), strict=True)
    beside([(t(f"latent_own.{name}"), image) for name, image in named], blank=t("latent_own.not_yet"))
    if again is not None:
        error = float(np.square((again.astype(float) - picture.astype(float)) / 127.5).mean())
        st.caption(t("latent_own.error", error=f"{error:.4f}"))


def _actions(wanted: Map, own: str, z: NDArray[np.float32], again: NDArray[np.uint8]) -> None:
    name = f"{wanted.run.name}-step{wanted.step}-own"
    about = {"run": wanted.run.name, "step": wanted.step, "picture": own, "by": links.get(mine.BY) or "default"}
    with st.container(horizontal=True):
        st.button(t("latent_own.edit"), icon=":material/tune:", key="latent_own_edit", type="primary", on_click=_edit)
        downloads(name, again, z, about, "latent_own")


def _edit() -> None:
    """Go on with this picture in the tab of directions."""
    links.put("tab", "directions")
    links.put("base", "own")


def _decoded(wanted: Map, z: NDArray[np.float32]) -> NDArray[np.uint8]:
    from genlab.latent.decode import pictures

    return np.asarray(pictures(loading.model(wanted), z[None])[0])
