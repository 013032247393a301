from dataclasses import replace
from pathlib import Path

import pytest

from genlab.evaluation.sheet import ScoreSheet
from genlab.runs.scores import SCORES_FILE, append_scores, best, read_scores

SHEET = ScoreSheet(100, "quick", "digits", "ab12", 2000, 359, "test", 0, {"fid": 3.0}, {"fid": 0.2}, 1.0, 2.0)


def test_what_is_written_is_read_by_step(tmp_path: Path) -> None:
    sheets = [replace(SHEET, step=step) for step in (300, 100, 200)]
    for sheet in sheets:
        append_scores(tmp_path, sheet)
    assert read_scores(tmp_path) == sorted(sheets, key=lambda sheet: sheet.step)


def test_a_run_without_scores_has_none(tmp_path: Path) -> None:
    assert read_scores(tmp_path) == []
    assert best([]) is None


@pytest.mark.parametrize(
    "line",
    [
        b"{", b"[]", b"null", b"{}", b'{"step": 1}', b"\xff\xfe", b'{"step": NaN}',
        (b'{"step": 1, "kind": "half", "extractor": "a", "extractor_hash": "b", "n": 1, "n_real": 1, "split": "test",'
         b' "seed": 0, "scores": {}, "floor": {}, "created": 0, "cost_seconds": 0}'),
        (b'{"step": 1, "kind": "full", "extractor": "a", "extractor_hash": "b", "n": 1, "n_real": 1, "split": "test",'
         b' "seed": 0, "scores": {"fid": "low"}, "floor": {}, "created": 0, "cost_seconds": 0}'),
    ],
)  # fmt: skip
def test_a_line_that_makes_no_sense_is_left_out_and_costs_no_other(tmp_path: Path, line: bytes) -> None:
    append_scores(tmp_path, SHEET)
    with open(tmp_path / SCORES_FILE, "ab") as file:
        file.write(line)  # and no end: whoever wrote it died
    append_scores(tmp_path, replace(SHEET, step=200))
    assert [sheet.step for sheet in read_scores(tmp_path)] == [100, 200]


def test_the_best_is_the_lowest_of_its_kind() -> None:
    full = replace(SHEET, kind="full", scores={"fid": 2.0})
    low = replace(SHEET, scores={"fid": 1.0})
    without = replace(SHEET, scores={})
    assert best([SHEET, full, low, without]) == low
    assert best([SHEET, full, low], kind="full") == full
    assert best([without]) is None
