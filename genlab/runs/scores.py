"""``evaluation.jsonl``: one line a score sheet, appended and never rewritten."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, get_args

from genlab.evaluation.sheet import Kind, ScoreSheet
from genlab.runs.jsonl import append_line, is_number

SCORES_FILE = "evaluation.jsonl"


def append_scores(folder: Path, sheet: ScoreSheet) -> None:
    """Add one sheet to the run in `folder`."""
    append_line(folder / SCORES_FILE, asdict(sheet))


def read_scores(folder: Path) -> list[ScoreSheet]:
    """The sheets of a run, by step and then as they were written; lines that make no sense are left out."""
    try:
        lines = (folder / SCORES_FILE).read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    sheets = [sheet for line in lines if (sheet := _parse(line)) is not None]
    return sorted(sheets, key=lambda sheet: sheet.step)


def best(sheets: list[ScoreSheet], score: str = "fid", kind: Kind | None = None) -> ScoreSheet | None:
    """The sheet with the lowest of a score that is better low, such as ``fid``; None where none has it."""
    having = [sheet for sheet in sheets if score in sheet.scores and kind in (None, sheet.kind)]
    return min(having, key=lambda sheet: sheet.scores[score], default=None)


def _parse(line: bytes) -> ScoreSheet | None:
    try:
        values: Any = json.loads(line)
        sheet = ScoreSheet(**{entry.name: values[entry.name] for entry in fields(ScoreSheet)})
    except (ValueError, KeyError, TypeError):
        return None
    numbers = (sheet.step, sheet.n, sheet.n_real, sheet.seed, sheet.created, sheet.cost_seconds)
    texts = (sheet.extractor, sheet.extractor_hash)
    if sheet.kind not in get_args(Kind) or sheet.split not in ("train", "test"):
        return None
    if not all(map(is_number, numbers)) or not all(isinstance(text, str) for text in texts):
        return None
    tables = (sheet.scores, sheet.floor)
    return sheet if all(isinstance(table, dict) and all(map(is_number, table.values())) for table in tables) else None
