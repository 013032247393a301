"""The tab "Directions": move a latent along several directions at once, and see a grid of moves along two of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from genlab.errors import GenlabError
from genlab.ui import links, models, numbers, shell
from genlab.ui.i18n import t
from genlab.ui.latent import address, choose, loading, mine, near, selection
from genlab.ui.latent.overlay import Mark, Overlay, Path
from genlab.ui.latent.sheets import beside, downloads, sheet

if TYPE_CHECKING:
    from torch import Tensor

    from genlab.latent.directions import Direction
    from genlab.latent.result import Projection
    from genlab.runs.maps import Map

REACH: Final = 4.0
"""Sigma to either side of a slider."""
STEP: Final = 0.25
TOWARDS: Final = "towards"
GRID: Final = (3, 5, 7, 9, 11)


class Start(NamedTuple):
    """A latent to move from, what it is of, and how the file of what comes out is called."""

    z: NDArray[np.float32]
    words: str
    name: str


class Ways(NamedTuple):
    """The directions of a model."""

    principal: list[Direction]
    classes: list[Direction]


def draw(wanted: Map, made: Projection) -> Overlay:
    """The tab; what is drawn over the map: where the latent was, and where it is now."""
    try:
        return _draw(wanted, made)
    except GenlabError as error:  # the map beside it is as good as before
        shell.show_error(error)
        return Overlay()


def _draw(wanted: Map, made: Projection) -> Overlay:
    from genlab.latent.directions import moved

    encoder = loading.model(wanted).has_encoder
    st.caption(t("latent_directions.lead_encoder" if encoder else "latent_directions.lead"))
    if encoder and not choose.has_pictures(wanted.run):
        st.info(t("latent_directions.missing"), icon=":material/block:")
        return Overlay()
    start = _start(wanted, made)
    if start is None:
        return Overlay()
    with st.spinner(t("latent_directions.computing")):
        ways = _ways(models.weights(wanted.run, wanted.step), wanted.run.config.data)
    names = mine.classes(wanted)
    shown = st.container()
    chosen = _sliders(ways, names)
    used = [(one, by) for one, by in chosen if by]
    z = moved(start.z, [one for one, _ in used], [by for _, by in used])
    before, after = _decoded(wanted, np.stack([start.z, z]))
    with shown:
        _pair(wanted, start, z, before, after, used)
    with st.expander(t("latent_directions.grid"), expanded=links.get("grid") is not None):
        _grid(wanted, start.name, z, [*ways.principal, *ways.classes], names)
    with st.expander(t("latent_directions.near")):
        near.draw(wanted, after)
    return _overlay(wanted, made, (before, after), (start.z, z))


def _start(wanted: Map, made: Projection) -> Start | None:
    """Where to move from; None, and a sentence, where that has no latent."""
    from genlab.runs.sampling import SEED_MAX

    own = mine.key()
    bases = ["point", "draw", *(["own"] if own is not None else [])]
    base = links.select(
        t("latent_directions.base"), bases, param="base", default="point" if made.has_latent().any() else "draw",
        horizontal=True, text=lambda key: t(f"latent_directions.bases.{key}"),
    )  # fmt: skip
    if base == "own" and own is not None:
        z = mine.latent(wanted, own)
        if z is None:
            st.info(t("latent_directions.not_found"), icon=":material/search:")
        return None if z is None else Start(z, t("latent_own.mark"), "own")
    if base == "draw":
        seed = numbers.whole(t("latent_directions.seed"), 0, SEED_MAX, param="draw", default=0)
        return Start(_drawn(wanted, seed), t("latent_directions.drawn", seed=seed), f"draw{seed}")
    row = numbers.whole(
        t("latent_directions.point"), 0, len(made) - 1, param="at", default=_usual(wanted, made),
        help=t("latent_directions.point_help", last=len(made) - 1),
    )  # fmt: skip
    if not made.has_latent()[row]:
        st.info(t("latent_directions.no_latent"), icon=":material/block:")
        return None
    return Start(made.latents[row], t("latent_directions.of_point", row=row), f"point{row}")


def _usual(wanted: Map, made: Projection) -> int:
    """The first of the selected points that can be decoded, else the first of all."""
    can = made.has_latent()
    chosen, _ = selection.chosen(made, address.points_of(wanted.key, made))
    return next((row for row in chosen if can[row]), int(can.argmax()))


def _drawn(wanted: Map, seed: int) -> NDArray[np.float32]:
    from genlab.models.seeding import seeded

    return np.asarray(loading.model(wanted).prior.draw(1, seeded(seed))[0].numpy())


def _sliders(ways: Ways, names: tuple[str, ...]) -> list[tuple[Direction, float]]:
    """A slider for each principal direction and each class chosen, and how far each is moved."""
    moved = _in_pairs(ways.principal, names)
    if ways.classes:
        moved += _in_pairs(_towards(ways.classes, names), names)
    else:
        st.caption(t("latent_directions.no_classes"))
    st.button(
        t("latent_directions.reset"), icon=":material/restart_alt:", key="latent_directions_reset", on_click=_reset,
        args=([one.key for one in [*ways.principal, *ways.classes]],), type="tertiary",
        disabled=not any(by for _, by in moved),
    )  # fmt: skip
    return moved


def _in_pairs(ways: Sequence[Direction], names: tuple[str, ...]) -> list[tuple[Direction, float]]:
    """Two sliders a row: a narrow screen, which puts columns below each other, keeps their order."""
    moved = []
    for first in range(0, len(ways), 2):
        for column, one in zip(st.columns(2), ways[first : first + 2], strict=False):
            with column:
                moved.append((one, _slider(one, names)))
    return moved


def _slider(one: Direction, names: tuple[str, ...]) -> float:
    words = t("latent_directions.away", sigma=f"{one.away:.1f}") if one.away else t("latent_directions.unit")
    return numbers.slider(
        _name(one, names), -REACH, REACH, param=one.key, default=0.0, step=STEP, format="%.2f σ", help=words
    )


def _name(one: Direction, names: tuple[str, ...]) -> str:
    """A direction as it is called on the screen."""
    if one.key.startswith("pc"):
        return t("latent_directions.principal", i=one.key.removeprefix("pc"), share=f"{one.share:.0%}")
    return t("latent_directions.towards_class", name=_class_name(one, names))


def _class_name(one: Direction, names: tuple[str, ...]) -> str:
    label = int(one.key.removeprefix("class"))
    return shell.escape(names[label]) if label < len(names) else str(label)


def _towards(classes: list[Direction], names: tuple[str, ...]) -> list[Direction]:
    """The class directions that have sliders, kept in the address."""
    key = f"link_{TOWARDS}"
    by_key = {one.key.removeprefix("class"): one for one in classes}
    asked = (links.get(TOWARDS) or "").split(",")
    current = [label for label in by_key if label in asked]
    if links.get(TOWARDS) is not None and not current:
        links.put(TOWARDS, None)
    st.session_state[key] = current

    def chosen() -> None:
        sent = st.session_state[key]
        picked = [label for label in by_key if isinstance(sent, list) and label in sent]
        for label in set(by_key) - set(picked):
            links.put(by_key[label].key, None)  # a slider that is gone must not move anything
        links.put(TOWARDS, ",".join(picked) or None)

    st.pills(
        t("latent_directions.towards"), list(by_key), selection_mode="multi", key=key, on_change=chosen,
        format_func=lambda label: _class_name(by_key[label], names), help=t("latent_directions.towards_help"),
    )  # fmt: skip
    return [by_key[label] for label in current]


def _reset(keys: list[str]) -> None:
    for key in keys:
        links.put(key, None)


def _pair(
    wanted: Map, start: Start, z: NDArray[np.float32], before: NDArray[np.uint8], after: NDArray[np.uint8],
    used: list[tuple[Direction, float]],
) -> None:  # fmt: skip
    """The edited picture large beside the original, and what takes it away."""
    beside([(start.words, before), (t("latent_directions.after"), after)], large=True)
    about = {"run": wanted.run.name, "step": wanted.step, "from": start.name, "sigma": {o.key: by for o, by in used}}
    name = f"{wanted.run.name}-step{wanted.step}-{start.name}-edited"
    with st.container(horizontal=True):
        downloads(name, after, z, about, "latent_directions")


def _grid(wanted: Map, name: str, z: NDArray[np.float32], ways: list[Direction], names: tuple[str, ...]) -> None:
    """Moves along two directions at once, the edited picture in the middle."""
    from genlab.data.grid import fit_scale, png_bytes, tile
    from genlab.latent.directions import traversal

    if len(ways) < 2:
        st.caption(t("latent_directions.too_few"))
        return
    by_key = {one.key: one for one in ways}
    left, right = st.columns(2)
    with left:
        across = links.select(
            t("latent_directions.across"), list(by_key), param="across", default=ways[0].key,
            text=lambda key: _name(by_key[key], names),
        )  # fmt: skip
        n = numbers.stop(t("latent_directions.side"), GRID, param="grid", default=5)
    with right:
        up = links.select(
            t("latent_directions.up"), list(by_key), param="up", default=ways[1].key,
            text=lambda key: _name(by_key[key], names),
        )  # fmt: skip
        reach = numbers.slider(
            t("latent_directions.reach"), 0.5, REACH, param="reach", default=2.0, step=0.5, format="%.1f σ"
        )
    pictures = _decoded(wanted, traversal(z, by_key[across], by_key[up], n, reach))
    st.image(
        sheet(pictures, n), width="stretch", output_format="PNG",
        alt=t("latent_directions.grid_alt", n=n, across=_name(by_key[across], names), up=_name(by_key[up], names)),
    )  # fmt: skip
    height, width = pictures.shape[2:]
    st.download_button(
        t("latent_directions.grid_png"),
        data=lambda: png_bytes(tile(pictures, n, scale=fit_scale(n * height, n * width, 1_536))),
        file_name=f"{wanted.run.name}-step{wanted.step}-{name}-{across}-{up}-{n}x{n}.png", mime="image/png",
        icon=":material/download:", on_click="ignore", key="latent_directions_grid",
    )  # fmt: skip


def _overlay(
    wanted: Map, made: Projection, images: tuple[NDArray[np.uint8], ...], latents: tuple[NDArray[np.float32], ...]
) -> Overlay:
    places = [mine.place(wanted, made, image, z) for image, z in zip(images, latents, strict=True)]
    before, after = places
    if before is None or after is None:
        return Overlay()
    edited = Mark(after, t("latent_directions.after"), images[1])
    if before == after:
        return Overlay(marks=(edited,))
    line = Path(np.array([before, after], np.float32))
    return Overlay(marks=(Mark(before, t("latent_directions.before"), images[0]), edited), paths=(line,))


def _decoded(wanted: Map, latents: NDArray[np.float32]) -> NDArray[np.uint8]:
    from genlab.latent.decode import pictures

    return pictures(loading.model(wanted), latents)


@st.cache_resource(max_entries=8, show_spinner=False)
def _ways(weights: models.Weights, data: str, /) -> Ways:
    """The directions of a model, computed once for all visitors."""
    from genlab.data import load
    from genlab.evaluation.extractor import extractor_for
    from genlab.latent.directions import cloud, of_classes, principal

    stored = models.load(weights)
    extractor = extractor_for(data)

    def label(images: Tensor) -> Tensor:
        logits = extractor(images).logits
        assert logits is not None  # it knows the classes
        return logits.argmax(1)

    knows = bool(extractor.classes) and extractor.classes == stored.classes
    pictures = load(data, "train") if stored.model.has_encoder else None
    points = cloud(stored.model, pictures, label if knows else None)
    return Ways(principal(stored.model, points.latents), of_classes(points, len(stored.classes)))
