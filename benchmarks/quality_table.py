"""The rows of the quality benchmark as a file, and the table and the figure that are made of them."""

from __future__ import annotations

import csv
import statistics
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from genlab.evaluation.extractor import Extractor
from genlab.models.presets import PRESETS
from genlab.plots.chart import STYLES, Chart, Line
from genlab.plots.svg import svg

LOOKS = (5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0)
"""Seconds of training after which a model is looked at, up to its time, and at its end."""

SCORES = {
    "precision": "precision",
    "recall": "recall",
    "coverage": "coverage",
    "memorised": "closer to training",
    "label_accuracy": "right class",
}
"""Scores that the last look takes besides the FID, and what the table calls them."""


@dataclass(frozen=True)
class Row:
    """One look at one training."""

    model: str
    seed: int
    minutes: float
    seconds: float
    images: int
    fid: float
    precision: float | None = None
    recall: float | None = None
    coverage: float | None = None
    memorised: float | None = None
    label_accuracy: float | None = None


def read(path: Path) -> list[Row]:
    """The rows that are there already."""
    if not path.exists():
        return []
    with open(path, newline="") as file:
        return [_row(entry) for entry in csv.DictReader(file)]


def _row(entry: dict[str, str]) -> Row:
    values: dict[str, Any] = {key: float(text) for key, text in entry.items() if text and key != "model"}
    whole = {key: int(values[key]) for key in ("seed", "images")}
    return Row(**{**values, **whole, "model": entry["model"]})


def append(path: Path, rows: list[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not path.exists()
    with open(path, "a", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)])
        if fresh:
            writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def title(name: str) -> str:
    """What an entrant is called."""
    if name in PRESETS:
        return PRESETS[name].title
    return f"plain {name.removeprefix('plain-').upper()} of the example scripts"


def table(rows: list[Row], data: str, extractor: Extractor) -> str:
    """The Markdown table: a line a model, medians over its seeds, best first."""
    names = list(dict.fromkeys(row.model for row in rows))
    ends = {name: [row for row in rows if row.model == name and row.precision is not None] for name in names}
    names.sort(key=lambda name: median(ends[name], "fid"))
    shown = (20.0, 30.0, 60.0, 300.0)
    heads = ["model", "seeds", *(f"{at:g} s" for at in shown), "at the end", *SCORES.values()]
    lines = [
        f"# Quality for time on {data}",
        "",
        "Made by `benchmarks/quality.py`, which tells what a second is here. FID: Fréchet distance of 10,000 drawn",
        f"pictures to the held-out ones on {extractor.name} features (SHA-256 {extractor.hash[:12]}), comparable",
        "within this table only. Medians over the seeds, and from the lowest to the highest where there are several.",
        "",
        f"| {' | '.join(heads)} |",
        "|" + "---|" * len(heads),
    ]
    for name in names:
        own, end = [row for row in rows if row.model == name], ends[name]
        at = [spread([row for row in own if abs(row.seconds - second) < 0.05 * second + 1], "fid") for second in shown]
        last = f"{spread(end, 'fid')} ({statistics.median(row.seconds for row in end):.0f} s)" if end else ""
        cells = [title(name), str(len({row.seed for row in own})), *at, last, *(spread(end, key, 3) for key in SCORES)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def median(rows: list[Row], key: str) -> float:
    """Of one column; infinite where there are no rows, so that they come last."""
    return float(statistics.median([getattr(row, key) for row in rows] or [float("inf")]))


def spread(rows: list[Row], key: str, digits: int = 1) -> str:
    """Of one column the median, and lowest and highest where there are several."""
    values = [value for row in rows if (value := getattr(row, key)) is not None]
    if not values:
        return ""
    middle = f"{statistics.median(values):.{digits}f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def figure(rows: list[Row], names: list[str]) -> str:
    """Curves of FID against seconds as SVG: medians over the seeds."""
    lines = []
    for name, style in zip(names, STYLES, strict=False):
        times = sorted({nearest(row.seconds) for row in rows if row.model == name})
        at = [
            median([row for row in rows if row.model == name and nearest(row.seconds) == second], "fid")
            for second in times
        ]
        if times:
            lines.append(Line(title(name), np.array(times), np.array(at), style))
    return svg(Chart("FID", "seconds of two cores", lines, every_point=True, may_be_log=True))


def nearest(seconds: float) -> float:
    """The time of a look that was meant."""
    return min(LOOKS, key=lambda at: abs(at - seconds))
