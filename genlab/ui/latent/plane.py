"""A map on the page, flat or in space, with what its axes are and what hands do on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from genlab.ui.i18n import t
from genlab.ui.latent import canvas, space, trust

if TYPE_CHECKING:
    from genlab.latent.result import Projection
    from genlab.ui.latent.canvas import Hands, Shown
    from genlab.ui.latent.colour import Colours


def draw(made: Projection, key: str, colours: Colours, hands: Hands, shown: Shown) -> None:
    """Show a map: on a canvas in two dimensions, by plotly in three.

    Parameters
    ----------
    key
        Names the map's content.
    colours
        How its points are coloured.
    hands
        Who is told of what hands do on it.
    shown
        What is shown besides the points.
    """
    if made.spec.dims == 3:
        space.draw(made, key, colours, shown.marked, shown.param)
        return
    st.caption(t("latent.how_to_select"))
    canvas.draw(made, key, colours, trust.axes(made), hands, shown)
