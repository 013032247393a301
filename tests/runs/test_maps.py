"""Maps as files and as jobs: made once, watched, stopped, and never taken for alive when they are dead."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from numpy.testing import assert_array_equal

from genlab.cli import main
from genlab.data import load
from genlab.data.pictures import to_bytes
from genlab.errors import GenlabError
from genlab.latent.spec import LatentError, Spec
from genlab.models import build
from genlab.models.storage import save_model
from genlab.runs import derived, jobs, maps
from genlab.runs.derived import JobStatus, compute
from genlab.runs.maps import Map, plan
from genlab.runs.store import CHECKPOINTS, Run, RunError, create_run
from genlab.training.checkpoint import MODEL_FILE
from genlab.training.config import RunConfig

QUICK = Spec("encoder", n=60)
SLOW = Spec("pixels", "tsne", 3, n=1_400, perplexity=50)
SECONDS = 60.0


@pytest.fixture
def run(own_home: Path) -> Run:
    """A run with a checkpoint of a model that never learned anything: maps do not mind."""
    made = create_run(RunConfig(data="digits", model="vae", preset="", steps=3), state="stopped")
    checkpoint(made, 10)
    return made


def checkpoint(run: Run, step: int) -> None:
    pictures = load("digits")
    model = build("vae", pictures.shape, {}, len(pictures.classes))
    folder = run.path / CHECKPOINTS / f"{step:06}"
    folder.mkdir(parents=True)
    save_model(model, pictures.classes, folder / MODEL_FILE)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def test_a_map_is_computed_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = plan(run, QUICK)
    assert wanted.status() == JobStatus("absent")
    made = compute(wanted)
    assert wanted.status().state == "done"
    assert len(made) == 60
    monkeypatch.setattr(Map, "make", lambda *_: pytest.fail("it was there already"))
    again = compute(plan(run, QUICK))
    assert_array_equal(again.coords, made.coords)


def test_the_name_is_made_of_all_that_decides_the_map(run: Run) -> None:
    keys = {plan(run, spec).key for spec in (QUICK, Spec("pixels", n=60), Spec("encoder", n=61), SLOW)}
    checkpoint(run, 20)
    newest = plan(run, QUICK)
    assert newest.step == 20
    keys.add(newest.key)
    assert len(keys) == 5
    assert plan(run, QUICK, step=15).step == 10
    assert plan(run, QUICK, step=3).step == 10  # nothing is that early: the first there is
    assert plan(run, QUICK, step=15).key == plan(run, QUICK, step=10).key


def test_pictures_come_from_the_model_that_is_named(run: Run) -> None:
    import torch

    from genlab.runs.sampling import load_checkpoint

    made = compute(plan(run, Spec("pixels", n=20)))
    model = load_checkpoint(run, 10)[0].model
    drawn = to_bytes(model.sample(torch.from_numpy(made.latents[10:])))
    assert_array_equal(made.images[10:], drawn.numpy())


def test_a_run_without_a_checkpoint_says_so(own_home: Path) -> None:
    bare = create_run(RunConfig(data="digits", model="vae", preset="", steps=3), state="stopped")
    with pytest.raises(RunError, match="no checkpoint"):
        plan(bare, QUICK)
    (bare.path / CHECKPOINTS / "000010").mkdir(parents=True)
    with pytest.raises(RunError, match="cannot be read"):
        plan(bare, QUICK)


def test_a_job_of_its_own_makes_the_map_that_a_page_would(run: Run) -> None:
    spec = Spec("encoder", "tsne", n=60, perplexity=8)
    wanted = plan(run, spec)
    jobs.start(wanted)
    jobs.start(wanted)  # a second page
    assert wanted.status().state == "running"
    until(lambda: wanted.status().state != "running")
    assert wanted.status().state == "done", wanted.log_tail()
    made = wanted.load()
    for suffix in (".json", ".npz"):
        wanted.file(suffix).unlink()
    assert_array_equal(compute(wanted).coords, made.coords)
    assert not wanted.file(".progress.json").exists()


def test_a_job_is_stopped_and_leaves_nothing_half(run: Run) -> None:
    wanted = plan(run, SLOW)
    jobs.start(wanted)
    until(lambda: wanted.status().phase in ("neighbours", "layout"))
    jobs.stop(wanted)
    until(lambda: wanted.status().state != "running")
    assert wanted.status().state == "stopped"
    assert not wanted.file(".npz").exists()
    assert not wanted.file(".stop").exists()
    until(lambda: not processes(run))


def test_a_killed_job_is_noticed(run: Run) -> None:
    wanted = plan(run, SLOW)
    jobs.start(wanted)
    until(lambda: wanted.status().phase in ("neighbours", "layout"))
    for process in processes(run):
        process.send_signal(signal.SIGKILL)
    until(lambda: wanted.status().state != "running")
    assert wanted.status().state == "died"


def processes(run: Run) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline", "environ", "status"]):
        mine = (process.info["environ"] or {}).get("GENLAB_HOME") == str(run.path.parents[1])
        if mine and "project" in (process.info["cmdline"] or []) and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def test_a_job_of_a_deleted_run_ends_and_does_not_bring_it_back(run: Run) -> None:
    import shutil

    wanted = plan(run, SLOW)
    jobs.start(wanted)
    until(lambda: wanted.status().phase in ("neighbours", "layout"))
    shutil.rmtree(run.path)
    until(lambda: not processes(run))
    assert not run.path.exists()


def test_a_failed_job_tells_why(run: Run) -> None:
    wanted = plan(run, Spec("encoder", "tsne", n=60, perplexity=30))
    with pytest.raises(LatentError, match="below 20"):
        jobs.run_job(wanted)
    status = wanted.status()
    assert status.state == "failed"
    assert "below 20" in status.why


def test_a_fault_is_told_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(Map, "make", broken)
    wanted = plan(run, QUICK)
    with pytest.raises(ZeroDivisionError):
        jobs.run_job(wanted)
    assert "ZeroDivisionError: oh" in wanted.status().why


def test_a_start_that_never_comes_to_anything_is_not_waited_for_forever(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = plan(run, QUICK)
    wanted.lock()
    wanted.write(JobStatus("running", phase="waiting"))
    assert wanted.status().state == "running"
    monkeypatch.setattr(derived, "START_SECONDS", 0.0)
    assert wanted.status().state == "died"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"state": "running"}'])
def test_a_damaged_progress_file_counts_as_none(run: Run, text: str) -> None:
    wanted = plan(run, QUICK)
    wanted.lock()
    wanted.file(".progress.json").write_text(text)
    assert wanted.status().state == "absent"


def test_two_at_once_make_one_map(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Map] = []
    real = Map.make

    def counted(wanted: Map, progress):
        made.append(wanted)
        time.sleep(0.2)
        return real(wanted, progress)

    monkeypatch.setattr(Map, "make", counted)
    threads = [threading.Thread(target=compute, args=(plan(run, QUICK),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert len(made) == 1


def test_old_maps_make_room(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maps, "MAX_MAPS", 2)
    wanted = [plan(run, Spec("encoder", n=n)) for n in (20, 21, 22)]
    for number, each in enumerate(wanted):
        compute(each)
        os.utime(each.file(".npz"), (number, number))
    compute(plan(run, Spec("encoder", n=23)))
    assert [each.is_done() for each in wanted] == [False, False, True]


def test_the_command_line_makes_and_finds_maps(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["project", str(run.number), "--n", "50"]) == 0
    said = capsys.readouterr().out
    assert "50 points" in said
    assert "of the variance" in said
    assert plan(run, Spec("encoder", n=50)).is_done()
    assert main(["project", run.id, "--n", "50", "--what", "features"]) == 1
    assert "has no features" in capsys.readouterr().err
    assert main(["project", "99"]) == 1
    assert "There is no run" in capsys.readouterr().err


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_a_shutdown_are_a_stop(run: Run, how: signal.Signals) -> None:
    command = [sys.executable, "-m", "genlab", "project", run.id, "--what", "pixels", "--method", "tsne", "--n", "1400",
               "--perplexity", "50", "--dims", "3"]  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2])
    wanted = plan(run, SLOW)
    until(lambda: wanted.status().phase in ("neighbours", "layout"))
    process.send_signal(how)
    _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert err.decode().startswith("Stopped.")
    assert wanted.status().state == "stopped"


def test_the_description_beside_a_map_can_be_read(run: Run) -> None:
    wanted = plan(run, QUICK)
    compute(wanted)
    about = json.loads(wanted.file(".json").read_text())
    assert Spec.from_dict(about["spec"]) == QUICK
    assert about["step"] == 10


def test_a_page_cannot_start_what_cannot_be_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(jobs, "spawn", full)
    with pytest.raises(GenlabError, match="No space left"):
        jobs.start(plan(run, SLOW))
