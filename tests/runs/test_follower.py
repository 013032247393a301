"""Following the curves of a run that grows, goes back to a checkpoint, or is damaged."""

import json
from pathlib import Path

import pytest

from genlab.runs.metrics import Follower


def line(step: int, **values: float) -> str:
    return json.dumps({"step": step, **values}) + "\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "metrics.jsonl"


def steps(follower: Follower) -> list[float]:
    return [row["step"] for row in follower.rows()]


def test_only_what_is_new_is_read(file: Path) -> None:
    follower = Follower(file)
    assert follower.rows() == []
    file.write_text(line(1) + line(2))
    assert steps(follower) == [1, 2]
    with open(file, "a") as out:
        out.write(line(3))
    # What was read before is not looked at again, not even if it is gone by now.
    file.write_bytes(b"x" * len(line(1) + line(2)) + line(3).encode())
    assert steps(follower) == [1, 2, 3]


def test_a_line_that_is_being_written_waits(file: Path) -> None:
    follower = Follower(file)
    whole = line(2)
    file.write_text(line(1) + whole[:5])
    assert steps(follower) == [1]
    file.write_text(line(1) + whole)
    assert steps(follower) == [1, 2]


def test_a_resumed_run_overwrites_what_it_does_again(file: Path) -> None:
    file.write_text(line(10) + line(20) + line(30) + line(20, loss=2.0) + line(40))
    follower = Follower(file)
    assert steps(follower) == [10, 20, 40]
    assert follower.rows()[1]["loss"] == 2.0


def test_damaged_lines_are_left_out(file: Path) -> None:
    file.write_text(line(1) + '{"step": 2, "lo\n' + "[]\n" + '{"loss": 1}\n' + '{"step": "x"}\n' + line(3))
    assert steps(Follower(file)) == [1, 3]


def test_a_file_that_began_anew_is_read_anew(file: Path) -> None:
    follower = Follower(file)
    file.write_text(line(1) + line(2) + line(3))
    assert steps(follower) == [1, 2, 3]
    file.write_text(line(7))
    assert steps(follower) == [7]
    file.unlink()
    assert steps(follower) == []
