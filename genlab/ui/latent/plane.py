"""A map on the page: what its axes are, how it is coloured, and what hands do on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from genlab.ui.i18n import t
from genlab.ui.latent import address, canvas, colour, selection
from genlab.ui.latent.sheets import is_dark

if TYPE_CHECKING:
    from genlab.latent.result import Projection
    from genlab.plots.groups import Group
    from genlab.ui.latent.overlay import Overlay


def draw(made: Projection, key: str, marked: Sequence[int], chosen: Sequence[int], overlay: Overlay) -> None:
    """Show a map: on a canvas in two dimensions, by plotly in three.

    Parameters
    ----------
    key
        Names the map's content.
    marked
        Points with a ring and a letter.
    chosen
        Selected points.
    overlay
        What is drawn over the points in two dimensions.
    """
    colours = colour.draw(made, key)
    axes = [_axis(made, i) for i in range(made.spec.dims)]
    if made.spec.dims == 3:
        _figure(made, key, colours.groups, axes, marked)
        return
    st.caption(t("latent.how_to_select"))
    hands = canvas.Hands(
        on_select=lambda sent: selection.put(key, made, sent),
        on_clear=selection.clear,
        on_place=lambda sent: selection.put_place(key, made, sent),
    )
    canvas.draw(made, key, colours, axes, hands, marked=marked, chosen=chosen, overlay=overlay, param=address.VIEW)
    if len(chosen) > address.MOST_SELECTED:
        st.caption(t("canvas.not_in_link", most=address.MOST_SELECTED))


def _figure(made: Projection, key: str, drawn: Sequence[Group], axes: Sequence[str], marked: Sequence[int]) -> None:
    from genlab.plots.scatter import scatter

    figure = scatter(made.coords, drawn, axes, point=t("latent.point"), dark=is_dark(), marked=marked)
    config = {"displaylogo": False, "scrollZoom": True, "modeBarButtonsToRemove": ["toImage"]}
    st.plotly_chart(figure, key=f"latent_map_{key}", theme=None, config=config, alt=t("latent.alt", n=len(made)))


def _axis(made: Projection, i: int) -> str:
    if made.spec.method == "tsne":
        return f"t-SNE {i + 1}"
    return t("latent.component", i=i + 1, share=f"{made.explained[i]:.1%}")
