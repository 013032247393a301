"""A run that several processes train together, from the command line to its end, and what kills it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from safetensors.torch import load_file

from genlab.runs.control import pause
from genlab.runs.store import Run, list_runs
from genlab.training.checkpoint import MODEL_FILE, is_resumable
from tests.helpers import BY_NAME, train_run, wait_until

DRIVER = str(Path(__file__).with_name("together_main.py"))
VAE = BY_NAME["vae"]
SECONDS = 240.0


def train(steps: int, **settings: Any) -> list[str]:
    options = {**VAE.options, **settings}
    chosen = [part for name, value in options.items() for part in ("--set", f"{name}={value}")]
    return [
        *("train", "--model", VAE.model, "--data", "digits", "--steps", str(steps)),
        *("--batch-size", "16", "--precision", "fp32", "--device", "cpu", *chosen),
    ]


@pytest.fixture
def started(own_home: Path) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Processes, which with all that they started are gone when the test ends."""
    own_home.mkdir(parents=True, exist_ok=True)
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()
        process.wait()


def only_run() -> Run:
    wait_until(lambda: [run for run in list_runs() if run.problem is None], SECONDS)
    return list_runs()[0]


def resumable(run: Run) -> list[Path]:
    return [folder for _, folder in run.checkpoints() if is_resumable(folder)]


def weights(run: Run) -> dict[str, torch.Tensor]:
    return load_file(run.checkpoints()[-1][1] / MODEL_FILE)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_process_that_dies_ends_the_run_and_one_process_goes_on_from_its_checkpoint(
    started: list["subprocess.Popen[bytes]"], own_home: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", DRIVER]
    started.append(subprocess.Popen([*command, *train(300)]))
    run = only_run()
    wait_until(lambda: resumable(run) and run.status().step > 0, SECONDS)
    assert run.status().state == "running"
    os.kill(int((own_home / "rank-1.pid").read_text()), signal.SIGKILL)
    assert started[0].wait(SECONDS) == 1
    status = run.status()
    assert (status.state, status.can_resume) == ("died", True)
    assert 0 < status.step < 300
    assert "Another process of this training ended" in (run.path / "log.txt").read_text()

    _, ended = train_run(run=run)
    assert (ended.state, ended.step) == ("finished", 300)
    alone, _ = train_run(run.config)
    for name, tensor in weights(alone).items():
        if not name.startswith("prior."):  # fitted to the latents, in steps that rounding may turn
            torch.testing.assert_close(weights(run)[name], tensor, rtol=1e-3, atol=1e-3, msg=name)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_an_order_reaches_all_processes(started: list["subprocess.Popen[bytes]"]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    # What torchrun gives to those it starts.
    common = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}
    for rank in ("0", "1"):
        own = {"RANK": rank, "LOCAL_RANK": rank, "TORCHELASTIC_RUN_ID": "test"}
        command = [sys.executable, DRIVER, *train(10**7, ema_halflife=100)]
        started.append(subprocess.Popen(command, env={**os.environ, **common, **own}))
    run = only_run()
    wait_until(lambda: run.status().step > 0, SECONDS)
    pause(run)
    assert [process.wait(SECONDS) for process in started] == [0, 0]
    status = run.status()
    assert status.state == "paused"
    assert resumable(run)[-1].name == f"{status.step:06d}"
    assert len(list_runs()) == 1
