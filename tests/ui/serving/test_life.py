"""A real server that starts after a crash, and that is told to end, without anybody who looks at a page."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from genlab.runs.processes import STARTED_BY, end_started
from genlab.runs.session import INTERRUPTED
from genlab.runs.status import write_status
from genlab.runs.store import Run, create_run
from tests.helpers import BY_NAME, config, wait_until

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
LONG = config("vae", options=BY_NAME["vae"].options, steps=10**7)
Serve = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def serve(own_home: Path) -> Iterator[Serve]:
    """Start servers over this test's home; they and all that they started are gone when it ends."""
    started = []

    def start(**environment: str) -> "subprocess.Popen[bytes]":
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
        command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
        started.append(process)
        return process

    yield start
    for process in [*started, *workers(own_home)]:
        process.kill()
        process.wait()


def workers(home: Path) -> list[psutil.Process]:
    """Workers over a home, whoever started them."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        words, environment = process.info["cmdline"] or [], process.info["environ"] or {}
        if words[2:4] == ["genlab", "worker"] and environment.get("GENLAB_HOME") == str(home):
            found.append(process)
    return found


def died() -> Run:
    run = create_run(LONG)
    write_status(run.path, replace(run.status(), state="running", step=7))
    assert run.status().state == "died"
    return run


def trains(run: Run) -> bool:
    return run.status().state == "running" and run.status().step > 7


def test_a_server_goes_on_with_what_died_and_in_a_container_takes_it_along(serve: Serve, own_home: Path) -> None:
    run = died()
    server = serve(GENLAB_STOP_WORKERS="true")
    wait_until(lambda: trains(run))
    assert (run.status().why, run.status().tries) == ("", 1)
    server.send_signal(signal.SIGTERM)
    server.wait(60)
    assert workers(own_home) == []
    status = run.status()
    assert (status.state, status.why) == ("queued", INTERRUPTED)
    assert status.step == run.checkpoints()[-1][0]


def test_elsewhere_workers_outlive_their_server(serve: Serve, own_home: Path) -> None:
    run = died()
    server = serve()
    wait_until(lambda: trains(run))
    server.send_signal(signal.SIGTERM)
    server.wait(60)
    assert len(workers(own_home)) == 1
    step = run.status().step
    wait_until(lambda: run.status().step > step)


COUNTING = """
import signal, time
asked = []
signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
while not asked:
    time.sleep(0.1)
time.sleep(1)
print(len(asked))
"""


def test_all_that_a_server_started_is_asked_to_end_once_and_nobody_else() -> None:
    ours = subprocess.Popen(
        [sys.executable, "-c", COUNTING], env={**os.environ, STARTED_BY: "a"}, stdout=subprocess.PIPE, text=True
    )
    other = subprocess.Popen(["sleep", "600"], env={**os.environ, STARTED_BY: "b"})
    try:
        wait_until(lambda: signal_is_caught(ours.pid))
        end_started("a", 60.0)
        assert ours.communicate(timeout=60)[0] == "1\n"
        assert other.poll() is None
    finally:
        for process in (ours, other):
            process.kill()
            process.wait()


def signal_is_caught(pid: int) -> bool:
    """Whether a process handles SIGTERM by now, as Linux tells."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    caught = next(int(line.split()[1], 16) for line in lines if line.startswith("SigCgt"))
    return bool(caught & 1 << (signal.SIGTERM - 1))
