"""The pictures of several runs at the same point of their training."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import streamlit as st

from genlab.ui import numbers, words
from genlab.ui.i18n import t
from genlab.ui.text import count, duration

if TYPE_CHECKING:
    from genlab.ui.compare.gather import Axis, Entry

LARGEST: Final = 280
"""Pixels that the pictures of one run may be wide."""


class Shot(NamedTuple):
    """A run's newest snapshot up to a point; without a path where it had none by then."""

    entry: Entry
    step: int
    path: Path | None

    @property
    def told(self) -> str:
        """When it was drawn."""
        if self.path is None:
            return t("compare.samples.none_yet" if self.entry.samples else "compare.samples.none")
        seconds = self.entry.place(self.step, "seconds")
        after = "" if seconds is None else f" · {duration(seconds)}"
        return t("compare.samples.at", step=count(self.step)) + after


def stops(entries: Sequence[Entry], axis: Axis) -> list[int]:
    """Where any run has a snapshot, in whole steps, pictures or seconds, rising."""
    return sorted({at for entry in entries for at, _, _ in _placed(entry, axis)})


def shots(entries: Sequence[Entry], axis: Axis, at: int) -> list[Shot]:
    """The newest snapshot up to a point of each run."""
    found = []
    for entry in entries:
        before = [(step, path) for place, step, path in _placed(entry, axis) if place <= at]
        found.append(Shot(entry, *before[-1]) if before else Shot(entry, 0, None))
    return found


def _placed(entry: Entry, axis: Axis) -> list[tuple[int, int, Path]]:
    placed = ((entry.place(step, axis), step, path) for step, path in entry.samples)
    return [(round(place), step, path) for place, step, path in placed if place is not None]


def draw(entries: Sequence[Entry], axis: Axis) -> list[Shot]:
    """The slider, and the pictures side by side; what they are."""
    places = stops(entries, axis)
    if not places:
        st.info(t("compare.samples.no_run_has_any"), icon=":material/hourglass_empty:")
        return []
    at = numbers.stop(t(f"compare.axis.{axis}"), places, param=axis, help=t("compare.samples.help"))
    found = shots(entries, axis, at)
    figures = "".join(map(_figure, found))
    st.html(
        '<div style="display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:1rem;'
        f'max-width:{LARGEST * len(found)}px">{figures}</div>'
    )
    return found


def _figure(shot: Shot) -> str:
    title = f'<b style="color:{shot.entry.style.colour}">{shot.entry.style.sign}</b> {escape(shot.entry.title)}'
    told = f'<figcaption style="font-size:.85rem">{title}<br><span style="opacity:.7">{escape(shot.told)}</span>'
    return f'<figure style="margin:0;min-width:0">{_picture(shot)}{told}</figcaption></figure>'


def _picture(shot: Shot) -> str:
    if shot.path is None:
        return f'<div class="gl-blank">{escape(shot.told)}</div>'
    try:
        return words.picture(shot.path.read_bytes(), t("overview.card.picture", run=shot.entry.title))
    except OSError:
        return f'<div class="gl-blank">{escape(t("samples.frame_gone"))}</div>'
