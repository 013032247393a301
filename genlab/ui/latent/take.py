"""Taking a map away: its points as a table or arrays, itself as a picture or as a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from genlab.ui import text
from genlab.ui.i18n import language, t
from genlab.ui.latent import address, canvas, colour, offline, trust
from genlab.ui.latent.overlay import Overlay

if TYPE_CHECKING:
    from genlab.latent.result import Projection
    from genlab.ui.latent.about import About


def draw(told: About, key: str, made: Projection, chosen: list[int], colours: colour.Colours) -> None:
    """The downloads. Each is made when it is asked for, outside of any script: words are looked up before.

    Parameters
    ----------
    told
        What the map says of itself.
    key
        Names its content, guests and all.
    """
    from genlab.export.points import csv_bytes, npz_bytes

    rows = chosen or list(range(len(made)))
    with st.popover(t("canvas.take"), icon=":material/download:"):
        st.caption(t("canvas.take_selected" if chosen else "canvas.take_all", n=text.count(len(rows))))
        _button("csv", f"{told.file}.csv", "text/csv", lambda: csv_bytes(made, rows))
        _button("npz", f"{told.file}.npz", "application/octet-stream", lambda: npz_bytes(made, rows))
        if made.spec.dims == 2:
            st.caption(t("canvas.take_map"))
            _button("svg", f"{told.file}.svg", "image/svg+xml", _svg(told, made, colours))
            _button("html", f"{told.file}.html", "text/html", _page(told, key, made, colours))


def _button(kind: str, file: str, mime: str, make: Callable[[], bytes]) -> None:
    st.download_button(
        t(f"canvas.as_{kind}"), data=make, file_name=file, mime=mime, key=f"latent_take_{kind}",
        icon=":material/download:", on_click="ignore", width="stretch",
    )  # fmt: skip


def _svg(told: About, made: Projection, colours: colour.Colours) -> Callable[[], bytes]:
    from genlab.plots.cloud import Shades, cloud_svg

    scale = colours.scale
    shades = Shades(scale.name, scale.values, scale.low, scale.high, scale.ends) if scale else None
    title, note, axes = told.title, told.figures, trust.axes(made)
    return lambda: cloud_svg(made.coords, colours.groups, axes, title=title, note=note, shades=shades).encode()


def _page(told: About, key: str, made: Projection, colours: colour.Colours) -> Callable[[], bytes]:
    data = canvas.described(key, len(made), colours, trust.axes(made), canvas.Shown([], [], Overlay(), "", key, told))
    lang = language()

    def made_now() -> bytes:
        pictures = canvas.packed_pictures(address.points_of(key, made), made)
        blobs = [canvas.packed_points(key, made), canvas.packed_colours(key, len(made), colours), pictures]
        return offline.page(told.title, [told.points, told.figures], lang, data, blobs)

    return made_now
