"""The runs as rows: for the screen, for the report, and as CSV."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from csv import DictWriter
from typing import TYPE_CHECKING, Any, Final

from genlab.evaluation.sheet import GOOD_END
from genlab.ui import words
from genlab.ui.compare import protocols, settings
from genlab.ui.compare.measured import marked, newest, shown_protocols
from genlab.ui.i18n import t
from genlab.ui.text import count, duration

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style import Styler

    from genlab.ui.compare.gather import Entry
    from genlab.ui.compare.measured import Measured, Protocol

BEST: Final = "★"
NOTHING: Final = "–"
ARROWS: Final = {"low": "↓", "high": "↑"}
FACTS: Final[dict[str, Callable[[Any], str]]] = {
    "seconds": duration,
    "steps": count,
    "images": count,
    "speed": count,
    "parameters": count,
    "scored_step": count,
}
"""How numbers that are no scores are written."""


def heading(name: str) -> str:
    """What a column is called; an arrow says which end of a score is the good one."""
    if name not in GOOD_END:
        return t(f"compare.column.{name}")
    return " ".join([t(f"compare.score.{name}"), ARROWS.get(GOOD_END[name] or "", "")]).strip()


def frame(entries: Sequence[Entry]) -> pd.DataFrame:
    """The table of the screen: a row a run, a column a fact, its numbers as numbers so that they sort."""
    import pandas as pd

    letters = protocols.letters(entries)
    rows = [{**_facts(entry), **_scored(newest(entry), letters)} for entry in entries]
    having = [score for score in GOOD_END if any(score in row for row in rows)]
    columns = ["run", *having, *(["measured", "scored_step"] if having else [])]
    columns += ["seconds", "steps", "images", "speed", "parameters", "model", "data", "preset", "state"]
    return pd.DataFrame(rows, columns=columns)


def _facts(entry: Entry) -> dict[str, object]:
    return {
        "run": f"{entry.style.sign} {entry.title}",
        "model": words.model_title(entry.config.model),
        "data": entry.data,
        "preset": settings.preset_title(entry.config),
        "seconds": entry.status.seconds,
        "steps": entry.status.step,
        "images": entry.images,
        "speed": entry.speed,
        "parameters": entry.parameters,
        "state": t(f"common.state.{entry.status.state}"),
    }


def _scored(row: Measured | None, letters: dict[Protocol, str]) -> dict[str, object]:
    if row is None:
        return {}
    sheet = row.sheet
    how = t("compare.measured_how", letter=letters[row.protocol], kind=t(f"compare.kinds.{sheet.kind}"))
    return {**sheet.scores, "measured": how, "scored_step": sheet.step}


def cells(entries: Sequence[Entry], table: pd.DataFrame) -> list[list[str]]:
    """The table as text, cell by cell: the best marked, and each score with its letter where there are several."""
    stars = marked(entries)
    several = len(shown_protocols(entries)) > 1
    letters = protocols.letters(entries)
    rows = []
    for entry, (_, row) in zip(entries, table.iterrows(), strict=True):
        measured = newest(entry)
        before = f"{letters[measured.protocol]} · " if measured is not None and several else ""
        texts = []
        for name in table.columns:
            value = row[name]
            if name in GOOD_END and measured is not None and name in measured.sheet.scores:
                best = f"{BEST} " if (entry.key, name) in stars else ""
                error = f" ± {measured.sheet.scores['kid_error']:.2g}" if _has_error(name, measured) else ""
                texts.append(f"{before}{best}{protocols.score_text(name, value)}{error}")
            else:
                texts.append(_fact(name, value))
        rows.append(texts)
    return rows


def _has_error(score: str, row: Measured) -> bool:
    return score == "kid" and "kid_error" in row.sheet.scores


def _fact(name: str, value: Any) -> str:
    if value is None or value != value:  # NaN
        return NOTHING
    return FACTS[name](value) if name in FACTS else str(value)


def styled(entries: Sequence[Entry], table: pd.DataFrame) -> Styler:
    """The table with its texts in place of its numbers, which still sort as numbers."""
    style = table.style.format({name: told for name, told in FACTS.items() if name in table}, na_rep=NOTHING)
    for i, texts in enumerate(cells(entries, table)):
        for name, told in zip(table.columns, texts, strict=True):
            if name in GOOD_END:
                style = style.format(_always(told), subset=([i], [name]))
                if BEST in told:
                    style = style.set_properties(subset=([i], [name]), **{"font-weight": "bold"})
    return style


def notes(entries: Sequence[Entry]) -> list[str]:
    """What has to be known to read the table's scores."""
    shown = shown_protocols(entries)
    told = [t("compare.several_protocols", n=len(shown), best=BEST)] if len(shown) > 1 else []
    if len(shown) == 1:
        rows = [row for row in map(newest, entries) if row is not None]
        told.append(protocols.told(rows))
        told += [t("compare.best_marked", best=BEST)] if len(rows) > 1 else []
    return told


def _always(told: str) -> Callable[[object], str]:
    return lambda _: told


def differences(entries: Sequence[Entry]) -> tuple[list[str], list[list[str]]]:
    """Header and rows of the settings that differ; a dash where a model has no such setting."""
    found = settings.differing(entries)
    header = [t("compare.column.run"), *(settings.label(name, entries) for name in found)]
    rows = []
    for entry in entries:
        own = settings.of(entry.config)
        values = [settings.shown(name, own[name]) if name in own else NOTHING for name in found]
        rows.append([f"{entry.style.sign} {entry.title}", *values])
    return header, rows


def csv(entries: Sequence[Entry]) -> bytes:
    """The table for other programs: plain numbers, names in English, and what every score was measured with."""
    found = settings.differing(entries)
    rows: list[dict[str, object]] = []
    for entry in entries:
        row: dict[str, object] = {
            "run": entry.run.name, "title": entry.title, "data": entry.config.data, "model": entry.config.model,
            "preset": entry.config.preset, "state": entry.status.state, "steps": entry.status.step,
            "images": entry.images, "seconds": entry.status.seconds, "images_per_second": entry.speed,
            "parameters": entry.parameters,
        }  # fmt: skip
        own = settings.of(entry.config)
        row |= {f"setting.{name}": own.get(name) for name in found}
        if (measured := newest(entry)) is not None:
            sheet = measured.sheet
            row |= {name: sheet.scores[name] for name in (*GOOD_END, "kid_error") if name in sheet.scores}
            row |= {f"floor.{name}": sheet.floor[name] for name in GOOD_END if name in sheet.floor}
            row |= {name: getattr(sheet, name) for name in ("kind", "extractor", "extractor_hash", "n", "n_real")}
            row |= {"split": sheet.split, "seed": sheet.seed, "scored_step": sheet.step}
        rows.append({name: _plain(value) for name, value in row.items()})
    file = io.StringIO(newline="")
    writer = DictWriter(file, dict.fromkeys(name for row in rows for name in row))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode("utf-8-sig")  # by whose mark spreadsheets know Chinese


def _plain(value: object) -> object:
    """A text that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
