"""Sums of groups: what is to C as A is to B, decoded, on the map, and among real pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st

from genlab.errors import GenlabError
from genlab.ui import links, models, shell
from genlab.ui.errors import said
from genlab.ui.i18n import t
from genlab.ui.latent import way
from genlab.ui.latent.address import LISTED, parse_points, ranges
from genlab.ui.latent.overlay import Mark, Overlay
from genlab.ui.latent.sheets import sheet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genlab.latent.result import Projection
    from genlab.runs.maps import Map

LETTERS: Final = "ABC"
SIGNS: Final = "−+="
SUM: Final = "A − B + C"
CLASS, POINTS = "class-", "points-"
"""How the address names a group: a class by its number, or points by theirs."""
NEAREST: Final = 12


def draw(wanted: Map, made: Projection, chosen: list[int]) -> Overlay:
    """Choose three groups, and see what the mean of A less that of B plus that of C is decoded to."""
    from genlab.latent.walks import analogy

    st.caption(t("latent_walk.groups"))
    if len(ranges(chosen)) > LISTED:
        st.caption(t("latent_walk.too_many"))
    groups = _groups(made, chosen)
    if not groups:
        st.info(t("latent_walk.no_groups"), icon=":material/select:")
        return Overlay()
    with st.container(horizontal=True, gap="small"):
        picked = [_pick(letter, i, groups, made) for i, letter in enumerate(LETTERS)]
    latents = [made.latents[group] for group in picked]
    z = analogy(latents[0], latents[1], latents[2])
    means = np.stack([group.mean(axis=0) for group in latents])
    *parts, result = way.decoded(models.weights(wanted.run, wanted.step), np.stack([*means, z]))
    _sum(parts, result)
    places = way.placed(wanted, made, np.stack([*means, z]))
    _nearest(wanted, made, z)
    if places is None:
        return Overlay()
    marks = [Mark((float(x), float(y)), name) for (x, y), name in zip(places, (*LETTERS, SUM), strict=True)]
    return Overlay((*marks[:-1], replace(marks[-1], picture=result)))


def _groups(made: Projection, chosen: list[int]) -> dict[str, NDArray[np.int64]]:
    """The groups there are to choose from, by their names in the address: classes, the selection, those kept."""
    can = made.has_latent()
    classes = {f"{CLASS}{i}": np.flatnonzero(can & (made.labels == i)) for i in range(len(made.classes))}
    groups = {name: rows for name, rows in classes.items() if len(rows)}
    lists = [ranges(chosen), *(_list(links.get(f"group_{letter.lower()}")) for letter in LETTERS)]
    for listed in lists:
        rows = np.asarray([row for row in parse_points(listed, len(made))[0] if can[row]], np.int64)
        if len(rows) and len(listed) <= LISTED:
            groups[POINTS + listed] = rows
    return groups


def _list(asked: str | None) -> str:
    return asked.removeprefix(POINTS) if asked is not None and asked.startswith(POINTS) else ""


def _pick(letter: str, i: int, groups: dict[str, NDArray[np.int64]], made: Projection) -> NDArray[np.int64]:
    names = list(groups)

    def shown(name: str) -> str:
        count = len(groups[name])
        if name.startswith(CLASS):
            return f"{made.classes[int(name.removeprefix(CLASS))]} ({count})"
        listed = name.removeprefix(POINTS)
        return t("latent_walk.points", n=count, which=listed if len(listed) < 16 else f"{listed[:14]} …")

    label = t(f"latent_walk.group_{letter.lower()}")
    picked = links.select(
        label, names, param=f"group_{letter.lower()}", default=names[min(i, len(names) - 1)], text=shown
    )
    return groups[picked]


def _sum(parts: Sequence[NDArray[np.uint8]], result: NDArray[np.uint8]) -> None:
    """The sum as pictures, with its signs between them."""
    columns = st.columns([3, 1, 3, 1, 3, 1, 3], vertical_alignment="center")
    shown = zip((*parts, result), (*LETTERS, t("latent_walk.result")), (*LETTERS, SUM), strict=True)
    for column, (picture, caption, name) in zip(columns[::2], shown, strict=True):
        column.image(
            sheet(picture[None], 1), width="stretch", output_format="PNG", caption=caption,
            alt=t("latent_walk.mean_alt", name=name),
        )  # fmt: skip
    for column, sign in zip(columns[1::2], SIGNS, strict=True):
        column.markdown(f"**{sign}**", text_alignment="center")


def _nearest(wanted: Map, made: Projection, z: NDArray[np.float32]) -> None:
    """The real pictures of the map that are nearest to the sum, by the numbers that the map is made of."""
    from genlab.latent.decode import represented
    from genlab.latent.nearest import Neighbours
    from genlab.ui.latent import loading

    real = np.flatnonzero(~made.generated)
    if not len(real) or not len(made.features):
        return
    try:
        _, near = Neighbours(made.features[real]).nearest(represented(made, loading.model(wanted), z[None]), NEAREST)
    except GenlabError as error:
        st.caption(shell.escape(said(error)))
        return
    rows = real[near[0]]
    st.caption(t("latent_walk.nearest", n=len(rows), which=", ".join(f"#{row}" for row in rows)))
    st.image(
        sheet(made.images[rows], 6), width="stretch", output_format="PNG", alt=t("latent_walk.nearest_alt", n=len(rows))
    )
