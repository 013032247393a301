"""Runs that one may look at but not change, on the pages."""

import shutil
from pathlib import Path

import pytest

from genlab.latent.spec import Spec
from genlab.runs import shelf
from genlab.runs.derived import compute
from genlab.runs.maps import plan
from genlab.runs.store import list_runs, open_run
from tests.ui.conftest import Open

ZOO = "zoo-small"


@pytest.fixture
def zoo(home: Path, trained_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A zoo of one run, and a home without any."""
    shutil.copytree(trained_runs / "00001-digits-vae", tmp_path / "zoo" / "small")
    monkeypatch.setattr(shelf, "ZOO", tmp_path / "zoo")
    return tmp_path / "zoo" / "small"


def buttons(app) -> set[str]:
    return {button.label for button in app.button}


@pytest.mark.parametrize("page", ["train", "samples", "latent", "replay"])
def test_every_page_of_a_run_shows_it(zoo: Path, open_page: Open, page: str) -> None:
    if page == "latent":
        compute(plan(open_run(ZOO), Spec("encoder")))
    app = open_page(page, run=ZOO)
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert app.query_params["run"] == ZOO
    assert app.selectbox(key="link_run").value == ZOO


def test_nothing_that_would_change_it_is_offered(zoo: Path, open_page: Open) -> None:
    app = open_page("train", run=ZOO)
    offered = buttons(app)
    assert "Take a copy" in offered
    assert not offered & {"Pause", "Stop", "Resume", "Rename", "Delete", "Score now", "Keep"}
    assert not [box for box in app.checkbox if box.key and box.key.startswith("sure-")]
    assert not [box for box in app.expander if box.label == "Log"]


def test_a_copy_is_taken_and_shown(zoo: Path, open_page: Open) -> None:
    app = open_page("train", run=ZOO)
    app.button(key=f"copy-{ZOO}").click().run()
    assert not app.exception
    (copied,) = list_runs()
    assert app.query_params["run"] == copied.id
    assert "Take a copy" not in buttons(app)


def test_ones_own_come_first_and_the_others_are_marked(zoo: Path, runs_too: Path, open_page: Open) -> None:
    app = open_page("samples")
    assert app.query_params["run"] == "00002-digits-gan"
    options = app.selectbox(key="link_run").options
    assert len(options) == 3
    assert "zoo" not in " ".join(options[:2])
    assert options[2].endswith("· finished · zoo")


def test_they_are_compared_with_ones_own(zoo: Path, runs_too: Path, open_page: Open) -> None:
    app = open_page("compare", runs=f"1,{ZOO}")
    assert not app.exception
    assert not app.warning
    assert app.multiselect(key="link_runs").value == ["1", ZOO]
    assert open_page("compare").multiselect(key="link_runs").value == ["2", "1"]


@pytest.fixture
def runs_too(home: Path, trained_runs: Path) -> Path:
    shutil.copytree(trained_runs, home / "runs", dirs_exist_ok=True)
    return home / "runs"
