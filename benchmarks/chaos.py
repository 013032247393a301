"""Kills servers, workers and computations at random, and looks at what is left.

    python benchmarks/chaos.py --kills 20

One server in the mode ``demo`` over a home that is thrown away, and two visitors, each a process that does what pages
do: it queues small trainings on digits (VAE, GAN, hybrid), sees that somebody trains them, and has maps computed. One
of all these processes is killed every few seconds, mostly by SIGKILL, and started again. In the end every run has to be
finished, or to be resumed and finished, with the very weights of a training that nobody disturbed; nothing may be
unreadable, locked or left half-made. Takes some four minutes on two cores; what is not so is told, and the exit code 1.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import psutil
from filelock import FileLock, Timeout

from genlab.errors import GenlabError
from genlab.latent.spec import Spec
from genlab.paths import at_home, runs_dir
from genlab.runs import control, jobs
from genlab.runs.maps import plan
from genlab.runs.mending import mend
from genlab.runs.session import Session
from genlab.runs.status import run_lock
from genlab.runs.store import Run, create_run, list_runs
from genlab.runs.visitors import enter
from genlab.runs.worker import ensure_workers
from genlab.training.config import RunConfig

MARK = "GENLAB_CHAOS"
"""A variable that all processes of one trial of ours inherit."""
STEPS = {"vae": 600, "gan": 1000, "hybrid": 450}
CONFIGS = [RunConfig("digits", model, steps=steps, precision="fp32", device="cpu") for model, steps in STEPS.items()]
KINDS = {"worker": 10, "server": 4, "visitor": 4, "job": 2}
"""What is killed, and how often beside the others."""
TERM_SHARE = 0.25
"""Of the kills that are a SIGTERM, after which a process may put its things in order."""
WAIT_SECONDS = 15.0
SETTLE_SECONDS = 150.0
MEND_SECONDS = 15.0
"""After which what a server that starts mends by itself is mended."""

OFTEN = """
import sys
if "worker" in getattr(sys, "orig_argv", ()):  # small trainings save themselves as often as large ones, for their size
    from genlab.runs import recorder
    recorder.CHECKPOINT_SECONDS, recorder.COST_SHARE = 0.4, 1.0
"""


@dataclass
class Chaos:
    """One trial: a home, two visitors, and whom it may kill."""

    home: Path
    rng: random.Random
    runs_each: int
    visitors: list[Path]
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def begin(self, *names: str) -> None:
        """Start those that are not there."""
        for name in names:
            process = self.processes.get(name)
            if process is None or process.poll() is not None:
                self.processes[name] = self._start(name)

    def _start(self, name: str) -> "subprocess.Popen[bytes]":
        kind, _, number = name.partition(" ")
        if kind == "server":
            command = ["-m", "streamlit", "run", "app.py", "--server.headless", "true", "--server.address", "127.0.0.1"]
            command += ["--server.port", "0", "--browser.gatherUsageStats", "false"]
        else:
            command = [__file__, "--visit", str(self.visitors[int(number)]), "--runs", str(self.runs_each)]
        stop = {"GENLAB_STOP_WORKERS": self.rng.choice(("true", "false"))}
        with open(self.home / f"{kind}.log", "ab") as log:
            return subprocess.Popen([sys.executable, *command], cwd=ROOT, env=os.environ | stop, stdout=log, stderr=log)

    def living(self, kind: str) -> list[psutil.Process]:
        """Processes of a kind."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get(MARK) == str(self.home) and _kind(process) == kind:
                    found.append(process)
        return found

    def runs(self) -> list[Run]:
        """Those of both visitors."""
        found = []
        for folder in self.visitors:
            with at_home(folder):
                found += list_runs()
        return found

    def kill(self) -> str:
        """Kill one process, preferably while something is trained; what was killed how."""
        kind = self.rng.choices(list(KINDS), list(KINDS.values()))[0]
        if self.rng.random() < 0.8:
            wait(lambda: any(_state(run) == "running" and not run.status().note for run in self.runs()), WAIT_SECONDS)
        time.sleep(self.rng.uniform(0.05, 2.5))
        wait(lambda: bool(self.living(kind)), WAIT_SECONDS)
        victims = self.living(kind) or [psutil.Process(self.processes["server"].pid)]
        how = signal.SIGTERM if self.rng.random() < TERM_SHARE else signal.SIGKILL
        with suppress(psutil.Error):
            self.rng.choice(sorted(victims, key=lambda process: process.pid)).send_signal(how)
        return f"{how.name:<7} {kind}"

    def end(self, *kinds: str) -> None:
        """Tell all processes of these kinds to end, and see that they do."""
        for kind in kinds:
            for process in self.living(kind):
                with suppress(psutil.Error):
                    process.terminate()
        wait(lambda: not any(self.living(kind) for kind in kinds), WAIT_SECONDS)
        for process in [process for kind in kinds for process in self.living(kind)]:
            with suppress(psutil.Error):
                process.kill()
        for started in self.processes.values():
            started.poll()


def _kind(process: psutil.Process) -> str:
    words = process.cmdline()
    if "streamlit" in words:
        return "server"
    if "--visit" in words:
        return "visitor"
    return {"worker": "worker", "project": "job"}.get((words + [""] * 4)[3], "")


def _state(run: Run) -> str:
    try:
        return run.status().state
    except GenlabError:
        return "unreadable"


