"""Following a run that trains: only what was appended since the last look is read."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Sequence
from io import SEEK_END
from pathlib import Path
from typing import Final

import streamlit as st

from genlab.runs.metrics import METRICS_FILE

MAX_POINTS: Final = 400
"""Points a curve shows: more than these are closer together than pixels."""

Row = dict[str, float]


class Follower:
    """The curve points of one run, kept up to date by reading the end of ``metrics.jsonl``.

    Shared by all sessions that watch the run.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._offset = 0
        self._rows: list[Row] = []

    def rows(self) -> list[Row]:
        """All points by strictly increasing step; a run that went back to a checkpoint overwrites its own."""
        with self._lock:
            self._catch_up()
            return list(self._rows)

    def _catch_up(self) -> None:
        try:
            with open(self._path, "rb") as file:
                size = file.seek(0, SEEK_END)
                if size < self._offset:  # another file by now
                    self._offset, self._rows = 0, []
                file.seek(self._offset)
                fresh = file.read(size - self._offset)
        except FileNotFoundError:
            self._offset, self._rows = 0, []
            return
        whole = fresh.rfind(b"\n") + 1  # the rest is being written at this moment
        self._offset += whole
        for line in fresh[:whole].split(b"\n"):
            self._add(line)

    def _add(self, line: bytes) -> None:
        try:
            row = json.loads(line)
        except ValueError:
            return
        if not isinstance(row, dict) or not all(_is_number(value) for value in row.values()):
            return
        if "step" not in row:
            return
        while self._rows and self._rows[-1]["step"] >= row["step"]:
            self._rows.pop()
        self._rows.append(row)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


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
