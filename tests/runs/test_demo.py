"""The run that is there on first start is a whole one, and comes once."""

import shutil
from pathlib import Path

import torch
from PIL import Image

from genlab.data import load
from genlab.data.pictures import to_floats
from genlab.runs.demo import install_demo
from genlab.runs.sampling import generate, load_checkpoint
from genlab.runs.store import list_runs


def test_it_comes_with_pictures_curves_and_models_that_draw(own_home: Path) -> None:
    own_home.mkdir()
    install_demo()
    (run,) = list_runs()
    assert run.problem is None
    assert run.status().state == "finished"
    losses = run.metrics()["autoencoder/loss"].dropna()  # of the first of its two stages
    assert losses.iloc[-1] < losses.iloc[0] / 2
    assert len(run.samples()) > 10
    with Image.open(run.samples()[-1][1]) as grid:
        assert grid.size == (8 * 28, 8 * 28)
    assert len(run.checkpoints()) > 1
    for step, _ in run.checkpoints():
        stored, at = load_checkpoint(run, step)
        assert at == step
        assert generate(stored.model, 3, 0).shape == (3, 1, 28, 28)


def test_it_has_learned_digits_it_never_saw(own_home: Path) -> None:
    own_home.mkdir()
    install_demo()
    stored, _ = load_checkpoint(list_runs()[0])
    x = to_floats(load("mnist-5k", "test").images)
    with torch.no_grad():
        error = (stored.model.sample(stored.model.encode(x)) - x).square().mean()
    assert error < 0.4 * (x - x.mean(0)).square().mean()  # the share of the variance that is lost


def test_it_does_not_come_back_once_deleted(own_home: Path) -> None:
    own_home.mkdir()
    install_demo()
    shutil.rmtree(list_runs()[0].path)
    install_demo()
    assert list_runs() == []
