"""Runs that a Ray cluster trains: they go through, and one whose process is killed ends as if nothing had been."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from genlab.runs import cluster, worker
from genlab.runs.control import start, stop
from genlab.runs.status import SILENT_SECONDS, write_status
from genlab.runs.store import LOG_FILE, Run, RunError, create_run
from genlab.settings import settings
from genlab.training.checkpoint import MODEL_FILE, TENSORS_FILE, is_resumable
from tests.helpers import BY_NAME, config, train_run, wait_until

HERE = Path(__file__)
REPOSITORY = HERE.parents[2]
SECONDS = 240.0

CONDUCTOR = """
import sys
from genlab.cli import main
from genlab.runs import cluster
from tests.runs.ray_main import quickly
cluster.one_run = quickly
sys.exit(main(["worker", "--linger", "0"]))
"""


@pytest.fixture(scope="module")
def ray_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator["subprocess.Popen[str]"]:
    """The process that holds a cluster; its address is the first line that it prints."""
    environment = {
        **os.environ, "GENLAB_HOME": str(tmp_path_factory.mktemp("nowhere")), "PYTHONPATH": str(REPOSITORY),
        "RAY_USAGE_STATS_ENABLED": "0",
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.runs.ray_main"]
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    with process:
        yield process
        below = psutil.Process(process.pid).children(recursive=True)
        process.communicate(timeout=60)
        _, alive = psutil.wait_procs(below, timeout=10)
        for each in alive:
            each.kill()


@pytest.fixture
def launching(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installation whose runs Ray trains."""
    monkeypatch.setenv("GENLAB_LAUNCHER", "ray")
    settings.cache_clear()
    monkeypatch.setattr(worker, "_started", [])
    yield
    for process in worker._started:
        process.kill()
        process.wait()


def conductor() -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "RAY_USAGE_STATS_ENABLED": "0"}
    return subprocess.Popen([sys.executable, "-c", CONDUCTOR], env=environment, cwd=REPOSITORY)


def saved(run: Run) -> dict[str, bytes]:
    folder = run.checkpoints()[-1][1]
    return {"step": folder.name.encode(), **{file: (folder / file).read_bytes() for file in (MODEL_FILE, TENSORS_FILE)}}


def trainings(run: Run) -> list[str]:
    path = run.path / LOG_FILE
    return [line for line in path.read_text().splitlines() if "Training vae on" in line] if path.exists() else []


def tasks(holder: "subprocess.Popen[str]") -> list[psutil.Process]:
    """Processes of the cluster that train."""
    children = psutil.Process(holder.pid).children(recursive=True)
    return [child for child in children if "".join(child.cmdline()).startswith("ray::quickly")]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("launching")
def test_three_runs_go_through_and_the_one_that_is_killed_ends_in_the_same_weights(
    ray_cluster: "subprocess.Popen[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ray_cluster.stdout is not None
    monkeypatch.setenv("GENLAB_RAY__ADDRESS", ray_cluster.stdout.readline().strip())
    monkeypatch.setenv("GENLAB_WORKERS", "8")  # the cluster has room for two
    settings.cache_clear()
    monkeypatch.setattr(worker, "_spawn", conductor)
    asked = config("vae", options=BY_NAME["vae"].options, steps=400)
    runs = [start(asked) for _ in range(3)]
    assert len(worker._started) == 1

    def at_work() -> list[Run]:
        return [run for run in runs if run.status().state == "running" and run.status().step > 0]

    wait_until(lambda: len(at_work()) == 2, SECONDS)
    assert len(tasks(ray_cluster)) == 2
    assert [run.status().state for run in runs].count("queued") == 1
    wait_until(lambda: all(any(is_resumable(folder) for _, folder in run.checkpoints()) for run in at_work()), SECONDS)
    tasks(ray_cluster)[0].kill()
    wait_until(lambda: all(run.status().state == "finished" for run in runs), SECONDS)
    again = [run for run in runs if len(trainings(run)) == 2]
    assert len(again) == 1
    assert "from step 0," not in trainings(again[0])[1]

    alone, _ = train_run(asked)
    assert [saved(run) == saved(alone) for run in runs] == [True, True, True]


@pytest.mark.usefixtures("launching")
def test_without_ray_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(RunError, match=r"not installed. Install requirements-cluster.txt"):
        start(config("vae"))


def test_a_node_is_told_the_settings_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENLAB_MODE", "demo")
    monkeypatch.setenv("GENLAB_METRICS__TOKEN", "quite a long secret")
    told = cluster._environment()
    assert told["GENLAB_MODE"] == "demo"
    assert "quite a long secret" not in told.values()


@pytest.mark.usefixtures("launching")
def test_a_run_has_the_threads_that_it_asks_ray_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert worker.threads() == 1
    monkeypatch.setenv("GENLAB_RAY__CPUS", "3.5")
    settings.cache_clear()
    assert worker.threads() == 3


@pytest.mark.usefixtures("launching")
def test_what_trains_on_the_cluster_is_not_waited_for_here(monkeypatch: pytest.MonkeyPatch) -> None:
    run = create_run(config("vae"))
    for name in ("ensure_workers", "_take_slot"):
        monkeypatch.setattr(worker, name, lambda: pytest.fail("it waits for its turn"))
    with worker.taking_turns():
        assert run.status().state == "queued"


@pytest.mark.usefixtures("launching")
def test_a_cluster_that_is_not_found_is_told_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []

    def looks(_: float) -> None:
        told.append(cluster.is_unreachable())
        os.utime(cluster._mark(), (0, 0))

    worker._slot_locks()  # whoever conducts holds one
    monkeypatch.setattr("ray.shutdown", lambda: None)
    monkeypatch.setattr(cluster, "_connected", lambda _: len(told) == 2)
    monkeypatch.setattr(cluster.time, "sleep", looks)
    monkeypatch.setattr(cluster.Conductor, "work", lambda *_: told.append(cluster.is_unreachable()))
    cluster.conduct(0.0, scores=False)
    assert told == [False, True, False]


@pytest.mark.usefixtures("launching")
def test_whoever_conducts_anew_mends_until_all_the_dead_are_silent() -> None:
    run = create_run(config("vae"))
    conductor = cluster.Conductor(scores=False)
    write_status(run.path, replace(run.status(), state="running", host="elsewhere", updated=time.time()))
    conductor._mend()
    assert run.status().state == "running"  # as far as is known
    write_status(run.path, replace(run.status(), updated=time.time() - SILENT_SECONDS))
    conductor.mending_next -= cluster.RETRY_SECONDS
    conductor._mend()
    assert run.status().state == "queued"


@pytest.mark.usefixtures("launching")
def test_no_training_is_asked_for_while_the_disk_is_nearly_full(monkeypatch: pytest.MonkeyPatch) -> None:
    run = create_run(config("vae"))
    conductor = cluster.Conductor(scores=False)
    conductor.mending_until = 0.0
    low, asked = iter([True, True]), []

    def hear() -> None:
        asked.append(len(conductor.tasks))
        if conductor.tasks:
            stop(run)
            conductor.tasks.clear()

    monkeypatch.setattr(cluster.disk, "is_low", lambda: next(low, False))
    monkeypatch.setattr(conductor, "task", SimpleNamespace(remote=lambda *_: "a task"))
    monkeypatch.setattr(conductor, "_hear", hear)
    conductor.work(linger=0.0)
    assert asked == [0, 0, 1]
