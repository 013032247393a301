"""A random walk through the latents of a model, never far from those it draws from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from genlab.ui import numbers, shell
from genlab.ui.i18n import t
from genlab.ui.latent import loading, points, way

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genlab.latent.result import Projection
    from genlab.runs.maps import Map
    from genlab.ui.latent.overlay import Overlay


def draw(wanted: Map, made: Projection, chosen: list[int]) -> Overlay:
    """Choose how far a step goes and which walk it is, and see where it leads."""
    from genlab.latent.spec import MAX_SEED
    from genlab.latent.walks import wander

    start = next((row for row in chosen if made.has_latent()[row]), None)
    st.caption(t("latent_walk.random") + " " + _begins(made, start))
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        stride = numbers.slider(
            t("latent_walk.stride"), 0.05, 1.0, param="stride", default=0.3, step=0.05,
            help=t("latent_walk.stride_help"),
        )  # fmt: skip
    with right:
        steps = way.steps()
    seed = numbers.whole(
        t("latent_walk.seed"), 0, MAX_SEED, param="wseed", default=0, help=t("latent_walk.seed_help")
    )  # fmt: skip
    z = wander(_start(wanted, made, start, seed), steps, stride, loading.model(wanted).prior, seed)
    name = f"random-{seed}-{stride:g}" + ("" if start is None else f"-from-{start}")
    return way.show(wanted, made, z, t("latent_walk.random_alt", n=steps), name)


def _begins(made: Projection, row: int | None) -> str:
    if row is None:
        return t("latent_walk.from_draw")
    return t("latent_walk.from_point", point=shell.escape(points.name(row, made)))


def _start(wanted: Map, made: Projection, row: int | None, seed: int) -> NDArray[np.float32]:
    import numpy as np
    import torch

    if row is not None:
        return np.asarray(made.latents[row])
    generator = torch.Generator().manual_seed(seed)
    return np.asarray(loading.model(wanted).prior.draw(1, generator)[0].numpy(), np.float32)
