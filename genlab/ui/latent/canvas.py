"""The map in two dimensions: a component that draws points on a canvas and shows their pictures.

The points go to the browser once, as bytes, by a mount that shows nothing, their colours and their pictures by others;
the mount that shows the map gets only words and the selection, which change. All are one component, so that they share
the module in which the points are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from genlab.ui import links, shell, text
from genlab.ui.i18n import language, t
from genlab.ui.latent import address
from genlab.ui.latent import overlay as overlays
from genlab.ui.latent.packing import pack, pack_colours, pack_pictures

if TYPE_CHECKING:
    from genlab.latent.result import Projection
    from genlab.plots.groups import Group
    from genlab.ui.latent.about import About
    from genlab.ui.latent.colour import Colours, Scale
    from genlab.ui.latent.overlay import Overlay

ASSETS: Final = Path(__file__).parents[1] / "assets" / "map"
SCRIPTS: Final = (
    "address", "cloud", "camera", "colours", "lattice", "paint", "pictures", "trails", "overlay", "card", "legend",
    "linked", "save", "controls", "map",
)  # fmt: skip
"""One module in parts: joined in this order, since a component's script is a single one."""
WORDS: Final = ("pan", "lasso", "box", "in", "out", "fit", "pictures", "keys", "legend", "tools")
MORE_WORDS: Final = ("near", "lattice", "error", "failed", "save")


def source() -> str:
    """The component's script."""
    return "\n".join((ASSETS / f"{name}.js").read_text("utf-8") for name in SCRIPTS)


_component = st.components.v2.component(
    "genlab_map",
    html=(ASSETS / "map.html").read_text("utf-8"),
    css=(ASSETS / "map.css").read_text("utf-8"),
    js=source(),
)


@dataclass(frozen=True)
class Hands:
    """Who is told of what hands do on a map. Nothing about what the browser sends has been checked.

    Attributes
    ----------
    on_select
        Gets the rows selected.
    on_clear
        Called when the selection is to be cleared.
    on_place
        Gets a place between points that was clicked, ``[x, y]``.
    """

    on_select: Callable[[object], None]
    on_clear: Callable[[], None]
    on_place: Callable[[object], None]


@dataclass(frozen=True)
class Shown:
    """What a map shows besides its points.

    Attributes
    ----------
    chosen
        Selected points; where there are any, the others fade.
    marked
        Points with a ring and a letter: A, B, ...
    overlay
        What is drawn over the points.
    param
        Parameter of the address that says where one looks; another one for each map on the page.
    home
        Names the map without any guests: one looks at the same place of it when some come or leave.
    about
        What the map says of itself where it is taken away.
    linked
        Rows that are the same pictures in another map on the page, as ranges (first, last); None where there is none.
    """

    chosen: Sequence[int]
    marked: Sequence[int]
    overlay: Overlay
    param: str
    home: str
    about: About
    linked: Sequence[tuple[int, int]] | None = None


def draw(made: Projection, key: str, colours: Colours, axes: Sequence[str], hands: Hands, shown: Shown) -> None:
    """Show a map.

    Parameters
    ----------
    made
        Two-dimensional.
    key
        Names the map's content; one that the browser has seen is not sent again. No two maps on a page are the same.
    colours
        Which points are drawn alike, and in which colours.
    axes
        What the axes mean: across, up.
    hands
        Who is told of what hands do.
    shown
        What is shown besides the points.

    Raises
    ------
    LatentError
        When a place is not a number.
    """
    name = f"latent_map_{key}"

    def sent(what: str) -> object:
        return st.session_state[name].get(what)

    with st.container(gap=None):
        _component(key=f"latent_points_{key}", data=packed_points(key, made))
        _component(key=f"latent_colours_{key}", data=packed_colours(key, len(made), colours))
        _component(
            key=name,
            data=described(key, len(made), colours, axes, shown),
            on_selected_change=lambda: hands.on_select(sent("selected")),
            on_cleared_change=hands.on_clear,
            on_placed_change=lambda: hands.on_place(sent("placed")),
        )
        shell.fragment(_ear)(shown.param)
        # The last: the points are there while the pictures are packed.
        album = address.points_of(key, made)
        _component(key=f"latent_pictures_{shown.param}_{album}", data=packed_pictures(album, made))


def described(key: str, n: int, colours: Colours, axes: Sequence[str], shown: Shown) -> dict[str, Any]:
    """What the script is told of a map of `n` points, besides the points: words, and what changes."""
    words = {word: t(f"latent.canvas.{word}") for word in WORDS} | {word: t(f"canvas.{word}") for word in MORE_WORDS}
    words |= {"point": t("latent.point"), "density": t("canvas.colours.density"), "alt": t("latent.alt", n=n)}
    return {
        "key": key,
        "home": shown.home,
        "layer": colours.layer,
        "groups": [_described(group) for group in colours.groups],
        "scale": described_scale(colours.scale) if colours.scale else None,
        "axes": list(axes),
        "language": language(),
        "words": words,
        "chosen": list(shown.chosen),
        "marked": list(shown.marked),
        "overlay": overlays.packed(shown.overlay),
        "param": shown.param,
        "look": address.look(links.get(shown.param)),
        "shows": address.shows(links.get(address.shown_param(shown.param))),
        "hides": address.hides(links.get(address.hidden_param(shown.param)), colours.layer, len(colours.groups)),
        "linked": shown.linked,
        "about": shown.about._asdict(),
    }


def _ear(param: str) -> None:
    """A mount that shows nothing and hears where one looks, in a fragment of its own: nothing else is run again."""
    name = f"latent_ear_{param}"

    def looked() -> None:
        sent = st.session_state[name].get("looked")
        told = sent if isinstance(sent, dict) else {}
        links.put(param, address.look(told.get("look")))
        address.put_shows(param, told.get("shows"))
        address.put_hides(param, told.get("hides"))

    _component(key=name, data={"ear": param}, on_looked_change=looked)


def _described(group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "colour": group.colour,
        "mark": group.mark,
        "open": group.generated,
        "count": text.count(len(group.rows)),
    }


@st.cache_resource(max_entries=4, show_spinner=False)
def packed_points(key: str, _made: Projection) -> bytes:
    """The bytes of a map's points, made once for all visitors; the key tells one content from another."""
    neighbours = np.asarray(_made.neighbours, np.int32)
    near = neighbours if len(neighbours) else None
    return pack(key, _made.coords, _made.images, address.points_of(key, _made), near)


@st.cache_resource(max_entries=4, show_spinner=False)
def packed_pictures(album: str, _made: Projection) -> bytes:
    """The bytes of a map's pictures, made once for all maps of the same ones."""
    return pack_pictures(album, _made.images)


def packed_colours(key: str, n: int, colours: Colours) -> bytes:
    """The bytes of a colouring, made once for all visitors."""
    return _layer(key, colours.layer, n, colours)


@st.cache_resource(max_entries=32, show_spinner=False)
def _layer(key: str, layer: str, n: int, _colours: Colours) -> bytes:
    group = np.empty(n, np.uint16)
    for i, one in enumerate(_colours.groups):
        group[one.rows] = i
    return pack_colours(key, layer, group, _colours.scale.values if _colours.scale else None)


def described_scale(scale: Scale) -> dict[str, Any]:
    """A scale in plain values for the browser, without its numbers."""
    from genlab.plots.palette import SCALE_DARK, SCALE_LIGHT

    return {
        "name": scale.name,
        "low": scale.low,
        "high": scale.high,
        "ends": scale.ends,
        "colours": {"light": SCALE_LIGHT, "dark": SCALE_DARK},
    }
