"""Trainings that wait for room on the disk, told of by a disk that only seems to be full."""

import errno
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from genlab.runs import disk, recorder, worker
from genlab.runs.disk import NO_ROOM, WAITS
from genlab.runs.session import Session
from genlab.runs.status import Status, run_lock
from genlab.runs.store import Run, create_run
from genlab.settings import settings
from tests.helpers import BY_NAME, config, train_run

CONFIG = config("vae", options=BY_NAME["vae"].options, steps=40)
MB = 10**6


@pytest.fixture(autouse=True)
def hundred(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Of the disk 100 MB are left alone, and nobody sleeps."""
    monkeypatch.setenv("GENLAB_LIMITS__FREE_MEGABYTES", "100")
    settings.cache_clear()
    monkeypatch.setattr(disk, "LOOK_SECONDS", 0.0)
    yield
    settings.cache_clear()


def looks(monkeypatch: pytest.MonkeyPatch, *megabytes: int) -> list[int]:
    """Let the disk have so much room at each look, and the last of them from then on; what is still to be seen."""
    left = list(megabytes)
    monkeypatch.setattr(disk, "free_bytes", lambda: (left.pop(0) if len(left) > 1 else left[0]) * MB)
    return left


def weights(run: Run) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in run.checkpoints()[-1][1].glob("*.safetensors")}


def trained(run: Run) -> list[Status]:
    """All that is told of a run while it is trained."""
    told: list[Status] = []
    with run_lock(run.path):
        Session(run, told.append).train()
    return told


def test_what_is_free_can_be_asked_before_there_is_a_folder(own_home: Path) -> None:
    assert disk.free_bytes() > 0
    assert not own_home.exists()


@pytest.mark.parametrize(("free", "low"), [(99, True), (100, False), (101, False)])
def test_the_least(monkeypatch: pytest.MonkeyPatch, free: int, low: bool) -> None:
    looks(monkeypatch, free)
    assert disk.is_low() == low


def test_below_the_least_a_training_waits_until_there_is_clearly_more(
    monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    whole, _ = train_run(CONFIG)
    run = create_run(CONFIG)
    left = looks(monkeypatch, 500, 99, 50, 101, 119, 121, 500)
    told = trained(run)
    assert left == [500]
    waits = [status for status in told if status.note == WAITS]
    assert [(status.state, status.why) for status in waits] == [("running", NO_ROOM)]
    after = told[told.index(waits[0]) + 1]
    assert (after.state, after.note, after.why) == ("running", "", "")
    assert told[-1].state == "finished"
    assert weights(run) == weights(whole)


def test_the_time_that_it_waits_is_no_time_of_training(monkeypatch: pytest.MonkeyPatch) -> None:
    patience = disk.Patience()
    now = iter([10.0, 70.0, 75.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(now))
    looks(monkeypatch, 50, 500)
    done: list[int] = []
    patience.write(lambda: done.append(1))
    assert (done, patience.waited, patience.clock()) == ([1], 60.0, 15.0)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("name", ["save_checkpoint", "append_metrics", "atomic_write_bytes"])
def test_what_the_disk_refuses_is_written_later(
    monkeypatch: pytest.MonkeyPatch, quick: None, name: str, code: int
) -> None:
    whole, _ = train_run(CONFIG)
    run = create_run(CONFIG)
    write, calls = getattr(recorder, name), []

    def refuse(*arguments: Any) -> None:
        calls.append(1)
        if len(calls) in (1, 2):
            raise OSError(code, "No room")
        write(*arguments)

    monkeypatch.setattr(recorder, name, refuse)
    told = trained(run)
    assert sum(status.note == WAITS for status in told) == 2
    assert told[-1].state == "finished"
    assert weights(run) == weights(whole)
    assert run.metrics()["step"].iloc[-1] == 40
    assert run.metrics().drop(columns=["seconds"]).iloc[-1].notna().all()


def test_another_refusal_is_an_error() -> None:
    def refuse() -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with pytest.raises(PermissionError):
        disk.Patience().write(refuse)


def test_where_someone_asks_for_the_end_nobody_waits() -> None:
    def refuse() -> None:
        raise OSError(errno.ENOSPC, "No room")

    with pytest.raises(OSError, match="No room"):
        disk.Patience(is_over=lambda: True).write(refuse)


def test_a_shutdown_while_it_waits_puts_it_back_into_the_queue(monkeypatch: pytest.MonkeyPatch, quick: None) -> None:
    run = create_run(CONFIG)

    def refuse(*_: Any) -> None:
        session.interrupted = "queued"
        raise OSError(errno.ENOSPC, "No room")

    monkeypatch.setattr(recorder, "save_checkpoint", refuse)
    with run_lock(run.path):
        session = Session(run, from_queue=True)
        assert session.train().state == "queued"


def test_the_queue_begins_nothing_until_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genlab.training.device.be_nice", lambda: None)
    run = create_run(CONFIG)
    seen = []

    def sleep(_: float) -> None:
        seen.append(run.status().state)
        if len(seen) == 3:
            looks(monkeypatch, 500)

    looks(monkeypatch, 99)
    monkeypatch.setattr(worker.time, "sleep", sleep)
    worker.work(linger=0.0)
    assert seen[:3] == ["queued"] * 3
    assert run.status().state == "finished"


APPENDING = """
import resource, signal, sys
from pathlib import Path
from genlab.runs.jsonl import append_line
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
path = Path(sys.argv[1])
try:
    for step in range(100):
        append_line(path, {"step": step})
except OSError:
    print(step)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such limit")
def test_a_line_is_added_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    done = subprocess.run([sys.executable, "-c", APPENDING, path], capture_output=True, text=True, check=True)
    lines = path.read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == list(range(int(done.stdout)))
    assert 5 < len(lines) < 10
