"""Trainings whose disk is full, or whose files may not grow."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from genlab.runs.orders import Orders, write_orders
from genlab.runs.sampling import load_checkpoint
from genlab.runs.session import Session
from genlab.runs.status import Status, run_lock
from genlab.runs.store import LOG_FILE, create_run, list_runs
from tests.helpers import BY_NAME, config, train_run

LONG = config("vae", options=BY_NAME["vae"].options, steps=10**6)


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file system of 1 MB that holds the runs."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if not sys.platform.startswith("linux") or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk, on Linux")
    monkeypatch.setenv("GENLAB_HOME", str(disk))
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_ends_in_a_sentence_and_loses_nothing(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    run = create_run(LONG)
    filler = small_disk / "filler"

    def fill(session: Session, status: Status) -> None:
        if run.checkpoints() and not filler.exists():
            with open(filler, "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(b"\0" * 4096)
                except OSError:
                    return

    with run_lock(run.path):
        session = Session(run)
        session.watch = lambda status: fill(session, status)
        status = session.train()
    assert filler.exists()
    assert (status.state, status.why) == (
        "failed",
        "The disk is full. Free some space and resume: the last checkpoint is untouched.",
    )
    assert run.status() == status
    kept = run.checkpoints()[-1][0]
    assert load_checkpoint(run)[1] == kept
    assert not list(run.path.rglob("*.tmp"))
    filler.unlink()
    write_orders(run.path, Orders("pause"))
    _, status = train_run(run=run)
    assert status.state == "paused"
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
