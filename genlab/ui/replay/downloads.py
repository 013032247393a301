"""What can be taken away from a replay: the map's travel and the snapshots as films, the scores as a table."""

from __future__ import annotations

import io
from csv import DictWriter
from dataclasses import asdict
from typing import TYPE_CHECKING

import streamlit as st

from genlab.ui.i18n import t
from genlab.ui.latent.sheets import is_dark
from genlab.ui.replay import story as stories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genlab.evaluation.sheet import ScoreSheet
    from genlab.latent.film import Film
    from genlab.runs.store import Run
    from genlab.ui.replay.story import Story


def draw(story: Story) -> None:
    """A button for each; they are made when they are pressed."""
    run, film = story.run, story.film
    with st.container(horizontal=True):
        if film is not None:
            dark = is_dark()
            st.download_button(
                t("replay.download.map"), data=lambda: travel(film, dark=dark), file_name=f"{run.name}-map.webp",
                mime="image/webp", icon=":material/movie:", on_click="ignore", key="replay_map",
            )  # fmt: skip
        if story.samples:
            st.download_button(
                t("replay.download.samples"), data=lambda: _samples(run), file_name=f"{run.name}.gif", mime="image/gif",
                icon=":material/movie:", on_click="ignore", key="replay_samples",
            )  # fmt: skip
        if story.sheets:
            st.download_button(
                t("replay.download.scores"), data=lambda: csv(story.sheets), file_name=f"{run.name}-scores.csv",
                mime="text/csv", icon=":material/download:", on_click="ignore", key="replay_scores",
            )  # fmt: skip


def travel(film: Film, *, dark: bool) -> bytes:
    """The map's points on their way, as an animated WebP."""
    import numpy as np

    from genlab.export.travel import travel_bytes

    colours = np.zeros((len(film), 3), np.uint8)
    for group in stories.groups(film):
        colours[group.rows] = [int(group.colour[i : i + 2], 16) for i in (1, 3, 5)]
    hollow = np.arange(len(film)) >= len(film.images)
    return travel_bytes(film.aligned()[0], film.steps, colours, hollow, dark=dark)


def _samples(run: Run) -> bytes:
    from genlab.export import film_bytes

    return film_bytes([path for _, path in run.samples()], scale=2)


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
