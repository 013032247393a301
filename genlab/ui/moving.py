"""Buttons that take moving pictures away, one a format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.ui.i18n import t

if TYPE_CHECKING:
    from genlab.export.animation import Kind
    from genlab.runs.store import Run

MIMES: Final[Mapping[Kind, str]] = {"GIF": "image/gif", "WEBP": "image/webp", "MP4": "video/mp4"}
NAMES: Final[Mapping[Kind, str]] = {"GIF": "GIF", "WEBP": "WebP", "MP4": "MP4"}
SNAPSHOTS: Final[Sequence[Kind]] = ("GIF", "MP4")


def button(
    kind: Kind, label: str, make: Callable[[Kind], bytes], file: str, *, key: str, help: str | None = None
) -> None:
    """One of them; the film is made when it is pressed.

    Parameters
    ----------
    label
        What stands on it, with ``{kind}`` where the format is named.
    file
        The file's name without its ending.
    """
    st.download_button(
        label.format(kind=NAMES[kind]), data=lambda: make(kind), file_name=f"{file}.{kind.lower()}", mime=MIMES[kind],
        icon=":material/movie:", on_click="ignore", key=f"{key}_{kind.lower()}", help=help,
    )  # fmt: skip


def snapshots(run: Run, label: str, *, key: str) -> None:
    """Those of the film of a run's snapshots; `label` as :func:`button` has it."""

    def make(kind: Kind) -> bytes:
        from genlab.export import film_bytes

        return film_bytes([path for _, path in run.samples()], kind)

    with st.container(horizontal=True, width="content"):
        for kind in SNAPSHOTS:
            button(kind, label, make, run.name, key=key, help=t(f"samples.{kind.lower()}_help"))
