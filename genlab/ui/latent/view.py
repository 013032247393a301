"""Looking at a map: the points, what they are, how far to trust them, and the pictures behind a selection."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st

from genlab.ui import links, routes, shell, text
from genlab.ui.i18n import t
from genlab.ui.latent import (
    about,
    address,
    beside,
    canvas,
    colour,
    directions,
    loading,
    own,
    plane,
    points,
    selection,
    spot,
    take,
    trust,
    walk,
)
from genlab.ui.latent.overlay import Overlay
from genlab.ui.latent.sheets import sheet

if TYPE_CHECKING:
    from genlab.latent.result import Projection
    from genlab.runs.maps import Map

SHOWN: Final = 256
"""Pictures of a selection that are shown; more would not be looked at."""
TABS: Final = ("selection", "walk", "directions", "own")


def draw(wanted: Map) -> None:
    """A finished map with all that can be done with it; runs again by itself when points are selected."""
    made = loading.load(wanted)
    address.settle(wanted.key, made, address.VIEW)
    chosen, wrong = selection.chosen(wanted.key, made)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        paint = colour.choose(made)
        second = beside.choose(wanted)
        colours = colour.by(made, wanted.key, paint)
        take.draw(wanted, made, chosen, colours)
    left, right, other = beside.columns(second)
    with right:
        tab, panel = links.tabs(TABS, param="tab", text=lambda key: t(f"latent_tabs.{key}"))
        with panel:
            overlay = replace(_panel(tab, wanted, made, chosen, wrong), decode=routes.of_map(wanted, made))
    linked = None
    if second is not None:
        with other:
            linked = beside.draw(second, wanted, made, chosen, paint)
    with left:
        st.markdown(about.sentence(made))
        ends = walk.ends(made, chosen) if tab == "walk" else []
        shown = canvas.Shown(chosen, ends, overlay, address.VIEW, about.of(wanted, made), linked)
        plane.draw(made, wanted.key, colours, selection.hands(wanted.key, made), shown)
        if len(chosen) > address.MOST_SELECTED:
            st.caption(t("canvas.not_in_link", most=address.MOST_SELECTED))
        trust.draw(wanted, made)


def _panel(tab: str, wanted: Map, made: Projection, chosen: list[int], wrong: list[str]) -> Overlay:
    """Fill the open tab; what it wants drawn over the map."""
    if tab == "walk":
        return walk.draw(wanted, made, chosen)
    if tab == "directions":
        return directions.draw(wanted, made)
    if tab == "own":
        return own.draw(wanted, made)
    _selection(made, chosen, wrong)
    return spot.draw(wanted, made)


def _selection(made: Projection, chosen: list[int], wrong: list[str]) -> None:
    """The pictures of the selected points, and the field that selects by number."""
    st.text_input(
        t("latent.by_number"), key=selection.TYPED, max_chars=selection.LISTED, placeholder="0, 7, 20-40",
        help=t("latent.by_number_help", last=len(made) - 1), on_change=selection.typed,
    )  # fmt: skip
    if wrong:
        named = ", ".join(shell.escape(part[:20]) for part in wrong[:3])
        st.warning(t("latent.not_points", what=named, last=len(made) - 1), icon=":material/warning:")
    if not chosen:
        st.caption(t(f"latent.nothing_selected_{made.spec.dims}"))
        return
    rows = np.asarray(chosen[:SHOWN])
    st.caption(_tally(made, chosen))
    st.button(
        t("latent.clear"), icon=":material/deselect:", key="latent_clear", on_click=selection.clear, type="tertiary"
    )
    st.image(sheet(made.images[rows]), width="stretch", output_format="PNG", alt=t("latent.sheet_alt", n=len(rows)))


def _tally(made: Projection, chosen: list[int]) -> str:
    """How many of which kind, the most frequent first."""
    kinds = Counter(points.kind(row, made) for row in chosen)
    named = [f"{count} × {shell.escape(kind)}" for kind, count in kinds.most_common(12)]
    more = " " + t("latent.first_shown", n=SHOWN) if len(chosen) > SHOWN else ""
    return f"{t('latent.selected', n=text.count(len(chosen)))}: {', '.join(named)}.{more}"
