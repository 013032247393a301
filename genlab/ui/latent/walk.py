"""Walking between two points of a map: pictures decoded from the latents along the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from genlab.ui import links, models, numbers
from genlab.ui.i18n import t
from genlab.ui.latent.overlay import Overlay
from genlab.ui.latent.sheets import sheet

if TYPE_CHECKING:
    from genlab.latent.result import Projection
    from genlab.runs.maps import Map

MIN_STEPS: Final = 3
MAX_STEPS: Final = 16
DEFAULT_STEPS: Final = 8
CANDIDATES: Final = 200
"""A list of more points than that is no help in choosing one."""
STRIP_SCALE: Final = 4


def draw(wanted: Map, made: Projection, chosen: list[int]) -> Overlay:
    """Choose two ends and a way between them, and see what lies on it."""
    st.subheader(t("latent.walk"), anchor=False)
    if not made.has_latent().any():
        st.caption(t("latent.walk_impossible"))
        return Overlay()
    encoder = bool(made.has_latent()[~made.generated].any())
    st.caption(t("latent.walk_encoder" if encoder else "latent.walk_seeds"))
    candidates = _candidates(made, chosen)
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
            t("latent.path"), ["lerp", "slerp"], param="path", default="lerp" if encoder else "slerp", horizontal=True,
            text=lambda key: t(f"latent.paths.{key}"), help=t("latent.path_help"),
        )  # fmt: skip
    with right:
        steps = numbers.stop(t("latent.steps"), range(MIN_STEPS, MAX_STEPS + 1), param="steps", default=DEFAULT_STEPS)
    _strip(wanted, made, a, b, path, steps)
    return Overlay()


def ends(made: Projection, chosen: list[int]) -> list[int]:
    """The two points between which :func:`draw` walks; empty where it cannot."""
    candidates = _candidates(made, chosen) if made.has_latent().any() else []
    if len(candidates) < 2:
        return []
    a, b = _row(links.get("a"), made), _row(links.get("b"), made)
    return [candidates[0] if a is None else a, candidates[-1] if b is None else b]


def _strip(wanted: Map, made: Projection, a: int, b: int, path: str, steps: int) -> None:
    from genlab.data.grid import png_bytes, tile

    pictures = _decoded(wanted, made, a, b, path, steps)
    strip = sheet(pictures, min(steps, MAX_STEPS // 2))
    st.image(strip, width="stretch", output_format="PNG", alt=t("latent.strip_alt", n=steps, a=a, b=b))
    st.download_button(
        t("latent.download_strip"), data=lambda: png_bytes(tile(pictures, steps, scale=STRIP_SCALE)),
        file_name=f"{wanted.run.id}-step{made.step}-{path}-{a}-{b}.png", mime="image/png",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _decoded(wanted: Map, made: Projection, a: int, b: int, path: str, steps: int) -> NDArray[np.uint8]:
    """Pictures (steps, C, H, W) along the way; the model is the one that made the map."""
    import torch

    from genlab.data import to_bytes
    from genlab.latent.interpolate import PATHS

    stored = models.load(models.weights(wanted.run, wanted.step))
    z = PATHS[path](made.latents[a], made.latents[b], steps)
    with torch.inference_mode():
        return np.asarray(to_bytes(stored.model.sample(torch.from_numpy(z))).numpy())


def _candidates(made: Projection, chosen: list[int]) -> list[int]:
    """Points to choose ends from: the selected ones where there are two, else the first ones of each class."""
    can = made.has_latent()
    selected = [row for row in chosen if can[row]][:CANDIDATES]
    if len(selected) >= 2:
        return selected
    rows = np.flatnonzero(can)
    labels = made.labels[rows]
    if len(np.unique(labels)) < 2:
        return [int(row) for row in rows[:CANDIDATES]]
    each = max(2, 40 // len(np.unique(labels)))
    return [int(row) for label in np.unique(labels) for row in rows[labels == label][:each]]


def _end(param: str, label: str, candidates: list[int], default: int, made: Projection) -> int:
    named = _row(links.get(param), made)
    options = list(dict.fromkeys([*([] if named is None else [named]), *candidates]))
    chosen = links.select(
        label, [str(row) for row in options], param=param, default=str(default), text=lambda row: _name(int(row), made)
    )
    return int(chosen)


def _name(row: int, made: Projection) -> str:
    return f"#{row} · {kind(row, made)}"


def kind(row: int, made: Projection) -> str:
    """The class of a point where it has one, else whether it is real or generated."""
    label = int(made.labels[row])
    return made.classes[label] if label >= 0 else t("latent.generated" if made.generated[row] else "latent.real")


def _row(asked: str | None, made: Projection) -> int | None:
    """The point that an address names, where there is such a point and it can be decoded."""
    if asked is None or not (asked.isascii() and asked.isdigit()) or len(asked) > 9:
        return None
    row = int(asked)
    return row if row < len(made) and made.has_latent()[row] else None
