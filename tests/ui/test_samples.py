"""The Samples page over real runs."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genlab.export import film_bytes
from genlab.runs.status import run_lock, write_status
from genlab.runs.store import create_run, open_run
from genlab.training.checkpoint import MODEL_FILE
from genlab.training.config import RunConfig
from genlab.ui import samples
from genlab.ui.i18n import translate
from tests.ui.conftest import Open


def texts(app) -> str:
    return "\n".join(e.value for kind in ("title", "caption", "info", "error", "warning", "markdown", "subheader")
                     for e in app.get(kind))  # fmt: skip


def labels(app) -> list[str]:
    return [e.proto.label for e in app.get("download_button")]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("run", ["00001-digits-vae", "00002-digits-gan"])
def test_a_finished_run_shows_its_film_and_new_pictures(open_page: Open, lang: str, run: str) -> None:
    app = open_page("samples", lang=lang, run=run)
    assert not app.exception
    assert not app.error
    assert translate(lang, "samples.fresh") in texts(app)
    assert len(app.get("image")) == 3  # the emblem, the film, the new ones
    films = [translate(lang, "samples.as_film", kind=kind) for kind in ("GIF", "MP4")]
    assert labels(app) == films + [translate(lang, f"samples.{name}") for name in ("png", "zip", "npz")]


@pytest.mark.usefixtures("home")
def test_without_runs_it_says_so(open_page: Open) -> None:
    app = open_page("samples")
    assert not app.exception
    assert translate("en", "common.run.none") in texts(app)


@pytest.mark.usefixtures("home")
def test_a_run_without_pictures_says_so(open_page: Open) -> None:
    run = create_run(RunConfig(data="digits", model="vae", preset="vae", steps=3), state="paused")
    app = open_page("samples", run=run.id, lang="zh")
    assert not app.exception
    assert translate("zh", "samples.no_frames") in texts(app)


def test_a_run_without_weights_still_shows_its_film(open_page: Open, runs: Path) -> None:
    for _, folder in open_run("00001-digits-vae").checkpoints():
        (folder / MODEL_FILE).unlink()
        for rest in folder.iterdir():
            rest.unlink()
        folder.rmdir()
    app = open_page("samples", run="00001-digits-vae")
    assert translate("en", "samples.no_checkpoint") in texts(app)
    assert len(app.get("image")) == 2  # the emblem and the film


def test_a_damaged_checkpoint_ends_in_a_sentence(open_page: Open, runs: Path) -> None:
    for _, folder in open_run("00001-digits-vae").checkpoints():
        path = folder / MODEL_FILE
        path.write_bytes(path.read_bytes()[:200])
    app = open_page("samples", run="00001-digits-vae")
    assert not app.exception
    assert "damaged" in app.error[0].value
    assert len(app.get("image")) == 2  # the emblem and the film


@pytest.mark.usefixtures("runs")
def test_a_link_is_the_whole_view(open_page: Open) -> None:
    app = open_page("samples", run="00002-digits-gan", n="5", seed="9", truncation="0.5", step="0")
    assert app.number_input[0].value == 5
    assert app.number_input[1].value == 9
    assert app.slider[0].value == 0.5
    assert app.select_slider[0].value == 0
    app.number_input[1].set_value(10).run()
    assert app.query_params["seed"] in ("10", ["10"])


@pytest.mark.usefixtures("runs")
def test_nonsense_in_a_link_is_left_out(open_page: Open) -> None:
    app = open_page("samples", run="00001-digits-vae", n="100000", seed="-3", truncation="nan", step="x")
    assert not app.exception
    assert not app.error
    assert [box.value for box in app.number_input] == [64, 0]


def test_what_is_asked_for_tells_its_story() -> None:
    asked = samples.Asked("00001-x", 20, 4, 7, 0.5, 2, "two")
    assert asked.about() | {"genlab": ""} == {
        "run": "00001-x", "step": 20, "n": 4, "seed": 7, "truncation": 0.5, "class": "two", "genlab": "",
    }  # fmt: skip
    assert asked.file(".zip") == "00001-x-step20-seed7.zip"


def test_the_film_has_every_snapshot(runs: Path) -> None:
    run = open_run("00001-digits-vae")
    with Image.open(io.BytesIO(film_bytes([path for _, path in run.samples()], "GIF"))) as film:
        assert 1 <= film.n_frames <= len(run.samples())
        last = np.asarray(Image.open(run.samples()[-1][1]))
        film.seek(film.n_frames - 1)
        assert film.size == (last.shape[1] * 2, last.shape[0] * 2)


def test_a_running_run_is_followed(open_page: Open, runs: Path) -> None:
    run = open_run("00001-digits-vae")
    finished = run.status()
    with run_lock(run.path):
        write_status(run.path, replace(finished, state="running"))
        app = open_page("samples", run=run.id)
        assert not app.exception
        assert len(app.get("image")) == 3
        write_status(run.path, finished)
    assert not app.run().exception
