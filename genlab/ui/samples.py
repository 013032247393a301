"""The Samples page: the film of a run on a slider, and new pictures from any of its checkpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from genlab.ui import carry, links, models, moving, navigation, numbers, run_picker, shell, text
from genlab.ui.i18n import t

if TYPE_CHECKING:
    from pathlib import Path

    from genlab.models.storage import StoredModel
    from genlab.runs.store import Run

LIVE_SECONDS: Final = 2.0
MAX_PICTURES: Final = 256
DEFAULT_PICTURES: Final = 64
MAX_TRUNCATION: Final = 1.5
PAPER: Final = 64
SHEET_SIDE: Final = 1_536
"""Sheets are enlarged, by a whole factor, to be as good as this many pixels wide."""
ALL: Final = "all"


@dataclass(frozen=True)
class Asked:
    """What is to be drawn: all that decides the pictures, and that goes into their downloads."""

    run: str
    step: int
    n: int
    seed: int
    truncation: float
    label: int | None
    class_name: str | None

    def about(self) -> dict[str, object]:
        """The story told by ``sample.json``."""
        from genlab import __version__

        return {
            "run": self.run,
            "step": self.step,
            "n": self.n,
            "seed": self.seed,
            "truncation": self.truncation,
            "class": self.class_name,
            "genlab": __version__,
        }

    def file(self, ending: str) -> str:
        """A file name that says what is inside."""
        return f"{self.run}-step{self.step}-seed{self.seed}{ending}"


def draw() -> None:
    """The page below its heading."""
    run = run_picker.pick()
    live = run.status().state == "running"
    follow = live and links.get("step") is None
    shell.fragment(run_every=LIVE_SECONDS if follow else None)(_body)(run.id, live)


def _body(run_id: str, was_live: bool) -> None:
    from genlab.runs.store import open_run

    run = open_run(run_id)
    if was_live and run.status().state != "running":
        st.rerun()  # the timer is no longer wanted
    frames = run.samples()
    if not frames:
        st.info(t("samples.no_frames"), icon=":material/hourglass_empty:")
        navigation.link("train", t("samples.watch"), run=run.id)
        return
    film, fresh = st.columns(2, gap="large")
    with film:
        step = _film(run, frames)
    with fresh:
        _fresh(run, step)


def _film(run: Run, frames: list[tuple[int, Path]]) -> int:
    """The snapshots on a slider; the step chosen, which holds for the other side too."""
    st.subheader(t("samples.film"), anchor=False)
    st.caption(t("samples.film_lead", n=len(frames)))
    step = numbers.stop(t("samples.step"), [at for at, _ in frames], param="step", help=t("samples.step_help"))
    path = dict(frames)[step]
    try:
        st.image(path.read_bytes(), width="stretch", output_format="PNG", alt=t("samples.film_alt", step=step))
    except OSError:
        st.warning(t("samples.frame_gone"), icon=":material/broken_image:")
    moving.snapshots(run, t("samples.as_film"), key="samples_film")
    return step


def _fresh(run: Run, step: int) -> None:
    st.subheader(t("samples.fresh"), anchor=False)
    checkpoints = run.checkpoints()
    if not checkpoints:
        st.info(t("samples.no_checkpoint"), icon=":material/hourglass_empty:")
        return
    at = max((saved for saved, _ in checkpoints if saved <= step), default=checkpoints[0][0])
    weights = models.weights(run, at)
    stored = models.load(weights)
    st.caption(t("samples.from_checkpoint", step=text.count(at)))
    asked = _ask(run, at, stored)
    pictures = _draw(weights, asked)
    _show(pictures, asked, stored.classes)
    carry.as_onnx(run, at, weights, stored.model)


def _ask(run: Run, step: int, stored: StoredModel) -> Asked:
    """The controls; every value that comes back is one of those allowed."""
    from genlab.runs.sampling import SEED_MAX

    columns = st.columns(3)
    with columns[0]:
        n = numbers.whole(t("samples.n"), 1, MAX_PICTURES, param="n", default=DEFAULT_PICTURES)
    with columns[1]:
        seed = numbers.whole(t("samples.seed"), 0, SEED_MAX, param="seed", default=0, help=t("samples.seed_help"))
    with columns[2]:
        truncation = numbers.slider(
        t("samples.truncation"), 0.0, MAX_TRUNCATION, param="truncation", default=1.0, step=0.05,
        help=t("samples.truncation_help"),
    )  # fmt: skip
    label = None
    if stored.model.prior.n_classes:
        names = stored.classes
        chosen = links.select(
            t("samples.class"), [ALL, *map(str, range(stored.model.prior.n_classes))], param="class", default=ALL,
            text=lambda i: t("samples.all_classes") if i == ALL else names[int(i)] if int(i) < len(names) else i,
            help=t("samples.class_help"),
        )  # fmt: skip
        label = None if chosen == ALL else int(chosen)
    name = None if label is None else stored.classes[label] if label < len(stored.classes) else str(label)
    return Asked(run.name, step, n, seed, truncation, label, name)


def _show(pictures: NDArray[np.uint8], asked: Asked, classes: tuple[str, ...]) -> None:
    from genlab.data.grid import fit_scale, gap_for, png_bytes, tile
    from genlab.export import npz_bytes, zip_bytes

    gap = gap_for(pictures)
    sheet = tile(pictures, gap=gap, paper=PAPER)
    st.image(sheet, width="stretch", output_format="PNG", alt=t("samples.sheet_alt", n=asked.n, seed=asked.seed))
    labels = None if asked.label is None else [asked.label] * asked.n

    def png() -> bytes:
        scale = fit_scale(sheet.shape[0], sheet.shape[1], SHEET_SIDE)
        return png_bytes(tile(pictures, scale=scale, gap=scale * gap, paper=PAPER))

    with st.container(horizontal=True):
        for name, data, ending, mime in (
            ("png", png, ".png", "image/png"),
            ("zip", lambda: zip_bytes(pictures, asked.about(), labels, classes), ".zip", "application/zip"),
            ("npz", lambda: npz_bytes(pictures, asked.about(), labels), ".npz", "application/octet-stream"),
        ):
            st.download_button(
                t(f"samples.{name}"), data=data, file_name=asked.file(ending), mime=mime, key=f"samples_{name}",
                icon=":material/download:", on_click="ignore", help=t(f"samples.{name}_help"),
            )  # fmt: skip


@st.cache_resource(max_entries=32, show_spinner=False)
def _draw(weights: models.Weights, asked: Asked, /) -> NDArray[np.uint8]:
    """The pictures asked for; uint8 (n, C, H, W), not to be written to."""
    from genlab.runs.sampling import generate

    stored = models.load(weights)
    pictures: NDArray[np.uint8] = generate(stored.model, asked.n, asked.seed, asked.truncation, asked.label).numpy()
    pictures.flags.writeable = False
    return pictures
