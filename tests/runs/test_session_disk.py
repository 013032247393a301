"""Trainings whose disk is full, or whose files may not grow."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from genlab.paths import at_home
from genlab.runs import disk, recorder
from genlab.runs.disk import NO_ROOM, WAITS
from genlab.runs.metrics import METRICS_FILE
from genlab.runs.orders import Command, Orders, write_orders
from genlab.runs.sampling import load_checkpoint
from genlab.runs.session import Session
from genlab.runs.status import Status, run_lock
from genlab.runs.store import LOG_FILE, Run, create_run, list_runs
from genlab.training.config import RunConfig
from tests.helpers import BY_NAME, config, train_run

LONG = config("vae", options=BY_NAME["vae"].options, steps=10**6)


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file system of 1 MB that holds the runs."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if not sys.platform.startswith("linux") or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk, on Linux")
    monkeypatch.setenv("GENLAB_HOME", str(folder))
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """A file that leaves no room."""
    with open(disk / "filler", "wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    return disk / "filler"


def small() -> RunConfig:
    return config("vae", options=BY_NAME["vae"].options, steps=40)


def weights(run: Run) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in run.checkpoints()[-1][1].glob("*.safetensors")}


def trained(run: Run, watch: Callable[[Status], None]) -> Status:
    with run_lock(run.path):
        return Session(run, watch).train()


@pytest.fixture
def undisturbed(own_home: Path, small_disk: Path, quick: None) -> dict[str, bytes]:
    """The weights that :func:`small` ends with where there is room."""
    with at_home(own_home):
        run = create_run(small())
        return weights(train_run(run=run)[0])


def test_on_a_full_disk_a_training_waits_and_loses_nothing(
    small_disk: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "LOOK_SECONDS", 0.05)
    for name in ("LOG_SECONDS", "LOG_SECONDS_MAX", "CHECKPOINT_SECONDS"):
        monkeypatch.setattr(recorder, name, 0.0)  # after every step, however fast they are
    run = create_run(small())
    filled = False
    told: list[Status] = []

    def watch(status: Status) -> None:
        nonlocal filled
        told.append(status)
        if run.checkpoints() and not filled:
            filled = fill(small_disk).exists()
        if sum(each.note == WAITS for each in told) == 5:
            (small_disk / "filler").unlink(missing_ok=True)

    assert trained(run, watch).state == "finished"
    waits = [status for status in told if status.note == WAITS]
    assert {(status.state, status.why) for status in waits} == {("running", NO_ROOM)}
    assert len(waits) >= 5
    assert (told[-1].note, told[-1].why) == ("", "")
    assert weights(run) == undisturbed
    assert run.metrics()["step"].is_monotonic_increasing
    assert b"\n\n" not in (run.path / METRICS_FILE).read_bytes()
    assert not list(run.path.rglob("*.tmp"))


@pytest.mark.parametrize(("command", "state"), [("pause", "paused"), ("stop", "stopped")])
def test_who_waits_for_room_can_be_asked_to_end(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, quick: None, command: Command, state: str
) -> None:
    monkeypatch.setattr(disk, "LOOK_SECONDS", 0.05)
    run = create_run(LONG)

    def watch(status: Status) -> None:
        if run.checkpoints() and not (small_disk / "filler").exists():
            fill(small_disk)
        if status.note == WAITS:
            write_orders(run.path, Orders(command))

    status = trained(run, watch)
    assert (status.state, status.why) == (
        state,
        "The disk is full. Free some space and resume: the last checkpoint is untouched.",
    )
    assert run.status() == status
    kept = run.checkpoints()[-1][0]
    assert load_checkpoint(run)[1] == kept
    assert not list(run.path.rglob("*.tmp"))
    (small_disk / "filler").unlink()
    write_orders(run.path, Orders("pause"))
    _, status = train_run(run=run)
    assert (status.state, status.why) == ("paused", "")
    assert status.step > kept
    assert f"from step {kept}" in (run.path / LOG_FILE).read_text()


LIMITED = """
import resource, sys
from genlab.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
sys.exit(main(["train", "--data", "digits", "--model", "gan", "--steps", "3", "--precision", "fp32"]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such limit")
def test_a_file_that_may_not_grow_ends_in_a_sentence() -> None:
    done = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "genlab: 00001-digits-gan: The operating system refused to read or write: File too large." in done.stderr
    (run,) = list_runs()
    assert run.status().state == "failed"
    assert run.checkpoints() == []
    assert not list(run.path.rglob("*.tmp"))
