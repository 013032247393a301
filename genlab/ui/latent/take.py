"""Taking a map away: its points as a table or arrays, itself as a picture or as a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from genlab.ui import text, words
from genlab.ui.i18n import language, t
from genlab.ui.latent import canvas, colour, offline, plane, trust
from genlab.ui.latent.overlay import Overlay

if TYPE_CHECKING:
    from genlab.latent.result import Projection
    from genlab.runs.maps import Map


def draw(wanted: Map, made: Projection, chosen: list[int], colours: colour.Colours) -> None:
    """The downloads. Each is made when it is asked for, outside of any script: words are looked up before."""
    from genlab.export.points import csv_bytes, npz_bytes

    rows = chosen or list(range(len(made)))
    name = f"{wanted.run.id}-step{made.step}-{made.spec.what}-{made.spec.method}"
    with st.popover(t("canvas.take"), icon=":material/download:"):
        st.caption(t("canvas.take_selected" if chosen else "canvas.take_all", n=text.count(len(rows))))
        _button("csv", f"{name}.csv", "text/csv", lambda: csv_bytes(made, rows))
        _button("npz", f"{name}.npz", "application/octet-stream", lambda: npz_bytes(made, rows))
        if made.spec.dims == 2:
            st.caption(t("canvas.take_map"))
            _button("svg", f"{name}.svg", "image/svg+xml", _svg(wanted, made, colours))
            _button("html", f"{name}.html", "text/html", _page(wanted, made, colours))


def _button(kind: str, file: str, mime: str, make: Callable[[], bytes]) -> None:
    st.download_button(
        t(f"canvas.as_{kind}"), data=make, file_name=file, mime=mime, key=f"latent_take_{kind}",
        icon=":material/download:", on_click="ignore", width="stretch",
    )  # fmt: skip


def _title(wanted: Map, made: Projection) -> str:
    method = t(f"latent_maps.methods.{made.spec.method}")
    return f"{words.title(wanted.run)} · {method} · {t('latent.step')} {text.count(made.step)}"


def _figures(made: Projection) -> str:
    """How the map was made and how far it can be trusted, in one line."""
    figures = [*trust.facts(made), (t("latent.seed"), str(made.spec.seed))]
    return " · ".join(f"{name} {value}" for name, value in figures)


def _svg(wanted: Map, made: Projection, colours: colour.Colours) -> Callable[[], bytes]:
    from genlab.plots.cloud import Shades, cloud_svg

    scale = colours.scale
    shades = Shades(scale.name, scale.values, scale.low, scale.high, scale.ends) if scale else None
    title, note, axes = _title(wanted, made), _figures(made), trust.axes(made)
    return lambda: cloud_svg(made.coords, colours.groups, axes, title=title, note=note, shades=shades).encode()


def _page(wanted: Map, made: Projection, colours: colour.Colours) -> Callable[[], bytes]:
    told = canvas.described(wanted.key, len(made), colours, trust.axes(made), canvas.Shown([], [], Overlay(), ""))
    title, above, lang = _title(wanted, made), [plane.sentence(made).replace("**", ""), _figures(made)], language()

    def made_now() -> bytes:
        blobs = [canvas.packed_points(wanted.key, made), canvas.packed_colours(wanted.key, len(made), colours)]
        return offline.page(title, above, lang, told, blobs)

    return made_now
