"""``metrics.jsonl``: one line a log step, appended and never rewritten."""

from __future__ import annotations

import json
import sys
import threading
from io import SEEK_END
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genlab.runs.jsonl import append_line, is_number

if TYPE_CHECKING:
    import pandas as pd

METRICS_FILE = "metrics.jsonl"

DIVERGED = "diverged"
"""A column that only the last row of a training has that stopped being made of finite numbers."""

Row = dict[str, float]

VITAL_SIGNS = {
    "losses_unseen": ("training loss", "held-out loss"),
    "norms": ("gradient norm", "spectral norm"),
    "logits": ("training logit", "held-out logit", "generated logit"),
    "diversity": ("diversity",),
    "in_use": ("latents in use",),
    "nats": ("least KL", "largest KL"),
}
"""The columns of :mod:`genlab.training.vitals` by what they mean, their players left out."""

LEADING = ["step", "images", "seconds", "images_per_second", "lr_scale"]
"""The columns that every run has, before the players' own."""


def append_metrics(folder: Path, row: Row) -> None:
    """Add one line."""
    append_line(folder / METRICS_FILE, row)


def read_metrics(folder: Path) -> pd.DataFrame:
    """The curves of a run, one row a log step, by strictly increasing step; see :class:`Follower`."""
    import pandas as pd

    rows = Follower(folder / METRICS_FILE).rows()
    names = list(dict.fromkeys([*LEADING, *(name for row in rows for name in row)]))
    return pd.DataFrame(rows, columns=names)


class Follower:
    """The curve points of one run, kept up to date by reading only what was appended since the last look.

    A run that went on from a checkpoint logs some steps a second time: the later lines count. Lines that
    are cut short or are no metrics are left out. May be shared by threads.

    Parameters
    ----------
    path
        The run's ``metrics.jsonl``; it need not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._offset = 0
        self._rows: list[Row] = []

    def rows(self) -> list[Row]:
        """All points, by strictly increasing step."""
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
            row = _parse(line)
            if row is not None:
                self._add(row)

    def _add(self, row: Row) -> None:
        while self._rows and self._rows[-1]["step"] >= row["step"]:
            self._rows.pop()
        self._rows.append(row)


def _parse(line: bytes) -> Row | None:
    try:
        row: Any = json.loads(line)
    except ValueError:
        return None
    if not isinstance(row, dict) or not isinstance(row.get("step"), int):
        return None
    if not all(is_number(value) for value in row.values()):
        return None
    return {sys.intern(name): value for name, value in row.items()}  # json makes each line's names anew
