"""The tab Walk: from one point to another, sums of groups, and random walks, decoded and drawn on the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.ui import links
from genlab.ui.i18n import t
from genlab.ui.latent import arithmetic, between, wander
from genlab.ui.latent.overlay import Overlay

if TYPE_CHECKING:
    from genlab.latent.result import Projection
    from genlab.runs.maps import Map

KINDS: Final = {"between": between.draw, "groups": arithmetic.draw, "random": wander.draw}


def draw(wanted: Map, made: Projection, chosen: list[int]) -> Overlay:
    """Choose a kind of walk and see where it leads; what is to be drawn over the map."""
    kind = links.select(
        t("latent_walk.kind"), list(KINDS), param="walk", default="between", horizontal=True, label_visible=False,
        text=lambda key: t(f"latent_walk.kinds.{key}"),
    )  # fmt: skip
    if not made.has_latent().any() and kind != "random":
        st.caption(t("latent.walk_impossible"))
        return Overlay()
    return KINDS[kind](wanted, made, chosen)


def ends(made: Projection, chosen: list[int]) -> list[int]:
    """The two points between which the walk leads, to be marked on the map; empty where it is another kind of walk."""
    return between.ends(made, chosen) if links.get("walk") is None else []
