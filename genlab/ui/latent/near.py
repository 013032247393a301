"""The training pictures nearest to any picture, by its pixels or by what a classifier sees in it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from genlab.ui import links, numbers, shell, text
from genlab.ui.i18n import t
from genlab.ui.latent import choose, loading
from genlab.ui.latent.sheets import sheet

if TYPE_CHECKING:
    from genlab.data import Pictures
    from genlab.evaluation.extractor import Extractor
    from genlab.latent.nearest import Neighbours
    from genlab.runs.maps import Map

DEFAULT: Final = 12
NAMED: Final = 12
"""Classes that are counted by name; the rest are few."""


def draw(wanted: Map, picture: NDArray[np.uint8]) -> None:
    """Show the neighbours of a picture (C, H, W), by the measure and in the number that the address says."""
    from genlab.latent.nearest import MAX_NEIGHBOURS, MIN_NEIGHBOURS
    from genlab.runs.neighbours import seen

    st.markdown(f"**{t('latent_own.near')}**")
    if not choose.has_pictures(wanted.run):
        st.caption(t("latent_own.near_missing"))
        return
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        by = links.select(
            t("latent_own.near_by"), ["pixels", "features"], param="near_by", default="pixels", horizontal=True,
            text=lambda key: t(f"latent_own.measures.{key}"), help=t("latent_own.near_by_help"),
        )  # fmt: skip
    with right:
        k = numbers.whole(
            t("latent_own.near_k"), MIN_NEIGHBOURS, MAX_NEIGHBOURS, param="near_k", default=DEFAULT,
        )  # fmt: skip
    data = wanted.run.config.data
    extractor = loading.extractor(data) if by == "features" else None
    with st.spinner(t("latent_own.near_reading")):
        training = _training(data, _digest(data))
        within = _within(data, _digest(data), by)
    distances, rows = within.nearest(seen(picture, extractor), k)
    images = training.images[rows[0]].numpy()
    st.caption(_about(training, rows[0], distances[0], extractor))
    st.image(sheet(images), width="stretch", output_format="PNG", alt=t("latent_own.near_alt", n=len(images)))


def _about(
    training: Pictures, rows: NDArray[np.int64], distances: NDArray[np.float64], extractor: Extractor | None
) -> str:
    """How far they are, in what, and how many of which class."""
    words = t(
        "latent_own.near_about", n=text.count(len(rows)), all=text.count(len(training)),
        first=f"{distances[0]:,.4g}", last=f"{distances[-1]:,.4g}",
        unit=t("latent_own.near_levels") if extractor is None else shell.escape(extractor.name),
    )  # fmt: skip
    if training.labels is None:
        return words
    found = Counter(training.classes[label] for label in training.labels[rows].tolist())
    return words + " " + ", ".join(f"{count} × {shell.escape(name)}" for name, count in found.most_common(NAMED))


def _digest(data: str) -> str:
    from genlab.runs.derived import pictures_digest

    return pictures_digest(data)


@st.cache_resource(max_entries=2, show_spinner=False)
def _training(data: str, digest: str, /) -> Pictures:
    from genlab.data import load

    del digest  # tells one's own pictures from others of the same name
    return load(data, "train")


@st.cache_resource(max_entries=4, show_spinner=False)
def _within(data: str, digest: str, by: str, /) -> Neighbours:
    from genlab.runs.neighbours import neighbours_in

    return neighbours_in(_training(data, digest), loading.extractor(data) if by == "features" else None)
