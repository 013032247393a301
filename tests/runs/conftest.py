"""What tests of running trainings share: a quick clock, and worker processes that write often."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from genlab.runs import recorder, worker
from genlab.runs.pack import packed
from tests.helpers import train_run
from tests.runs.zips import ASKED

QUICK = {"LOG_SECONDS": 0.05, "LOG_SECONDS_MAX": 0.05, "SNAPSHOT_SECONDS": 0.3, "SNAPSHOT_SECONDS_MAX": 0.3,
         "CHECKPOINT_SECONDS": 0.1, "COST_SHARE": 1.0}  # fmt: skip

DRIVER = f"""
import sys
from genlab.cli import main
from genlab.runs import interrupts, recorder
from genlab.training import device
device.be_nice = lambda: None  # other tests want the processor too, and this one is waited for
interrupts.GRACE_SECONDS = 60.0  # on a busy machine as well there is time to save
vars(recorder).update({QUICK!r})
sys.exit(main(["worker", "--linger", sys.argv[1]]))
"""

Spawn = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let trainings in this process write curve points, pictures and checkpoints all the time."""
    for name, value in QUICK.items():
        monkeypatch.setattr(recorder, name, value)


@pytest.fixture
def spawn() -> Iterator[Spawn]:
    """Start real worker processes that write all the time; they are gone when the test ends."""
    started: list[subprocess.Popen[bytes]] = []

    def start(linger: float = 0.0, **environment: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-c", DRIVER, str(linger)], env={**os.environ, **environment})
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def workers(spawn: Spawn, monkeypatch: pytest.MonkeyPatch) -> list["subprocess.Popen[bytes]"]:
    """The workers that this test's calls of ensure_workers start, which are of the kind that writes all the time."""
    monkeypatch.setattr(worker, "_started", [])
    monkeypatch.setattr(worker, "_spawn", lambda: spawn(30.0))
    return worker._started


@pytest.fixture(scope="module")
def zipped(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small finished run, packed in a home that is gone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENLAB_HOME", str(tmp_path_factory.mktemp("elsewhere")))
        run, _ = train_run(ASKED)
        return packed(run)
