"""The queue and those who work it off, in this process and in others."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from filelock import FileLock

from genlab.runs import control, worker
from genlab.runs.control import delete, pause, rename, resume, set_lr_scale, start, stop
from genlab.runs.recorder import RESUMABLE_KEPT
from genlab.runs.status import run_lock
from genlab.runs.store import LOG_FILE, Run, RunError, create_run, list_runs
from genlab.runs.worker import ensure_workers, slots, work
from genlab.training.checkpoint import is_resumable
from tests.helpers import BY_NAME, config, train_run, wait_until
from tests.runs.conftest import Spawn

MODEL = BY_NAME["vae"]
LONG = config("vae", options=MODEL.options, steps=10**7)


def short(steps: int = 5) -> Run:
    return create_run(config("vae", options=MODEL.options, steps=steps))


def trainings(run: Run) -> int:
    """How often the run was begun, as its log tells."""
    return (run.path / LOG_FILE).read_text().count("Training vae on")


# --- the queue, in this process ---


@pytest.mark.parametrize("text", ["0", "65", "two", "", "-1", "²"])
def test_a_number_of_workers_that_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("GENLAB_WORKERS", text)
    with pytest.raises(RunError, match="whole number from 1 to 64"):
        slots()


@pytest.fixture
def at_full_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that works off the queue steps back for others; the one that runs the tests must not."""
    monkeypatch.setattr("genlab.training.device.be_nice", lambda: None)


@pytest.mark.usefixtures("at_full_priority")
def test_the_queue_is_worked_off_oldest_first() -> None:
    runs = [short() for _ in range(3)]
    (runs[1].path / "config.json").write_text("broken")
    work(linger=0.0)
    assert [run.status().state for run in runs] == ["finished", "failed", "finished"]
    assert runs[0].status().updated < runs[2].status().updated


def test_a_run_deleted_while_it_is_claimed_does_not_end_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = short(), short()
    queued = worker.queued()
    shutil.rmtree(first.path)
    monkeypatch.setattr(worker, "queued", lambda: queued)
    assert worker.train_next(set())
    assert second.status().state == "finished"
    assert not first.path.exists()


def test_a_run_whose_status_cannot_be_written_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def full(folder: Path, _: object) -> None:
        tried.append(folder)
        raise OSError(28, "No space left on device")

    broken, good = short(), short()
    monkeypatch.setattr("genlab.runs.session.write_status", full)
    given_up: set[str] = set()
    assert worker.train_next(given_up)
    assert given_up == {broken.id}
    monkeypatch.undo()
    monkeypatch.setenv("GENLAB_HOME", str(good.path.parent.parent))
    assert worker.train_next(given_up)
    assert not worker.train_next(given_up)
    assert (broken.status().state, good.status().state) == ("queued", "finished")


def test_where_nothing_can_be_written_who_waits_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    create_run(LONG)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    with pytest.raises(RunError, match=r"Read-only file system\. See that it can be written"):
        ensure_workers()


@pytest.mark.usefixtures("at_full_priority")
def test_a_slot_is_free_again_after_its_work() -> None:
    short()
    work(linger=0.0)
    assert not any(worker._is_taken(lock) for lock in worker._slot_locks())


def test_a_run_that_another_process_holds_is_left_alone() -> None:
    run = short()
    with run_lock(run.path):
        assert not worker.train_next(set())
    assert run.status().state == "queued"


def test_no_worker_is_started_for_an_empty_queue_or_beyond_the_slots(
    monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    spawned = []
    monkeypatch.setattr(worker, "_started", [])
    monkeypatch.setattr(worker, "_spawn", lambda: spawned.append(subprocess.Popen(["sleep", "30"])) or spawned[-1])
    ensure_workers()
    assert not spawned
    assert not own_home.exists()
    create_run(LONG)
    ensure_workers()
    ensure_workers()  # the first is still starting
    assert len(spawned) == 1
    monkeypatch.setenv("GENLAB_WORKERS", "2")
    ensure_workers()
    ensure_workers()
    assert len(spawned) == 2
    for process in spawned:
        process.kill()
        process.wait()
    taken = worker._slot_locks()
    with taken[0].acquire(), taken[1].acquire():
        ensure_workers()
    assert len(spawned) == 2


# --- real worker processes ---


def test_several_workers_never_train_a_run_twice(spawn: Spawn) -> None:
    runs = [short() for _ in range(8)]
    processes = [spawn(GENLAB_WORKERS="2") for _ in range(3)]
    assert [process.wait(120) for process in processes] == [0, 0, 0]
    assert {run.status().state for run in runs} == {"finished"}
    assert [trainings(run) for run in runs] == [1] * 8


def test_killed_between_checkpoints_a_run_ends_in_the_weights_of_an_uninterrupted_one(spawn: Spawn) -> None:
    asked = config("vae", options={**MODEL.options, "ema_halflife": 500}, steps=3000)
    whole, _ = train_run(asked)
    run = create_run(asked)
    process = spawn()
    wait_until(lambda: len(run.checkpoints()) > RESUMABLE_KEPT and run.status().step > run.checkpoints()[-1][0])
    process.kill()
    process.wait()
    died = run.status()
    assert (died.state, died.can_resume) == ("died", True)
    last = run.checkpoints()[-1][0]
    assert 0 < last < died.step < 3000
    assert sum(is_resumable(folder) for _, folder in run.checkpoints()) <= RESUMABLE_KEPT + 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(control, "ensure_workers", lambda: None)
        resume(run)
    assert spawn().wait(120) == 0
    assert run.status().state == "finished"
    assert f"from step {last}" in (run.path / LOG_FILE).read_text()
    for name in ("model.safetensors", "trainer.safetensors"):
        (_, one), (_, other) = whole.checkpoints()[-1], run.checkpoints()[-1]
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    states = [json.loads((it.checkpoints()[-1][1] / "trainer.json").read_text()) for it in (whole, run)]
    assert states[0] == {**states[1], "seconds": states[0]["seconds"]}
    steps = run.metrics()["step"].tolist()
    assert steps == sorted(set(steps))


def test_the_life_of_a_run_in_a_worker(workers: list["subprocess.Popen[bytes]"]) -> None:
    run = start(LONG, "first")
    wait_until(lambda: run.status().state == "running" and run.status().step > 0)
    (process,) = workers
    with pytest.raises(RunError, match="being trained"):
        resume(run)
    rename(run, "second")
    set_lr_scale(run, 0.5)
    wait_until(lambda: run.metrics()["lr_scale"].iloc[-1] == 0.5)
    assert run.title == "second"

    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    paused = run.status()
    assert (paused.state, paused.step) == ("paused", run.checkpoints()[-1][0])

    resume(run)
    wait_until(lambda: run.status().state == "running" and run.status().step > paused.step)
    process = workers[-1]
    assert run.metrics()["lr_scale"].iloc[-1] == 0.5
    pause(run)
    wait_until(lambda: run.status().state == "paused")
    resume(run)  # the worker that lingers takes it again
    wait_until(lambda: run.status().state == "running" and run.status().note == "")
    stop(run)
    wait_until(lambda: run.status().state == "stopped")
    assert len(workers) == 1
    resume(run)
    wait_until(lambda: run.status().state == "running")
    delete(run)
    assert not run.path.exists()
    other = start(config("vae", options=MODEL.options, steps=5))
    wait_until(lambda: other.status().state == "finished")
    assert process.poll() is None
    assert [left.id for left in list_runs()] == [other.id]
    os.kill(process.pid, signal.SIGTERM)  # idle, it has nothing to pause
    process.wait(30)
    assert not run.path.exists()
