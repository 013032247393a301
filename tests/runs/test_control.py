"""What a person can do with runs, and the queue, with real worker processes."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from genlab.runs import control
from genlab.runs.control import delete, pause, rename, resume, set_lr_scale, stop
from genlab.runs.orders import read_orders
from genlab.runs.status import LOCKS, Status, run_lock, write_status
from genlab.runs.store import Run, RunError, create_run, list_runs, open_run
from tests.helpers import BY_NAME, config

MODEL = BY_NAME["vae"]
LONG = config("vae", options=MODEL.options, steps=10**7)


@pytest.fixture
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "ensure_workers", lambda: None)


@pytest.mark.usefixtures("no_workers")
@pytest.mark.parametrize(("end", "state"), [(pause, "paused"), (stop, "stopped")])
@pytest.mark.parametrize("before", ["queued", "running"])
def test_a_run_that_waits_or_died_is_ended_at_once(end: Callable[[Run], None], state: str, before: str) -> None:
    run = create_run(LONG)
    write_status(run.path, Status(before, step=7))
    end(run)
    assert (run.status().state, run.status().step) == (state, 7)


@pytest.mark.usefixtures("no_workers")
@pytest.mark.parametrize("state", ["finished", "failed", "paused", "stopped"])
def test_ending_what_has_ended_changes_nothing(state: str) -> None:
    run = create_run(LONG)
    write_status(run.path, Status(state))
    stop(run)
    assert run.status().state == state


@pytest.mark.usefixtures("no_workers")
@pytest.mark.parametrize("before", ["paused", "stopped", "failed", "running"])
def test_resuming_queues_a_run_and_takes_back_the_order_to_end(before: str) -> None:
    run = create_run(LONG)
    set_lr_scale(run, 0.5)
    stop(run)
    write_status(run.path, Status(before, why="something", step=7))  # running without a process: died
    resume(run)
    status = run.status()
    assert (status.state, status.why, status.step) == ("queued", "", 7)
    assert (read_orders(run.path).command, read_orders(run.path).lr_scale) == ("run", 0.5)


@pytest.mark.usefixtures("no_workers")
@pytest.mark.parametrize("state", ["queued", "finished"])
def test_what_cannot_be_resumed_says_why(state: str) -> None:
    run = create_run(LONG)
    write_status(run.path, Status(state))
    with pytest.raises(RunError, match=f"This run is {state}; there is nothing to resume"):
        resume(run)


@pytest.mark.usefixtures("no_workers")
def test_a_run_that_is_being_trained_cannot_be_resumed_or_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "LOCK_SECONDS", 0.05)
    monkeypatch.setattr(control, "DELETE_SECONDS", 0.05)
    run = create_run(LONG)
    write_status(run.path, Status("running"))
    with run_lock(run.path):
        with pytest.raises(RunError, match="being trained"):
            resume(run)
        with pytest.raises(RunError, match="does not stop"):
            delete(run)
        pause(run)
        assert run.status().state == "running"
        assert read_orders(run.path).command == "pause"


@pytest.mark.parametrize("factor", [0.0, 1e3, float("nan"), -1.0])
def test_factors_that_are_refused(factor: float) -> None:
    with pytest.raises(RunError, match=r"between 0\.01 and 100"):
        set_lr_scale(create_run(LONG), factor)


def test_renaming() -> None:
    run = create_run(LONG)
    rename(run, "  数字 ")
    assert (run.title, open_run(run.id).title) == ("数字", "数字")
    with pytest.raises(RunError, match="1 to 80"):
        rename(run, " ")


@pytest.mark.usefixtures("no_workers")
def test_deleting_removes_all_and_a_stale_page_cannot_bring_it_back(own_home: Path) -> None:
    run, other = create_run(LONG), create_run(LONG)
    delete(run)
    assert [left.id for left in list_runs()] == [other.id]
    for act in (stop, pause, resume, delete, lambda run: rename(run, "x"), lambda run: set_lr_scale(run, 0.5)):
        with pytest.raises(RunError, match="was deleted"):
            act(run)
    left = sorted(path.name for path in (own_home / "runs").iterdir())
    assert left == sorted([LOCKS, ".last-number", ".number.lock", other.id])


def test_orders_given_at_once_are_all_kept() -> None:
    run = create_run(LONG)
    write_status(run.path, Status("finished"))
    threads = [threading.Thread(target=set_lr_scale, args=(run, 0.5)) for _ in range(4)]
    threads += [threading.Thread(target=stop, args=(run,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (read_orders(run.path).command, read_orders(run.path).lr_scale) == ("stop", 0.5)


def test_a_disk_that_refuses_ends_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    run = create_run(LONG)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(control, "atomic_write_json", full)
    monkeypatch.setattr(control, "write_orders", full)
    for act in (stop, lambda run: rename(run, "x"), lambda run: set_lr_scale(run, 0.5)):
        with pytest.raises(RunError, match=r"No space left on device\. Free some space"):
            act(run)


def test_where_no_lock_can_be_taken_resuming_ends_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    run = create_run(LONG)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    with pytest.raises(RunError, match="Read-only file system"):
        resume(run)
