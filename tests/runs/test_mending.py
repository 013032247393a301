"""What a crash leaves behind, one kind at a time, and what becomes of it at the next start."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from genlab.paths import at_home, common_dir, datasets_dir, home, root, runs_dir
from genlab.runs import conducted, mending, visitors
from genlab.runs.conducted import Standing
from genlab.runs.disk import RESERVE_FILE
from genlab.runs.mending import DIED, LOCK, MOST_TRIES, mend
from genlab.runs.orders import Command, Orders, write_orders
from genlab.runs.status import LOCKS, Status, is_held, run_lock, write_status
from genlab.runs.store import CHECKPOINTS, SAMPLES, Run, create_run
from genlab.training.checkpoint import REPLACED, STATE_FILE, TENSORS_FILE
from tests.helpers import BY_NAME, config

CONFIG = config("vae", options=BY_NAME["vae"].options, steps=100)
OLD = time.time() - 3600.0


def died(**values: object) -> Run:
    """A queued run whose worker took it and was killed."""
    run = create_run(CONFIG)
    write_status(run.path, replace(run.status(), state="running", step=7, note="getting ready", **values))
    return run


def checkpoint(run: Run, step: int) -> Path:
    folder = run.path / CHECKPOINTS / f"{step:06d}"
    folder.mkdir(parents=True)
    for name in (STATE_FILE, TENSORS_FILE):
        (folder / name).touch()
    return folder


def aged(path: Path) -> Path:
    """As if nobody had touched it, and what is in it, for an hour."""
    for entry in [*path.rglob("*"), path]:
        os.utime(entry, (OLD, OLD))
    return path


def filled(folder: Path) -> Path:
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "file").write_bytes(b"half")
    return folder


def test_nothing_is_made_where_there_never_was_anything(own_home: Path) -> None:
    mend()
    assert not own_home.exists()


# --- runs ---


def test_a_run_whose_worker_died_is_queued_again_at_its_place() -> None:
    run = died()
    place = run.status().queued_at
    assert run.status().state == "died"
    mend()
    status = run.status()
    assert (status.state, status.why, status.note, status.queued_at) == ("queued", DIED, "", place)
    assert (status.tries, status.tried_from) == (1, 0)


def test_a_run_that_dies_at_the_same_step_is_not_tried_for_ever() -> None:
    run = died()
    checkpoint(run, 5)
    for tries in range(1, MOST_TRIES + 1):
        mend()
        assert (run.status().state, run.status().tries, run.status().tried_from) == ("queued", tries, 5)
        write_status(run.path, replace(run.status(), state="running"))
    mend()
    assert run.status().state == "died"
    checkpoint(run, 9)  # had it got any further, it would be another matter
    mend()
    assert (run.status().state, run.status().tries, run.status().tried_from) == ("queued", 1, 9)


def test_a_run_that_trains_is_left_alone() -> None:
    run = died()
    with run_lock(run.path):
        mend()
        assert run.status().state == "running"


def test_a_run_that_somebody_trains_in_a_terminal_is_left_to_them() -> None:
    run = died(queued_at=0.0)
    mend()
    assert run.status().state == "died"


@pytest.mark.parametrize(("command", "state"), [("pause", "paused"), ("stop", "stopped")])
def test_what_a_person_had_asked_for_is_done(command: Command, state: str) -> None:
    run = died()
    write_orders(run.path, Orders(command))
    mend()
    assert run.status().state == state


@pytest.mark.parametrize("state", ["paused", "stopped", "finished", "failed", "queued"])
def test_other_runs_stay_as_they_are(state: str) -> None:
    run = create_run(CONFIG)
    write_status(run.path, Status(state, why="so"))  # type: ignore[arg-type]
    before = run.status()
    mend()
    assert run.status() == before


def test_a_damaged_run_does_not_keep_others_from_being_mended() -> None:
    broken, run = create_run(CONFIG), died()
    (broken.path / "status.json").write_text("{")
    mend()
    assert run.status().state == "queued"


def test_a_checkpoint_that_was_being_replaced_comes_back() -> None:
    run = died()
    folder = checkpoint(run, 5)
    folder.rename(folder.with_name(f".{folder.name}{REPLACED}"))
    mend()
    assert run.checkpoints() == [(5, folder)]
    assert run.status().tried_from == 5


def test_runs_of_visitors_are_mended_and_found_by_workers() -> None:
    folder = visitors.enter(visitors.new_secret())
    with at_home(folder):
        run = died()
        waiting = create_run(CONFIG)  # killed before it was noted that one waits here
    gone = common_dir() / visitors.LIVE / ("0" * 32)
    gone.parent.mkdir(parents=True, exist_ok=True)
    gone.touch()
    assert folder not in visitors.live_homes()
    mend()
    assert (run.status().state, waiting.status().state) == ("queued", "queued")
    assert visitors.live_homes() == [root(), folder]


def test_what_fails_in_one_home_keeps_no_other_from_being_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = visitors.enter(visitors.new_secret())
    with at_home(folder):
        run = died()
    died()
    sweep = mending._sweep

    def refuse(before: float) -> None:
        if home() == root():
            raise PermissionError(13, "Permission denied")
        sweep(before)

    monkeypatch.setattr(mending, "_sweep", refuse)
    mend()
    assert run.status().state == "queued"
    assert visitors.live_homes() == [root(), folder]


def test_a_run_that_is_deleted_meanwhile_keeps_no_other_from_being_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    gone, run = create_run(CONFIG), died()
    status = Run.status

    def deleted(self: Run, *, holding: bool = False) -> Status:
        found = status(self, holding=holding)
        if self.id == gone.id:
            shutil.rmtree(gone.path, ignore_errors=True)
        return found

    monkeypatch.setattr(Run, "status", deleted)
    mend()
    assert run.status().state == "queued"


# --- leftovers ---


def leftovers() -> list[Path]:
    """Every kind of hidden folder and file that is renamed once it is whole, or before it is removed."""
    run = create_run(CONFIG)
    folders = [
        runs_dir() / ".new-0123456789ab",
        runs_dir() / ".trash-0123456789ab",
        home() / "searches" / ".trash-0123456789ab",
        visitors.visitors_dir() / ".trash-0123456789ab",
        home() / ".runs-0123456789ab",
        datasets_dir() / ".mine.01234567.part",
        run.path / CHECKPOINTS / ".000010.4711.tmp",
        run.path / CHECKPOINTS / ".000010.gone.tmp",
    ]
    files = [
        run.path / ".status.json.0123456789ab.tmp",
        run.path / SAMPLES / ".000010.png.0123456789ab.tmp",
        runs_dir() / "..last-number.0123456789ab.tmp",
        home() / "derived" / "zoo-vae" / "projections" / ".a.npz.0123456789ab.tmp",
    ]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"half")
    return [*map(filled, folders), *files]


def test_what_was_being_written_or_removed_is_gone() -> None:
    left = [aged(path) for path in leftovers()]
    mend()
    assert [path for path in left if path.exists()] == []


def test_what_somebody_may_be_at_is_left_alone() -> None:
    left = [aged(path) for path in leftovers()]
    for path in left:
        os.utime(path / "inner" / "file" if path.is_dir() else path)
    mend()
    assert [path for path in left if not path.exists()] == []


def test_what_a_killed_process_left_in_a_run_is_gone() -> None:
    run = died(queued_at=0.0)
    (run.path / RESERVE_FILE).write_bytes(b"\0")
    mend()
    assert not (run.path / RESERVE_FILE).exists()


def test_locks_of_runs_that_are_gone_go_too_and_others_stay() -> None:
    run = create_run(CONFIG)
    assert not is_held(run.path)
    locks = runs_dir() / LOCKS
    gone, changes, held = (locks / f"00099-a-b{end}" for end in (".lock", ".changes.lock", "c.lock"))
    gone.touch()
    changes.touch()
    with FileLock(held):
        mend()
        assert sorted(path.name for path in locks.iterdir()) == [f"{run.id}.lock", held.name]
    mend()
    assert not held.exists()


# --- jobs, searches and experiments ---


def job(run: Run, updated: float, state: str = "running") -> list[Path]:
    folder = run.path / "projections"
    folder.mkdir()
    (folder / "a.progress.json").write_text(json.dumps({"state": state, "updated": updated}))
    (folder / "a.stop").touch()
    return [folder / "a.progress.json", folder / "a.stop"]


def test_a_computation_that_nobody_is_at_can_be_started_anew() -> None:
    files = job(create_run(CONFIG), OLD)
    mend()
    assert [path for path in files if path.exists()] == []


def test_a_computation_that_goes_on_is_about_to_or_has_ended_stays() -> None:
    files = [*job(create_run(CONFIG), time.time()), *job(create_run(CONFIG), OLD, "failed")]
    held = job(create_run(CONFIG), OLD)
    with FileLock(held[0].with_name("a.lock")):
        mend()
    assert [path for path in [*files, *held] if not path.exists()] == []


@pytest.mark.parametrize("kind", ["searches", "experiments"])
def test_an_order_to_stop_that_came_too_late_stops_nothing_later(kind: str) -> None:
    create_run(CONFIG)
    over, starting = home() / kind / "1", home() / kind / "2"
    for folder, state in ((over, "running"), (starting, "starting")):
        folder.mkdir(parents=True)
        conducted.write(folder, Standing(state))  # type: ignore[arg-type]
        (folder / conducted.STOP_FILE).touch()
    mend()
    assert not conducted.is_stopping(over)
    assert conducted.is_stopping(starting)


# --- several at once ---


def test_one_process_at_a_time_puts_things_in_order() -> None:
    run = died()
    with FileLock(common_dir() / LOCK):
        mend()
    assert run.status().state == "died"


def test_several_servers_that_start_at_once_mend_a_run_once() -> None:
    runs = [died() for _ in range(5)]
    code = "from genlab.runs.mending import mend; mend()"
    processes = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [process.wait(120) for process in processes] == [0, 0, 0]
    assert {(run.status().state, run.status().tries) for run in runs} == {("queued", 1)}
