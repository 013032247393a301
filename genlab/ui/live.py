"""Following a run that trains: only what was appended since the last look is read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit as st

from genlab.runs.metrics import METRICS_FILE, Follower, Row

MAX_POINTS: Final = 400
"""Points a curve shows: more than these are closer together than pixels."""


@st.cache_resource(max_entries=64, show_spinner=False)
def _follower(path: Path) -> Follower:
    return Follower(path)


def follow(folder: Path) -> Follower:
    """The follower of a run's folder, the same for every session."""
    return _follower(folder / METRICS_FILE)


def thin(rows: Sequence[Row], most: int = MAX_POINTS) -> list[Row]:
    """At most `most` rows: means over runs of neighbours, by step.

    The runs begin at fixed places, so that a curve that grows does not change where it was.

    Parameters
    ----------
    rows
        By increasing step. A row may lack some names.
    most
        At least 2.
    """
    size = 1
    while math.ceil(len(rows) / size) > most:
        size *= 2
    if size == 1:
        return list(rows)
    return [_mean(rows[start : start + size]) for start in range(0, len(rows), size)]


def _mean(rows: Sequence[Row]) -> Row:
    names = dict.fromkeys(name for row in rows for name in row)
    mean: Row = {}
    for name in names:
        values = [row[name] for row in rows if name in row]
        mean[name] = math.fsum(values) / len(values)
    mean["step"] = rows[-1]["step"]
    return mean
