"""The measured rows as lines of a table: one a model and the time it was given, all its seeds together."""

from __future__ import annotations

import csv
import math
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import streamlit as st

from genlab.evaluation import measured
from genlab.evaluation.measured import Row
from genlab.ui import words
from genlab.ui.errors import ToldError
from genlab.ui.i18n import t

if TYPE_CHECKING:
    from genlab.models.preset import Preset
    from genlab.plots.chart import Values

SCORES: Final = ("fid", "precision", "recall", "coverage", "memorised", "label_accuracy")
"""What the table shows of a row."""
PLAIN: Final = {"plain-gan": "gan", "plain-dcgan": "gan"}
"""The family of each of the loops that are not models of the lab."""


class File(NamedTuple):
    """The rows of a data set as they stood at a moment: written anew, they are others."""

    data: str
    path: str
    written: int


class RowsError(ToldError):
    """A file of rows is damaged; the message says which and what to do."""


@dataclass(frozen=True)
class Entrant:
    """One line of the table.

    Attributes
    ----------
    model
        A preset's key, or a key of :data:`PLAIN`.
    given
        Seconds of one core that it trained for.
    rows
        The looks at it, of all seeds; of each seed the last look is there.
    """

    model: str
    given: int
    rows: tuple[Row, ...]

    @property
    def key(self) -> str:
        """What the address calls it."""
        return f"{self.model}.{self.given}"

    @property
    def preset(self) -> Preset | None:
        """The preset of the lab that it is; None for a plain loop, and for a preset that is gone."""
        from genlab.models.presets import PRESETS

        return PRESETS.get(self.model)

    @property
    def family(self) -> str | None:
        """Key of its family; None where this version does not know it."""
        from genlab.models import MODELS

        return MODELS[self.preset.model].family if self.preset is not None else PLAIN.get(self.model)

    @property
    def title(self) -> str:
        """What it is called: as its model, where it is the model's first preset."""
        preset = self.preset
        if preset is not None:
            return words.model_title(preset.model) if preset.key == preset.model else words.preset_title(preset)
        return t(f"models.plain.{self.model}") if self.model in PLAIN else self.model

    @property
    def name(self) -> str:
        """What it is called, and the time it was given."""
        return f"{self.title} · {t('common.unit.seconds', n=self.given)}"

    @property
    def seeds(self) -> int:
        """Trainings that it was measured by."""
        return len({row.seed for row in self.rows})

    def ends(self, score: str) -> list[float]:
        """A score at the end of each training that has it, from the lowest."""
        found = (getattr(row, score) for row in self.rows if row.is_last)
        return sorted(value for value in found if value is not None)

    def median(self, score: str) -> float | None:
        """The middle of :meth:`ends`; None where no training has this score."""
        found = self.ends(score)
        return float(statistics.median(found)) if found else None

    @property
    def fid(self) -> float:
        """The middle of the FIDs at the end."""
        return float(statistics.median(self.ends("fid")))

    def curve(self) -> tuple[Values, Values]:
        """Seconds and FID at each look (N,): medians over the trainings, whose looks are at the same times."""
        trainings = [[row for row in self.rows if row.seed == seed] for seed in {row.seed for row in self.rows}]
        looks = [[row for row in look if row is not None] for look in zip_longest(*trainings)]
        medians = [
            [statistics.median(getattr(row, key) for row in look) for key in ("seconds", "fid")] for look in looks
        ]
        x, y = np.array(medians, np.float64).T
        return x, y

    def picture(self, data: str) -> tuple[bytes, Row] | None:
        """The PNG of what the training with seed 0 drew in the end, and its scores; None where there is no such."""
        row = next((row for row in self.rows if row.seed == 0 and row.is_last), None)
        path = measured.picture_file(data, self.model, self.given)
        return (path.read_bytes(), row) if row is not None and path.is_file() else None


def data_sets() -> list[str]:
    """Keys of the data sets that something was measured on."""
    from genlab.data import SOURCES

    return [name for name in SOURCES if measured.table_file(name).exists()]


def read(data: str) -> tuple[Entrant, ...]:
    """What was measured on a data set, the best FID first; none where nobody measured.

    Raises
    ------
    RowsError
        The file is damaged.
    """
    path = measured.table_file(data)
    try:
        return _read(File(data, str(path), path.stat().st_mtime_ns))
    except FileNotFoundError:
        return ()
    except (ValueError, TypeError, KeyError, OverflowError, OSError, csv.Error) as error:
        raise RowsError(t("models.damaged", file=path.name)) from error


@st.cache_resource(max_entries=16, show_spinner=False)
def _read(file: File, /) -> tuple[Entrant, ...]:
    lines: dict[tuple[str, int], list[Row]] = {}
    for row in sorted(measured.read(file.data), key=lambda row: row.seconds):
        _check(row)
        lines.setdefault((row.model, row.given), []).append(row)
    whole = {line: {row.seed for row in rows if row.is_last} for line, rows in lines.items()}
    found = [
        Entrant(*line, tuple(row for row in rows if row.seed in whole[line]))
        for line, rows in lines.items()
        if whole[line]
    ]
    if not found:
        raise ValueError("no training that ended")
    return tuple(sorted(found, key=lambda entrant: entrant.fid))


def _check(row: Row) -> None:
    numbers = [value for value in astuple(row) if isinstance(value, int | float)]
    if not (all(map(math.isfinite, numbers)) and row.seconds > 0 and row.fid > 0 and row.given > 0):
        raise ValueError(f"no measured row: {row}")


def usual_time(entrants: Iterable[Entrant]) -> int:
    """The seconds that most of these were given, the longest of several; there must be some."""
    counts = Counter(entrant.given for entrant in entrants)
    return max(counts, key=lambda given: (counts[given], given))


def of_model(entrants: Sequence[Entrant], model: str) -> Entrant | None:
    """The line that stands for a model: of its foremost preset, at the time that is most like the others'."""
    from genlab.models.presets import presets_for

    keys = [preset.key for preset in presets_for(model)]
    own = [entrant for entrant in entrants if entrant.model in keys]
    if not own:
        return None
    usual = usual_time(entrants)
    return min(own, key=lambda entrant: (keys.index(entrant.model), abs(math.log(entrant.given / usual))))
