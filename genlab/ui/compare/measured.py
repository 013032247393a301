"""Which scores may be held against each other, and which of those is the best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from genlab.evaluation.sheet import GOOD_END

if TYPE_CHECKING:
    from genlab.evaluation.sheet import ScoreSheet
    from genlab.ui.compare.gather import Entry


class Protocol(NamedTuple):
    """All that must be alike for scores to be compared; the seed only chooses among pictures of one model."""

    data: str
    extractor_hash: str
    n: int
    n_real: int
    split: str


class Measured(NamedTuple):
    """A sheet and the run whose pictures it is about."""

    entry: Entry
    sheet: ScoreSheet

    @property
    def protocol(self) -> Protocol:
        sheet = self.sheet
        return Protocol(self.entry.config.data, sheet.extractor_hash, sheet.n, sheet.n_real, sheet.split)


def all_sheets(entries: Iterable[Entry]) -> list[Measured]:
    """Every sheet of every run."""
    return [Measured(entry, sheet) for entry in entries for sheet in entry.sheets]


def newest(entry: Entry) -> Measured | None:
    """What a run's row in the table shows: the full sheet of its highest step, else the quick one."""
    kinds = {sheet.kind: sheet for sheet in entry.sheets}  # sheets come by step: the last of each kind stays
    sheet = kinds.get("full", kinds.get("quick"))
    return Measured(entry, sheet) if sheet is not None else None


def shown_protocols(entries: Iterable[Entry]) -> list[Protocol]:
    """How the scores of the table were made, once each."""
    return list(dict.fromkeys(row.protocol for row in map(newest, entries) if row is not None))


def groups(entries: Sequence[Entry]) -> dict[Protocol, list[Measured]]:
    """Sheets that were made alike: first those of the table, then those with most runs and sheets."""
    shown = shown_protocols(entries)
    found: dict[Protocol, list[Measured]] = {protocol: [] for protocol in shown}
    for row in all_sheets(entries):
        found.setdefault(row.protocol, []).append(row)

    def weight(protocol: Protocol) -> tuple[bool, int, int]:
        rows = found[protocol]
        return protocol in shown, len({row.entry.key for row in rows}), len(rows)

    return {protocol: found[protocol] for protocol in sorted(found, key=weight, reverse=True)}


def best(rows: Iterable[Measured], score: str) -> Measured | None:
    """The row with the best of a score, among rows made alike; None where none has it, or it has no good end."""
    having = [row for row in rows if score in row.sheet.scores and GOOD_END[score] is not None]
    pick = min if GOOD_END[score] == "low" else max
    return pick(having, key=lambda row: row.sheet.scores[score], default=None)


def marked(entries: Iterable[Entry]) -> set[tuple[str, str]]:
    """Run and score of each cell of the table that is the best of its kind.

    A score is the best only among those of two runs or more that were made alike.
    """
    rows = [row for row in map(newest, entries) if row is not None]
    stars = set()
    for protocol in dict.fromkeys(row.protocol for row in rows):
        alike = [row for row in rows if row.protocol == protocol]
        for score in GOOD_END:
            if sum(score in row.sheet.scores for row in alike) >= 2 and (winner := best(alike, score)) is not None:
                stars |= {
                    (row.entry.key, score) for row in alike if row.sheet.scores.get(score) == winner.sheet.scores[score]
                }
    return stars


def letter(i: int) -> str:
    """What the i-th way of measuring is called: A to Z, then numbers."""
    return chr(ord("A") + i) if i < 26 else str(i + 1)


def floors(rows: Iterable[Measured], score: str) -> tuple[float, float] | None:
    """The lowest and the highest floor of a score among sheets made alike; None where none has one."""
    found = [row.sheet.floor[score] for row in rows if score in row.sheet.floor]
    return (min(found), max(found)) if found else None
