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
    guests,
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
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        party = guests.choose(wanted, made)
        shown, key = party.made, party.wanted.key
        hosts = address.points_of(wanted.key, made)
        address.settle(wanted.key, hosts, address.VIEW)
        selection.settle(len(made), hosts, key)
        chosen, wrong = selection.chosen(shown, hosts)
        hands = selection.hands(shown, hosts)
        paint = colour.choose(shown, by_run=party.runs is not None)
        second = beside.choose(wanted)
        colours = colour.by(shown, key, paint, party.runs)
        told = about.of(wanted, made, party.sentence)
        take.draw(told, key, shown, chosen, colours)
    left, right, other = beside.columns(second)
    with right:
        tab, panel = links.tabs(TABS, param="tab", text=lambda key: t(f"latent_tabs.{key}"))
        with panel:
            overlay = replace(_panel(tab, wanted, made, party, chosen, wrong), decode=routes.of_map(wanted, made))
    linked = None
    if second is not None:
        with other:
            linked = beside.draw(second, party.wanted, shown, chosen, paint, hands)
    with left:
        st.markdown(about.sentence(wanted, made))
        if party.sentence:
            st.markdown(shell.escape(party.sentence))
        ends = walk.ends(made, _own(chosen, made)) if tab == "walk" else []
        more = canvas.Shown(chosen, ends, overlay, address.VIEW, wanted.key, told, linked)
        plane.draw(shown, key, colours, hands, more)
        if len(chosen) > address.MOST_SELECTED:
            st.caption(t("canvas.not_in_link", most=address.MOST_SELECTED))
        trust.draw(wanted, made)


def _own(chosen: list[int], made: Projection) -> list[int]:
    """Those of the selected points that are the map's own, and no guests."""
    return [row for row in chosen if row < len(made)]


def _panel(
    tab: str, wanted: Map, made: Projection, party: guests.Party, chosen: list[int], wrong: list[str]
) -> Overlay:
    """Fill the open tab; what it wants drawn over the map."""
    if tab == "walk":
        return walk.draw(wanted, made, _own(chosen, made))
    if tab == "directions":
        return directions.draw(wanted, made)
    if tab == "own":
        return own.draw(wanted, made)
    _selection(party.made, chosen, wrong)
    return spot.draw(wanted, made)


def _selection(made: Projection, chosen: list[int], wrong: list[str]) -> None:
    """The pictures of the selected points, and the field that selects by number."""
    st.text_input(
        t("latent.by_number"), key=selection.TYPED, max_chars=address.LISTED, placeholder="0, 7, 20-40",
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
