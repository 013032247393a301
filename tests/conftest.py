"""What every test stands on: one thread, no network, a home of its own, and nothing left running."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psutil
import pytest

from genlab import paths
from genlab.settings import settings

GRACE_SECONDS = 10.0
LOOPBACK = ("127.", "::1", "localhost")

# Before torch or NumPy are imported, here or in a process that a test starts: the workers of a test run and
# the servers and trainings they start share few cores, where more threads only get into each other's way.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

# How long an example takes says more about the machine's other work than about the code.
hypothesis.settings.register_profile("genlab", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("genlab")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """No test reads or writes the runs, pictures and downloads of whoever runs it."""
    home = tmp_path / "home"
    monkeypatch.setenv("GENLAB_HOME", str(home))
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("GENLAB_SCORES", "off")  # processes that no test waits for; those that test them turn it on
    monkeypatch.setenv("GENLAB_LIMITS__FREE_MEGABYTES", "0")  # where the disk is nearly full, trainings would wait
    for name in ("GENLAB_MIRROR", "GENLAB_WORKERS", "GENLAB_ROOT", "GENLAB_MODE", "GENLAB_SETTINGS", "GENLAB_LAUNCHER"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    monkeypatch.setattr(paths, "_asked", [])
    yield home
    settings.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Loopback only: a test passes the same with and without a network, and asks nobody anything."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(LOOPBACK):
            raise ConnectionRefusedError(f"tests have no network: {address}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(scope="session", autouse=True)
def nothing_left_running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fail the run if a process started by a test outlives it; such a process is known by its home."""
    base = str(tmp_path_factory.getbasetemp())
    yield
    deadline = time.monotonic() + GRACE_SECONDS
    while (left := _living_in(base)) and time.monotonic() < deadline:
        time.sleep(0.2)
    names = [" ".join(process.info["cmdline"] or [process.info["name"]]) for process in left]
    for process in left:
        process.kill()
    assert not left, f"tests left processes running: {names}"


def _living_in(base: str) -> list[psutil.Process]:
    me = psutil.Process()
    spared = {me.pid, *(parent.pid for parent in me.parents())}
    found = []
    for process in psutil.process_iter(["name", "cmdline", "environ", "status"]):
        home = (process.info["environ"] or {}).get("GENLAB_HOME", "")
        inside = home == base or home.startswith(base + os.sep)
        if inside and process.pid not in spared and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found
