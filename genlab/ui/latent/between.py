"""From one point of a map to another: pictures decoded from the latents along the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from genlab.ui import links
from genlab.ui.i18n import t
from genlab.ui.latent import points, way
from genlab.ui.latent.overlay import Overlay

if TYPE_CHECKING:
    from genlab.latent.result import Projection
    from genlab.runs.maps import Map


def draw(wanted: Map, made: Projection, chosen: list[int]) -> Overlay:
    """Choose two ends and a way between them, and see what lies on it."""
    from genlab.latent.interpolate import PATHS

    encoder = bool(made.has_latent()[~made.generated].any())
    st.caption(t("latent.walk_encoder" if encoder else "latent.walk_seeds"))
    candidates = points.candidates(made, chosen)
    if len(candidates) < 2:
        st.caption(t("latent.walk_too_few"))
        return Overlay()
    left, right = st.columns(2)
    with left:
        a = _end("a", t("latent.from"), candidates, candidates[0], made)
    with right:
        b = _end("b", t("latent.to"), candidates, candidates[-1], made)
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        path = links.select(
            t("latent.path"), list(PATHS), param="path", default="lerp" if encoder else "slerp", horizontal=True,
            text=lambda key: t(f"latent.paths.{key}"), help=t("latent.path_help"),
        )  # fmt: skip
    with right:
        steps = way.steps()
    z = PATHS[path](made.latents[a], made.latents[b], steps)
    return way.show(wanted, made, z, t("latent.strip_alt", n=steps, a=a, b=b), f"{path}-{a}-{b}")


def ends(made: Projection, chosen: list[int]) -> list[int]:
    """The two points between which :func:`draw` walks; empty where it cannot."""
    candidates = points.candidates(made, chosen) if made.has_latent().any() else []
    if len(candidates) < 2:
        return []
    a, b = points.named(links.get("a"), made), points.named(links.get("b"), made)
    return [candidates[0] if a is None else a, candidates[-1] if b is None else b]


def _end(param: str, label: str, candidates: list[int], default: int, made: Projection) -> int:
    named = points.named(links.get(param), made)
    options = list(dict.fromkeys([*([] if named is None else [named]), *candidates]))
    chosen = links.select(
        label, [str(row) for row in options], param=param, default=str(default),
        text=lambda row: points.name(int(row), made),
    )  # fmt: skip
    return int(chosen)
