"""What the models of the lab were measured to reach: rows and pictures that ``benchmarks/quality.py`` leaves here.

``<data>.csv`` has a row a look at a training; ``<data>-<model>-<seconds>.png`` shows what it drew in the end.
"""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Row:
    """One look at one training.

    Attributes
    ----------
    model
        A preset's key, or ``plain-gan`` and ``plain-dcgan``, the loops of the well-known example scripts.
    given
        Seconds of one core that it trained for in the end.
    seconds
        Those that it had trained for at the look.
    images
        Pictures it had seen by then.
    fid
        Fréchet distance of 10,000 drawn pictures to the held-out ones, on the features of the data's classifier.
    precision, recall, coverage, memorised, label_accuracy
        The other scores, at the last look only; the last one for models that are asked for a class.
    """

    model: str
    seed: int
    given: int
    seconds: float
    images: int
    fid: float
    precision: float | None = None
    recall: float | None = None
    coverage: float | None = None
    memorised: float | None = None
    label_accuracy: float | None = None

    @property
    def is_last(self) -> bool:
        """Whether the training was over, and all scores were taken."""
        return self.precision is not None


def table_file(data: str) -> Path:
    """Where the rows of a data set are."""
    return FOLDER / f"{data}.csv"


def picture_file(data: str, model: str, given: int) -> Path:
    """Where the picture of an entrant is."""
    return FOLDER / f"{data}-{model}-{given}.png"


def read(data: str) -> list[Row]:
    """The rows of a data set, in the order they were measured; none where nobody measured."""
    path = table_file(data)
    if not path.exists():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return [_row(entry) for entry in csv.DictReader(file)]


def _row(entry: dict[str, str]) -> Row:
    values: dict[str, Any] = {key: float(text) for key, text in entry.items() if text and key != "model"}
    whole = {key: int(values[key]) for key in ("seed", "given", "images")}
    return Row(**{**values, **whole, "model": entry["model"]})


def append(data: str, rows: list[Row]) -> None:
    """Add rows to those of a data set."""
    path = table_file(data)
    fresh = not path.exists()
    with open(path, "a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        if fresh:
            writer.writeheader()
        writer.writerows(asdict(row) for row in rows)
