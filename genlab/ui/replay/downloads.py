"""What can be taken away from a replay: the map's travel and the snapshots as films, the scores as a table."""

from __future__ import annotations

import io
from csv import DictWriter
from dataclasses import asdict
from typing import TYPE_CHECKING

import streamlit as st

from genlab.ui import moving
from genlab.ui.i18n import t
from genlab.ui.latent.sheets import is_dark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genlab.evaluation.sheet import ScoreSheet
    from genlab.export.animation import Kind
    from genlab.latent.film import Film
    from genlab.ui.replay.story import Story


def draw(story: Story) -> None:
    """A button for each; they are made when they are pressed."""
    run, film = story.run, story.film
    with st.container(horizontal=True):
        if film is not None:
            dark = is_dark()
            for kind in ("WEBP", "MP4"):
                moving.button(
                    kind, t("replay.download.map"), lambda kind: travel(film, kind, dark=dark), f"{run.name}-map",
                    key="replay_map",
                )  # fmt: skip
        if story.samples:
            moving.snapshots(run, t("replay.download.samples"), key="replay_samples")
        if story.sheets:
            st.download_button(
                t("replay.download.scores"), data=lambda: csv(story.sheets), file_name=f"{run.name}-scores.csv",
                mime="text/csv", icon=":material/download:", on_click="ignore", key="replay_scores",
            )  # fmt: skip


def travel(film: Film, kind: Kind, *, dark: bool) -> bytes:
    """The map's points on their way, as a moving picture."""
    from genlab.export.travel import travel_bytes
    from genlab.plots.palette import rgb

    return travel_bytes(film, rgb(film.every_label), kind, dark=dark)


def csv(sheets: Sequence[ScoreSheet]) -> bytes:
    """All score sheets, a row each: plain numbers, names in English, and what every score was measured with."""
    rows = []
    for sheet in sheets:
        row = {name: value for name, value in asdict(sheet).items() if name not in ("scores", "floor")}
        row |= sheet.scores
        row |= {f"floor.{name}": value for name, value in sheet.floor.items()}
        rows.append(row)
    file = io.StringIO(newline="")
    writer = DictWriter(file, dict.fromkeys(name for row in rows for name in row))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()
