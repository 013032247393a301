"""Latents looked for as files and as jobs, and the neighbours of a picture in a whole data set."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genlab.cli import main
from genlab.data import load
from genlab.data.own.single import keep, kept_file
from genlab.evaluation.extractor import classifier_for, extractor_for
from genlab.latent.invert import Settings
from genlab.latent.spec import LatentError
from genlab.models import build
from genlab.models.storage import save_model
from genlab.runs import jobs, neighbours
from genlab.runs.derived import compute
from genlab.runs.inversions import Search, plan
from genlab.runs.neighbours import neighbours_in, seen
from genlab.runs.store import CHECKPOINTS, Run, RunError, create_run
from genlab.training.checkpoint import MODEL_FILE
from genlab.training.config import RunConfig

QUICK = Settings(starts=2, steps=20)
SECONDS = 60.0


def make_run(key: str) -> Run:
    """A run with a checkpoint of a model that never learned anything."""
    run = create_run(RunConfig(data="digits", model=key, preset="", steps=3), state="stopped")
    folder = run.path / CHECKPOINTS / "000010"
    folder.mkdir(parents=True)
    save_model(build(key, (1, 8, 8), {}, 10), load("digits").classes, folder / MODEL_FILE)
    return run


@pytest.fixture
def picture(own_home: Path) -> str:
    """The key of a picture that is kept."""
    del own_home
    return keep(np.repeat(load("digits").images[7].numpy(), 3, 0))


@pytest.fixture
def run(own_home: Path) -> Run:
    del own_home
    return make_run("gan")


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def test_a_latent_is_looked_for_once_and_told_as_it_is_found(run: Run, picture: str) -> None:
    wanted = plan(run, picture, QUICK)
    told: list[tuple[float, int]] = []

    def progress(fraction: float, _phase: str, _eta: float | None) -> None:
        live = wanted.live()
        told.append((fraction, 0 if live is None else len(live.losses)))

    found = compute(wanted, progress)
    assert [steps for _, steps in told] == [0, 1, 11, 21]
    assert told[-1][0] == 1.0
    assert wanted.live() is None  # that was of the time it was looked for
    assert found.losses[-1] < found.losses[0]
    again = plan(run, picture, QUICK).load()
    assert plan(run, picture, QUICK).status().state == "done"
    np.testing.assert_array_equal(again.z, found.z)
    np.testing.assert_array_equal(again.picture, found.picture)
    assert (again.error, again.steps) == (found.error, 20)


def test_the_name_is_made_of_all_that_decides_the_latent(run: Run, picture: str) -> None:
    other = keep(np.full((3, 9, 9), 7, np.uint8))
    keys = {plan(run, picture, settings).key for settings in (QUICK, replace(QUICK, seed=1), replace(QUICK, steps=21))}
    assert len({*keys, plan(run, other, QUICK).key, plan(make_run("vae"), picture, QUICK).key}) == 5


def test_an_encoder_gives_a_start(picture: str) -> None:
    wanted = plan(make_run("vae"), picture, Settings(starts=1, steps=20))
    assert compute(wanted).z.shape == (16,)


def test_a_job_finds_it_in_a_process_of_its_own(run: Run, picture: str) -> None:
    wanted = plan(run, picture, QUICK)
    jobs.start(wanted)
    until(lambda: wanted.status().state != "running")
    assert wanted.status().state == "done", wanted.log_tail()


def test_a_job_is_stopped_and_leaves_nothing(run: Run, picture: str) -> None:
    wanted = plan(run, picture, Settings(steps=2_000, starts=32))
    jobs.start(wanted)
    until(lambda: wanted.live() is not None)
    jobs.stop(wanted)
    until(lambda: wanted.status().state != "running")
    assert wanted.status().state == "stopped", wanted.log_tail()
    assert wanted.live() is None
    assert not wanted.is_done()


def test_it_can_be_looked_for_from_a_terminal(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "seven.png"
    Image.fromarray(load("digits").images[7, 0].numpy()).save(file)
    assert main(["invert", "1", str(file), "--steps", "20", "--starts", "2"]) == 0
    assert "mean squared error" in capsys.readouterr().out
    assert main(["invert", "1", str(tmp_path / "none.png")]) == 1
    assert main(["invert", "1", str(file), "--class", "3"]) == 1  # a GAN that knows no classes
    assert "class" in capsys.readouterr().err
    assert len(list((run.path / "inversions").glob("*.npz"))) == 1


def test_a_damaged_file_and_a_checkpoint_that_is_gone_are_told(run: Run, picture: str) -> None:
    wanted = plan(run, picture, QUICK)
    compute(wanted)
    wanted.file(".npz").write_bytes(b"nothing")
    with pytest.raises(LatentError, match="damaged"):
        wanted.load()
    with pytest.raises(RunError, match="no such checkpoint"):
        plan(run, picture, QUICK, step=11)


def test_a_picture_that_is_gone_is_told_to_whoever_watches(run: Run, picture: str) -> None:
    wanted = plan(run, picture, QUICK)
    kept_file(picture).unlink()
    with pytest.raises(Exception, match="not any more"):
        compute(wanted)
    assert isinstance(wanted, Search)
    assert wanted.status().state == "absent"


def test_neighbours_of_a_training_picture_begin_with_itself() -> None:
    training = load("digits")
    extractor = extractor_for("digits")
    for by in (None, extractor):
        within = neighbours_in(training, by)
        distances, rows = within.nearest(seen(training.images[42].numpy(), by), 6)
        assert rows[0, 0] == 42
        assert distances[0, 0] == pytest.approx(0, abs=1e-4)
        assert within.rows.shape == (1438, 64)
    assert training.labels is not None
    labels = training.labels[rows[0]]
    assert (labels == labels[0]).float().mean() > 0.6  # what a classifier sees is of a class


def test_features_are_computed_once_and_a_damaged_cache_again(monkeypatch: pytest.MonkeyPatch) -> None:
    training = load("digits").subset(range(30))
    calls = []
    extractor = extractor_for("digits")
    counted = replace(extractor, compute=lambda images: calls.append(len(images)) or extractor.compute(images))
    first = neighbours_in(training, counted).rows
    np.testing.assert_array_equal(neighbours_in(training, counted).rows, first)
    assert calls == [30]
    (file,) = (neighbours.cache_file("x", "").parent).glob("*.npy")
    file.write_bytes(file.read_bytes()[:100])
    np.testing.assert_array_equal(neighbours_in(training, counted).rows, first)
    assert calls == [30, 30]
    monkeypatch.setattr(neighbours, "keep", lambda *_: pytest.fail("it was there"))
    neighbours_in(training, counted)


def test_gradients_pass_through_the_classifier() -> None:
    import torch

    classifier = classifier_for("digits")
    assert classifier is not None
    x = torch.zeros(1, 1, 8, 8, requires_grad=True)
    classifier.features(x).sum().backward()
    assert x.grad is not None
    assert x.grad.abs().sum() > 0
    assert classifier_for("cifar10") is None
