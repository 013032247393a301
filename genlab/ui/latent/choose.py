"""Choosing a map: what is projected, how, and with which parameters, all of it in the address."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from genlab.ui import links, numbers
from genlab.ui.i18n import t
from genlab.ui.latent import about

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from genlab.latent.spec import Spec
    from genlab.models.storage import StoredModel
    from genlab.runs.maps import Map
    from genlab.runs.store import Run

ANYTHING: Final = ("pca", "tsne", "umap")
"""Methods for whatever is mapped; the others ask for classes, or for two latents."""
QUICK: Final = ("pca", "axes", "plane")
QUICK_POINTS: Final = 5_000
"""A linear map of at most so many points is made while the page is drawn."""
POINTS_A_NEIGHBOUR: Final = 3
"""t-SNE minds about three times as many neighbours as its perplexity, and needs as many points."""
AXES: Final = (("xa", "across_from", 0), ("xb", "across_to", 1), ("ya", "up_from", 0), ("yb", "up_to", 2))
"""Parameter, label and default of the classes between which axes lead."""


def draw(stored: StoredModel, run: Run) -> Spec:
    """The controls for maps of a run's model; what they ask for."""
    from genlab.latent.points import choices
    from genlab.latent.spec import Spec

    offered = choices(stored.model)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        with st.container(width=230):
            named = partial(about.kind, type(stored.model), options=run.config.options)
            what = _one_of("what", offered, t("latent.what"), default=_first(run, offered), told_as=named)
        methods = _methods(stored, what)
        with st.container(width=160):
            method = _one_of("method", methods, t("latent.method"), default=methods[0])
        asked: dict[str, Any] = {"what": what, "method": method}
        if method not in ("axes", "plane"):
            dims = links.select(
                t("latent.dims"), ["2", "3"], param="dims", default="2", horizontal=True, text=lambda key: f"{key}-D"
            )
            asked["dims"] = int(dims)
        asked |= _PARAMETERS[method](stored) if method in _PARAMETERS else {}
        with st.popover(t("latent.more"), icon=":material/tune:"):
            asked |= _more(method)
    return Spec(**asked)


def _methods(stored: StoredModel, what: str) -> list[str]:
    """How it can be flattened, the usual first: two latents are flat as they are; from class to class needs three."""
    methods = list(ANYTHING)
    if stored.model.prior.size == 2 and what in ("encoder", "z"):
        methods.insert(0, "plane")
    if len(stored.classes) > max(default for _, _, default in AXES):
        methods.append("axes")
    return methods


def _first(run: Run, offered: Sequence[str]) -> str:
    """What is mapped at first: what tells most; without the pictures for it, what a map came along of."""
    from genlab.runs.derived import spec_that_came_along
    from genlab.runs.maps import Map

    came = None if has_pictures(run) else spec_that_came_along(run, Map.FOLDER)
    return came.what if came is not None and came.what in offered else offered[0]


def _one_of(
    param: str, offered: Sequence[str], label: str, *, default: str, told_as: Callable[[Any], str] = str
) -> str:
    told = "\n\n".join(t(f"latent_maps.{param}_help.{told_as(key)}") for key in offered)
    return links.select(
        label, offered, param=param, default=default, text=lambda key: t(f"latent_maps.{param}s.{key}"), help=told
    )


def _tsne(_stored: StoredModel) -> dict[str, Any]:
    from genlab.latent import spec as bounds

    with st.container(width=200):
        perplexity = numbers.slider(
            t("latent.perplexity"), bounds.MIN_PERPLEXITY, bounds.MAX_PERPLEXITY, param="perplexity",
            default=bounds.DEFAULT_PERPLEXITY, step=1.0, format="%.0f", help=t("latent.perplexity_help"),
        )  # fmt: skip
    quality = links.select(
        t("latent_maps.quality"), ["standard", "fast"], param="quality", default="standard", horizontal=True,
        text=lambda key: t(f"latent_maps.qualities.{key}"), help=t("latent_maps.quality_help"),
    )  # fmt: skip
    return {"perplexity": perplexity, "quality": quality}


def _umap(_stored: StoredModel) -> dict[str, Any]:
    from genlab.latent import spec as bounds

    with st.container(width=160):
        neighbours = numbers.whole(
            t("latent_maps.neighbours"), bounds.MIN_NEIGHBOURS, bounds.MAX_NEIGHBOURS, param="neighbours",
            default=bounds.DEFAULT_NEIGHBOURS, help=t("latent_maps.neighbours_help"),
        )  # fmt: skip
    with st.container(width=200):
        min_dist = numbers.slider(
            t("latent_maps.min_dist"), 0.0, 1.0, param="mindist", default=bounds.DEFAULT_MIN_DIST, step=0.05,
            help=t("latent_maps.min_dist_help"),
        )  # fmt: skip
    return {"neighbours": neighbours, "min_dist": min_dist}


def _axes(stored: StoredModel) -> dict[str, Any]:
    ids = [str(label) for label in range(len(stored.classes))]
    ends = []
    for param, label, default in AXES:
        with st.container(width=100):
            chosen = links.select(
                t(f"latent_maps.{label}"), ids, param=param, default=str(default),
                text=lambda key: stored.classes[int(key)],
                help=t("latent_maps.axes_help") if param == "xa" else None,
            )  # fmt: skip
        ends.append(int(chosen))
    return {"axes": tuple(ends)}


_PARAMETERS: Final = {"tsne": _tsne, "umap": _umap, "axes": _axes}


def _more(method: str) -> dict[str, Any]:
    """What seldom changes: how many points, which pictures, which seed; how much t-SNE exaggerates."""
    from genlab.latent import spec as bounds

    asked: dict[str, Any] = {
        "n": numbers.whole(
            t("latent.n"), bounds.MIN_POINTS, bounds.MAX_POINTS, param="n", default=bounds.DEFAULT_POINTS, step=500,
            help=t("latent.n_help"),
        ),
        "split": links.select(
            t("latent.split"), ["train", "test"], param="split", default="train",
            text=lambda key: t(f"latent.splits.{key}"), help=t("latent.split_help"),
        ),
        "seed": numbers.whole(
            t("latent.seed"), 0, bounds.MAX_SEED, param="seed", default=0, help=t("latent.seed_help")
        ),
    }  # fmt: skip
    if method == "tsne":
        asked["exaggeration"] = numbers.slider(
            t("latent.exaggeration"), bounds.MIN_EXAGGERATION, bounds.MAX_EXAGGERATION, param="exaggeration",
            default=bounds.DEFAULT_EXAGGERATION, step=1.0, format="%.0f", help=t("latent.exaggeration_help"),
        )  # fmt: skip
    return asked


def problem(spec: Spec) -> str:
    """Why this cannot be computed, as far as the choices alone tell; empty where it can."""
    if spec.method == "tsne" and spec.perplexity * POINTS_A_NEIGHBOUR >= spec.n:
        return t("latent.perplexity_too_high", n=spec.n, most=(spec.n - 1) // POINTS_A_NEIGHBOUR)
    if spec.method == "umap" and spec.neighbours >= spec.n:
        return t("latent_maps.neighbours_too_many", n=spec.n, most=spec.n - 1)
    return ""


def is_quick(wanted: Map) -> bool:
    """Whether the map can be made while the visitor waits."""
    spec = wanted.spec
    return spec.method in QUICK and spec.n <= QUICK_POINTS and has_pictures(wanted.run)


def has_pictures(run: Run) -> bool:
    """Whether the run's pictures are on this machine, so that nothing has to be downloaded."""
    from genlab.data import is_cached

    return is_cached(run.config.data)
