"""``metrics.jsonl``: one line a log step, appended and never rewritten."""

from __future__ import annotations

import json
import sys
from io import SEEK_END
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

METRICS_FILE = "metrics.jsonl"

LEADING = ["step", "images", "seconds", "images_per_second", "lr_scale"]
"""The columns that every run has, before the players' own."""


def append_metrics(folder: Path, row: dict[str, float]) -> None:
    """Add one line. A line that a dying process left half-written is closed first."""
    path = folder / METRICS_FILE
    with open(path, "ab+") as file:
        if file.seek(0, SEEK_END):
            file.seek(-1, SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(json.dumps(row, allow_nan=False).encode() + b"\n")


def read_metrics(folder: Path) -> pd.DataFrame:
    """The curves of a run, one row a log step, by strictly increasing step.

    A run that went on from a checkpoint logs some steps a second time: the later lines count. Lines that
    are cut short or are no metrics are left out.
    """
    import pandas as pd

    rows = kept_rows(read_lines(folder))
    names = list(dict.fromkeys([*LEADING, *(name for row in rows for name in row)]))
    return pd.DataFrame(rows, columns=names)


def read_lines(folder: Path) -> list[dict[str, float]]:
    """The whole lines of the file as they stand, oldest first."""
    try:
        text = (folder / METRICS_FILE).read_bytes()
    except FileNotFoundError:
        return []
    rows = (_parse(line) for line in text.split(b"\n"))
    return [row for row in rows if row is not None]


def kept_rows(rows: list[dict[str, float]]) -> list[dict[str, float]]:
    """What counts of rows in which a run may have gone back to an earlier step."""
    kept: list[dict[str, float]] = []
    for row in rows:
        while kept and kept[-1]["step"] >= row["step"]:
            kept.pop()
        kept.append(row)
    return kept


def _parse(line: bytes) -> dict[str, float] | None:
    try:
        row: Any = json.loads(line)
    except ValueError:
        return None
    if not isinstance(row, dict) or not isinstance(row.get("step"), int):
        return None
    return row if all(_is_number(value) for value in row.values()) else None


def _is_number(value: object) -> bool:
    # A bound and not isfinite, which fails for whole numbers that no float can hold.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
