"""A place of the map that was clicked between the points: what the model draws there, and how far to believe it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from genlab.errors import GenlabError
from genlab.ui import routes, shell, words
from genlab.ui.errors import said
from genlab.ui.i18n import t
from genlab.ui.latent import loading, selection
from genlab.ui.latent.overlay import Mark, Overlay
from genlab.ui.latent.sheets import sheet

if TYPE_CHECKING:
    from genlab.latent.decode import Place
    from genlab.latent.result import Projection
    from genlab.runs.maps import Map


def draw(wanted: Map, made: Projection) -> Overlay:
    """The place that was clicked last, where one was, and its mark on the map."""
    from genlab.latent.decode import can_decode, look

    if made.spec.dims != 2 or not can_decode(made):
        return Overlay()
    place = selection.placed(made)
    if place is None:
        st.caption(t("latent_place.hover" if routes.of_map(wanted, made) else "latent_place.click"))
        return Overlay(clicks=True)
    try:
        found = look(made, loading.model(wanted), *place)
    except GenlabError as error:
        st.caption(shell.escape(said(error)))
        return Overlay(clicks=True)
    _tell(place, found)
    return Overlay((Mark(place, t("latent_place.here"), found.picture),), clicks=True)


def _tell(place: tuple[float, float], found: Place) -> None:
    where = f"{place[0]:.3g}, {place[1]:.3g}"
    left, right = st.columns([1, 3], vertical_alignment="center")
    left.image(
        sheet(found.picture[None], 1), width="stretch", output_format="PNG", alt=t("latent_place.alt", where=where)
    )
    pairs = [(t("latent_place.here"), where)]
    if found.error is not None:
        pairs.append((t("latent_place.error"), f"{found.error:.3g}"))
    if found.density is not None:
        pairs.append((t("latent_place.density"), f"{found.density:.3g}"))
    right.html(words.stats(pairs))
    st.caption(t("latent_place.help" if found.error is not None else "latent_place.help_one_way"))
