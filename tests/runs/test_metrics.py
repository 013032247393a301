"""Curves on disk."""

from pathlib import Path

import pytest

from genlab.runs.metrics import LEADING, METRICS_FILE, append_metrics, read_metrics


def row(step: int, **more: float) -> dict[str, float]:
    return {"step": step, "images": step * 16, "seconds": step / 10, "images_per_second": 5.0, "lr_scale": 1.0, **more}


def test_a_run_without_curves_has_an_empty_table(tmp_path: Path) -> None:
    table = read_metrics(tmp_path)
    assert list(table.columns) == LEADING
    assert table.empty


def test_what_is_appended_is_read(tmp_path: Path) -> None:
    append_metrics(tmp_path, row(1, **{"critic/loss": 0.5}))
    append_metrics(tmp_path, row(2, **{"critic/loss": 0.25, "critic/R1": 3.0}))
    table = read_metrics(tmp_path)
    assert list(table.columns) == [*LEADING, "critic/loss", "critic/R1"]
    assert table["step"].tolist() == [1, 2]
    assert table["critic/loss"].tolist() == [0.5, 0.25]
    assert table["critic/R1"].isna().tolist() == [True, False]


def test_lines_that_are_no_metrics_are_left_out(tmp_path: Path) -> None:
    lines = [
        b'{"step": 1, "a": 1.0}',
        b"",
        b"garbage",
        b"\xff\xfe",
        b"[1, 2]",
        b'{"a": 1.0}',
        b'{"step": "2"}',
        b'{"step": 2.5}',
        b'{"step": 2, "a": NaN}',
        b'{"step": 2, "a": Infinity}',
        b'{"step": 2, "a": "x"}',
        b'{"step": 2, "a": null}',
        b'{"step": 2, "a": 1' + b"0" * 400 + b"}",
        b'{"step": true}',
        b'{"step": 3, "a": 2}',
        b'{"step": 4, "a": 1.',
    ]
    (tmp_path / METRICS_FILE).write_bytes(b"\n".join(lines))
    table = read_metrics(tmp_path)
    assert table["step"].tolist() == [1, 3]
    assert table["a"].tolist() == [1.0, 2.0]


def test_a_line_cut_short_spoils_neither_what_was_nor_what_comes(tmp_path: Path) -> None:
    append_metrics(tmp_path, row(1))
    append_metrics(tmp_path, row(2))
    path = tmp_path / METRICS_FILE
    path.write_bytes(path.read_bytes()[:-9])
    assert read_metrics(tmp_path)["step"].tolist() == [1]
    append_metrics(tmp_path, row(3))
    assert read_metrics(tmp_path)["step"].tolist() == [1, 3]


def test_going_back_to_an_earlier_step_drops_what_was_after_it(tmp_path: Path) -> None:
    for step, value in ((10, 1.0), (20, 2.0), (30, 3.0), (20, 4.0), (25, 5.0)):
        append_metrics(tmp_path, row(step, loss=value))
    table = read_metrics(tmp_path)
    assert table["step"].tolist() == [10, 20, 25]
    assert table["loss"].tolist() == [1.0, 4.0, 5.0]
    assert table["step"].is_monotonic_increasing


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_no_line_holds_what_other_readers_refuse(tmp_path: Path, value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        append_metrics(tmp_path, row(1, loss=value))