def wait(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until it holds; whether it does."""
    deadline = time.monotonic() + seconds
    while not (held := condition()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return held


def visit(folder: Path, runs: int) -> None:
    """Do for ever what the pages of one visitor do."""
    with at_home(folder):
        while True:
            with suppress(GenlabError):  # as where two of theirs wait already
                mine = list_runs()
                if len(mine) < runs and sum(_state(run) in ("queued", "running") for run in mine) < 2:
                    control.start(CONFIGS[len(mine) % len(CONFIGS)])
                ensure_workers()
                for run in [run for run in mine if run.checkpoints()][:1]:
                    jobs.start(plan(run, Spec("pixels", method="tsne", n=600, seed=int(time.time()) // 10)))
            time.sleep(0.3)


def undisturbed(folder: Path) -> dict[str, dict[str, bytes]]:
    """The weights that each training ends with where nothing happens to it, by its model."""
    found = {}
    with at_home(folder):
        for config in CONFIGS:
            run = create_run(config)
            with run_lock(run.path):
                Session(run).train()
            found[config.model] = weights(run)
    return found


def weights(run: Run) -> dict[str, bytes]:
    """The step and the files of tensors of a run's last checkpoint."""
    step, folder = run.checkpoints()[-1]
    return {"step": b"%d" % step} | {path.name: path.read_bytes() for path in folder.glob("*.safetensors")}


def settle(chaos: Chaos) -> list[str]:
    """Let all runs come to their end, with a hand on those that only a person may resume; what was resumed."""
    chaos.end("visitor", "job")
    chaos.begin("server")
    resumed, began = [], time.monotonic()

    def over() -> bool:
        for run in chaos.runs():
            with suppress(GenlabError), at_home(run.path.parent.parent):
                if run.status().can_resume and time.monotonic() > began + MEND_SECONDS:
                    resumed.append(f"{run.id} ({run.status().state})")
                    control.resume(run)
                elif run.status().state == "queued":
                    ensure_workers()
        return all(_state(run) == "finished" for run in chaos.runs())

    wait(over, SETTLE_SECONDS)
    return resumed


def faults(chaos: Chaos, wanted: dict[str, dict[str, bytes]]) -> Iterator[str]:
    """What is not as it should be, once every process is gone."""
    for run in chaos.runs():
        if run.problem is not None:
            yield f"{run.id} is unreadable: {run.problem}"
        elif _state(run) != "finished":
            yield f"{run.id} is {_state(run)}: {run.status().why}"
        elif weights(run) != wanted[run.config.model]:
            yield f"{run.id} ended in other weights"
        elif not run.metrics()["step"].is_monotonic_increasing or run.metrics()["step"].iloc[-1] != run.config.steps:
            yield f"{run.id} has curves with gaps"
    for lock in chaos.home.rglob("*.lock"):
        try:
            FileLock(lock, is_singleton=False).acquire(timeout=0).lock.release()
        except Timeout:
            yield f"{lock.relative_to(chaos.home)} is held by nobody"
    mend(left_seconds=-1.0)
    for folder in chaos.visitors:
        with at_home(folder):
            hidden = (".new-", ".trash-")
            yield from (f"{path} was left" for path in runs_dir().iterdir() if path.name.startswith(hidden))
            yield from (f"{path} was left" for path in runs_dir().rglob(".*.tmp"))


@contextmanager
def installation() -> Iterator[Path]:
    """A home that is thrown away, of which this process and all that it starts are part."""
    home = Path(tempfile.mkdtemp(prefix="genlab-chaos-"))
    often = home / "often"
    often.mkdir()
    (often / "sitecustomize.py").write_text(OFTEN)
    os.environ.update(
        GENLAB_HOME=str(home), GENLAB_MODE="demo", GENLAB_SCORES="off", GENLAB_LIMITS__MINUTES="60",
        GENLAB_LIMITS__WAITING="4", GENLAB_LIMITS__FREE_MEGABYTES="0", OMP_NUM_THREADS="1",
        PYTHONPATH=os.pathsep.join([str(often), str(ROOT)]),
    )  # fmt: skip
    os.environ[MARK] = str(home)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def trial(kills: int, seed: int, runs_each: int) -> bool:
    """Whether all is well after so many kills; tells what happened."""
    began = time.monotonic()
    with installation() as home:
        wanted = undisturbed(home)
        print(f"{time.monotonic() - began:5.0f} s  trained {', '.join(wanted)} undisturbed", flush=True)
        chaos = Chaos(home, random.Random(seed), runs_each, [enter("a" * 43), enter("b" * 43)])
        try:
            for number in range(1, kills + 1):
                chaos.begin("server", "visitor 0", "visitor 1")
                told = chaos.kill()
                states = " ".join(_state(run) for run in chaos.runs())
                print(f"{time.monotonic() - began:5.0f} s  kill {number:>2}: {told:<15} {states}", flush=True)
            resumed = settle(chaos)
        finally:
            chaos.end(*KINDS)
        found = list(faults(chaos, wanted))
        runs = chaos.runs()
        tries = sum(run.log_tail(10_000).count(f"Training {run.config.model} on") for run in runs)
        print(f"{time.monotonic() - began:5.0f} s  {len(runs)} runs, begun or gone on with {tries} times")
        print(f"resumed by hand: {', '.join(resumed) or 'none'}")
        print(
            "\n".join(f"FAULT {fault}" for fault in found) or "all finished with the weights of undisturbed trainings"
        )
    return bool(runs) and not found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runs", type=int, default=4, help="trainings of each of the two visitors")
    parser.add_argument("--visit", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.visit:
        visit(asked.visit, asked.runs)
    return 0 if trial(asked.kills, asked.seed, asked.runs) else 1


if __name__ == "__main__":
    sys.exit(main())
