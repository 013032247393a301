"""How scores were measured, in words: no score is shown without them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from genlab.evaluation.sheet import GOOD_END
from genlab.ui.compare.gather import one_line
from genlab.ui.compare.measured import Protocol, floors, groups, letter
from genlab.ui.i18n import t
from genlab.ui.text import count

if TYPE_CHECKING:
    from genlab.ui.compare.gather import Entry
    from genlab.ui.compare.measured import Measured

PER_CENT: Final = ("precision", "recall", "coverage", "balance", "label_accuracy")
HASH_SHOWN: Final = 12
SEEDS_SHOWN: Final = 8


def score_text(score: str, value: float) -> str:
    """A score as it is shown: shares in per cent, all others in four digits."""
    return f"{value:.1%}" if score in PER_CENT else f"{value:.4g}"


def floor_text(rows: Sequence[Measured], score: str) -> str:
    """The floor of a score, from the lowest to the highest where seeds gave several; a dash where there is none."""
    found = floors(rows, score)
    return "–".join(dict.fromkeys(score_text(score, value) for value in found)) if found is not None else "–"


def letters(entries: Sequence[Entry]) -> dict[Protocol, str]:
    """A letter for each way in which any sheet of these runs was measured."""
    return {protocol: letter(i) for i, protocol in enumerate(groups(entries))}


def identify(protocol: Protocol) -> str:
    """A protocol as the address names it."""
    return f"{protocol.data}-{_hash(protocol)}-{protocol.n}-{protocol.n_real}-{protocol.split}"


def _hash(protocol: Protocol) -> str:
    return one_line(protocol.extractor_hash[:HASH_SHOWN])


def name(rows: Sequence[Measured], i: int) -> str:
    """A short name of the i-th way of measuring, for a list to choose from."""
    protocol = rows[0].protocol
    return t(
        "compare.measured_short", letter=letter(i), data=rows[0].entry.data, n=count(protocol.n),
        real=count(protocol.n_real), split=t(f"compare.splits.{protocol.split}"),
    )  # fmt: skip


def _seeds(rows: Sequence[Measured]) -> str:
    return ", ".join(f"{seed:.10g}" for seed in sorted({row.sheet.seed for row in rows})[:SEEDS_SHOWN])


def told(rows: Sequence[Measured], scores: Iterable[str] = GOOD_END) -> str:
    """How sheets that were made alike were made, in a sentence or two; with the floors of these scores."""
    protocol = rows[0].protocol
    named = [score for score in scores if floors(rows, score) is not None]
    floor = ", ".join(f"{t(f'compare.score.{score}')} {floor_text(rows, score)}" for score in named)
    return t(
        "compare.measured_with", extractor=one_line(rows[0].sheet.extractor), hash=_hash(protocol),
        n=count(protocol.n), real=count(protocol.n_real), split=t(f"compare.splits.{protocol.split}"),
        data=rows[0].entry.data, seeds=_seeds(rows), floor=floor or "–",
    )  # fmt: skip


def table(entries: Sequence[Entry]) -> tuple[list[str], list[list[str]]]:
    """Header and rows that say how the scores were measured: one row for those that may be compared."""
    found = groups(entries)
    having = [score for score in GOOD_END if any(floors(rows, score) is not None for rows in found.values())]
    header = [t(f"compare.protocol.{name}") for name in ("letter", "data", "extractor", "hash", "n", "real", "seeds")]
    header += [t("compare.protocol.floor", score=t(f"compare.score.{score}")) for score in having]
    rows = []
    for i, (protocol, sheets) in enumerate(found.items()):
        real = f"{count(protocol.n_real)} · {t(f'compare.splits.{protocol.split}')}"
        how = [
            one_line(sheets[0].sheet.extractor),
            one_line(protocol.extractor_hash[:HASH_SHOWN]),
            count(protocol.n),
            real,
        ]
        rows.append([letter(i), sheets[0].entry.data, *how, _seeds(sheets), *(floor_text(sheets, s) for s in having)])
    return header, rows
