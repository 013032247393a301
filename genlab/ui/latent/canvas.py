"""The map in two dimensions: a component that draws points on a canvas and shows their pictures.

The points go to the browser once, as bytes, by a mount that shows nothing; the mount that shows the map gets only words
and the selection, which change. Both are one component, so that they share the module in which the points are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from genlab.ui import text
from genlab.ui.i18n import t
from genlab.ui.latent import overlay as overlays
from genlab.ui.latent.packing import pack

if TYPE_CHECKING:
    from genlab.latent.result import Projection
    from genlab.plots.groups import Group
    from genlab.ui.latent.overlay import Overlay

ASSETS: Final = Path(__file__).parents[1] / "assets" / "map"
SCRIPTS: Final = ("cloud", "camera", "paint", "pictures", "trails", "overlay", "controls", "map")
"""One module in parts: joined in this order, since a component's script is a single one."""
WORDS: Final = ("pan", "lasso", "box", "in", "out", "fit", "pictures", "keys", "legend", "tools")


def source() -> str:
    """The component's script."""
    return "\n".join((ASSETS / f"{name}.js").read_text("utf-8") for name in SCRIPTS)


_component = st.components.v2.component(
    "genlab_map",
    html=(ASSETS / "map.html").read_text("utf-8"),
    css=(ASSETS / "map.css").read_text("utf-8"),
    js=source(),
)


def draw(
    made: Projection,
    key: str,
    groups: Sequence[Group],
    axes: Sequence[str],
    *,
    marked: Sequence[int],
    chosen: Sequence[int],
    on_select: Callable[[object], None],
    on_clear: Callable[[], None],
    overlay: Overlay,
) -> None:
    """Show a map.

    Parameters
    ----------
    made
        Two-dimensional.
    key
        Names the map's content; one that the browser has seen is not sent again.
    groups
        Which points are drawn alike; each point is in one of them.
    axes
        What the axes mean: across, up.
    marked
        Points with a ring and a letter: A, B, ...
    chosen
        Selected points; where there are any, the others fade.
    on_select
        Gets whatever the browser sends as the rows selected: nothing about it is checked yet.
    on_clear
        Called when the selection is to be cleared.
    overlay
        What is drawn over the points.

    Raises
    ------
    LatentError
        When a place is not a number.
    """
    name = f"latent_map_{key}"

    def selected() -> None:
        on_select(st.session_state[name].get("selected"))

    words = {word: t(f"latent.canvas.{word}") for word in WORDS}
    shown = {
        "key": key,
        "groups": [_described(group) for group in groups],
        "axes": list(axes),
        "words": {**words, "point": t("latent.point"), "alt": t("latent.alt", n=len(made))},
        "chosen": list(chosen),
        "marked": list(marked),
        "overlay": overlays.packed(overlay),
    }
    with st.container(gap=None):
        _component(key=f"latent_points_{key}", data=_packed(key, made, groups))
        _component(key=name, data=shown, on_selected_change=selected, on_cleared_change=on_clear)


def _described(group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "colour": group.colour,
        "mark": group.mark,
        "open": group.generated,
        "count": text.count(len(group.rows)),
    }


@st.cache_resource(max_entries=4, show_spinner=False)
def _packed(key: str, _made: Projection, _groups: Sequence[Group]) -> bytes:
    """The bytes of a map, made once for all visitors; the key tells one content from another."""
    group = np.empty(len(_made), np.uint16)
    for i, one in enumerate(_groups):
        group[one.rows] = i
    return pack(key, _made.coords, group, _made.images)
