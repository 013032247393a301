"""Choosing a map: what is projected, how, and with which parameters, all of it in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import streamlit as st

from genlab.ui import links, numbers
from genlab.ui.i18n import t

if TYPE_CHECKING:
    from genlab.latent.spec import Method, Spec, Split, What
    from genlab.runs.maps import Map
    from genlab.runs.store import Run

QUICK_POINTS: Final = 5_000
"""A PCA of at most so many points is made while the page is drawn."""
POINTS_A_NEIGHBOUR: Final = 3
"""t-SNE minds about three times as many neighbours as its perplexity, and needs as many points."""


def draw(run: Run) -> Spec:
    """The controls; what they ask for."""
    from genlab.latent import spec as bounds
    from genlab.latent.points import choices
    from genlab.models import MODELS

    offered = choices(MODELS[run.config.model])
    perplexity, steps = 30.0, bounds.DEFAULT_STEPS
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        what = links.select(
            t("latent.what"), offered, param="what", default=offered[0], horizontal=True,
            text=lambda key: t(f"latent.whats.{key}"), help=t(f"latent.what_help.{offered[0]}"),
        )  # fmt: skip
        method = links.select(
            t("latent.method"), ["pca", "tsne"], param="method", default="pca", horizontal=True,
            text=lambda key: t(f"latent.methods.{key}"), help=t("latent.method_help"),
        )  # fmt: skip
        dims = links.select(
            t("latent.dims"), ["2", "3"], param="dims", default="2", horizontal=True, text=lambda key: f"{key}-D"
        )
        if method == "tsne":
            with st.container(width=200):
                perplexity = numbers.slider(
                    t("latent.perplexity"), bounds.MIN_PERPLEXITY, bounds.MAX_PERPLEXITY, param="perplexity",
                    default=30.0, step=1.0, format="%.0f", help=t("latent.perplexity_help"),
                )  # fmt: skip
            with st.container(width=160):
                steps = numbers.whole(
                    t("latent.descent"), bounds.MIN_STEPS, bounds.MAX_STEPS, param="descent",
                    default=bounds.DEFAULT_STEPS, step=50, help=t("latent.descent_help"),
                )  # fmt: skip
        with st.popover(t("latent.more"), icon=":material/tune:"):
            n, split, seed, exaggeration = _more(method)
    return bounds.Spec(
        cast("What", what), cast("Method", method), int(dims), n, seed, cast("Split", split), perplexity, steps,
        exaggeration,
    )  # fmt: skip


def _more(method: str) -> tuple[int, str, int, float]:
    """What seldom changes: how many points, which pictures, which seed; how much t-SNE exaggerates."""
    from genlab.latent import spec as bounds

    n = numbers.whole(
        t("latent.n"), bounds.MIN_POINTS, bounds.MAX_POINTS, param="n", default=bounds.DEFAULT_POINTS, step=500,
        help=t("latent.n_help"),
    )  # fmt: skip
    split = links.select(
        t("latent.split"), ["train", "test"], param="split", default="train",
        text=lambda key: t(f"latent.splits.{key}"), help=t("latent.split_help"),
    )  # fmt: skip
    seed = numbers.whole(t("latent.seed"), 0, bounds.MAX_SEED, param="seed", default=0, help=t("latent.seed_help"))
    exaggeration = bounds.DEFAULT_EXAGGERATION
    if method == "tsne":
        exaggeration = numbers.slider(
            t("latent.exaggeration"), bounds.MIN_EXAGGERATION, bounds.MAX_EXAGGERATION, param="exaggeration",
            default=bounds.DEFAULT_EXAGGERATION, step=1.0, format="%.0f", help=t("latent.exaggeration_help"),
        )  # fmt: skip
    return n, split, seed, exaggeration


def problem(spec: Spec) -> str:
    """Why this cannot be computed, as far as the choices alone tell; empty where it can."""
    if spec.method == "tsne" and spec.perplexity * POINTS_A_NEIGHBOUR >= spec.n:
        return t("latent.perplexity_too_high", n=spec.n, most=(spec.n - 1) // POINTS_A_NEIGHBOUR)
    return ""


def is_quick(wanted: Map) -> bool:
    """Whether the map can be made while the visitor waits."""
    spec = wanted.spec
    return spec.method == "pca" and spec.n <= QUICK_POINTS and has_pictures(wanted.run)


def has_pictures(run: Run) -> bool:
    """Whether the run's pictures are on this machine, so that nothing has to be downloaded."""
    from genlab.data import is_cached

    return is_cached(run.config.data)
