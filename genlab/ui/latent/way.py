"""A way through the latents, shown: its pictures, how far each is from the next, its place on the map, files of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from genlab.errors import GenlabError
from genlab.ui import models, moving, numbers, shell
from genlab.ui.errors import said
from genlab.ui.i18n import t
from genlab.ui.latent import loading
from genlab.ui.latent.overlay import Overlay, Path
from genlab.ui.latent.sheets import is_dark, sheet

if TYPE_CHECKING:
    from genlab.latent.result import Projection
    from genlab.runs.maps import Map

MIN_STEPS: Final = 3
MAX_STEPS: Final = 60
DEFAULT_STEPS: Final = 12
STRIP_SCALE: Final = 4


def steps() -> int:
    """How many pictures a way has."""
    return numbers.stop(t("latent.steps"), range(MIN_STEPS, MAX_STEPS + 1), param="steps", default=DEFAULT_STEPS)


def show(wanted: Map, made: Projection, latents: NDArray[np.float32], alt: str, name: str) -> Overlay:
    """Decode latents (M, L) and show the pictures; the way they take over the map.

    Parameters
    ----------
    alt
        Says what is to be seen, to who cannot see it.
    name
        What tells the way from others of the same model, in names of files.
    """
    pictures = decoded(models.weights(wanted.run, wanted.step), latents)
    st.image(sheet(pictures, _columns(len(pictures))), width="stretch", output_format="PNG", alt=alt)
    _files(pictures, f"{wanted.run.name}-step{made.step}-{name}")
    _curve(wanted, pictures)
    places = placed(wanted, made, latents)
    return Overlay() if places is None else Overlay(paths=(Path(places, pictures),))


@st.cache_data(max_entries=32, show_spinner=False)
def decoded(weights: models.Weights, latents: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Pictures (M, C, H, W) of latents (M, L): a page that is drawn again draws none of them anew."""
    from genlab.latent.decode import pictures

    return pictures(models.load(weights).model, latents)


def placed(wanted: Map, made: Projection, latents: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Where latents (M, L) lie on a flat map; None where that cannot be told, which the page says."""
    from genlab.latent.decode import placed
    from genlab.latent.place import is_exact

    if made.spec.dims != 2:
        st.caption(t("latent_walk.not_in_space"))
        return None
    try:
        places = placed(made, loading.model(wanted), latents)
    except GenlabError as error:
        st.caption(shell.escape(said(error)))
        return None
    st.caption(t("latent_walk.exact" if is_exact(made) else "latent_walk.near"))
    return places


def _columns(n: int) -> int:
    """Pictures a row: a short way in two rows, and never so many that they cannot be made out."""
    return min(n, 6 if n <= 12 else 8 if n <= 24 else 10)


def _files(pictures: NDArray[np.uint8], name: str) -> None:
    from genlab.data.grid import png_bytes, tile
    from genlab.export.reel import reel_bytes

    scale = STRIP_SCALE if pictures.shape[3] <= 32 else 1
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "PNG", data=lambda: png_bytes(tile(pictures, 12, scale=scale)),
            file_name=f"{name}.png", mime="image/png",
            icon=":material/download:", on_click="ignore", help=t("latent_walk.png_help"),
        )  # fmt: skip
        for kind in moving.MIMES:
            moving.button(
                kind, "{kind}", lambda kind: reel_bytes(pictures, kind), name, key="latent_way",
                help=t(f"latent_walk.{kind.lower()}_help"),
            )  # fmt: skip


def _curve(wanted: Map, pictures: NDArray[np.uint8]) -> None:
    """How far each picture is from the one before, to a network that knows what matters in such pictures."""
    import torch

    from genlab.evaluation.perceptual import step_distances
    from genlab.plots.steps import steps

    try:
        extractor = loading.extractor(wanted.run.config.data)
    except GenlabError as error:
        st.caption(shell.escape(said(error)))
        return
    distances = step_distances(extractor, torch.from_numpy(pictures))
    figure = steps(distances, (t("latent_walk.picture"), t("latent_walk.distance")), dark=is_dark())
    st.plotly_chart(figure, theme=None, config={"displayModeBar": False}, key="latent_steps")
    st.caption(
        t("latent_walk.distance_help", by=shell.escape(extractor.name), sum=f"{distances.sum():.3g}",
          most=f"{distances.max():.3g}", at=int(distances.argmax()) + 2)
    )  # fmt: skip
