"""The map in three dimensions: plotly's cloud, and an ear that hears where one looks and what is hidden."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.ui import links, shell
from genlab.ui.i18n import t
from genlab.ui.latent import address, canvas, trust
from genlab.ui.latent.sheets import is_dark

if TYPE_CHECKING:
    from genlab.latent.result import Projection
    from genlab.ui.latent.colour import Colours

HOME: Final = "latent_space"
"""Key of the element that the cloud and its ear live in."""
EAR: Final = "latent_space_ear"
CONFIG: Final = {"displaylogo": False, "scrollZoom": True, "modeBarButtonsToRemove": ["toImage"]}

_component = st.components.v2.component(
    "genlab_space",
    js="\n".join((canvas.ASSETS.parent / name).read_text("utf-8") for name in ("map/address.js", "space/space.js")),
)


def draw(made: Projection, key: str, colours: Colours, marked: Sequence[int], param: str) -> None:
    """Show a map.

    Parameters
    ----------
    made
        Three-dimensional.
    key
        Names the map's content.
    colours
        Which points are drawn alike.
    marked
        Points with a ring and a letter: A, B, ...
    param
        Parameter of the address that says where one looks from.
    """
    from genlab.plots.scatter import scatter

    hidden = address.hides(links.get(address.hidden_param(param)), colours.layer, len(colours.groups))
    figure = scatter(
        made.coords, colours.groups, trust.axes(made), point=t("latent.point"), dark=is_dark(), marked=marked,
        hidden=hidden, camera=address.camera(links.get(param)),
    )  # fmt: skip
    with st.container(key=HOME, gap=None):
        # Another colouring is another chart: plotly would hide its groups by the numbers of the ones before.
        st.plotly_chart(
            figure, key=f"latent_map_{key}_{colours.layer}", theme=None, config=CONFIG, alt=t("latent.alt", n=len(made))
        )
        shell.fragment(_ear)(colours.layer, param)


def _ear(layer: str, param: str) -> None:
    """A mount that shows nothing and hears, in a fragment of its own: nothing else is run again."""
    from genlab.plots.theme import EYE

    def looked() -> None:
        sent = st.session_state[EAR].get("looked")
        told = sent if isinstance(sent, dict) else {}
        address.put_camera(param, told.get("look"))
        address.put_hides(param, told.get("hides"))

    usual = ",".join(f"{value:g}" for value in (*EYE, 0, 0, 0, 0, 0, 1))
    data = {"home": HOME, "layer": layer, "ear": param, "usual": usual}
    _component(key=EAR, data=data, on_looked_change=looked)
