"""Pages run in-process by Streamlit's own AppTest, over real run folders made by a few steps of training."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from genlab.evaluation import measured
from genlab.runs import shelf
from genlab.runs.session import Session
from genlab.runs.status import run_lock
from genlab.runs.store import Run, create_run
from genlab.training.config import RunConfig

ROOT = Path(__file__).parents[2]
SECONDS = 60.0

Open = Callable[..., AppTest]


def train(model: str, steps: int = 3, **settings: Any) -> Run:
    """Train a few steps on the tiny digits, in this process, as a worker would."""
    asked = {"model": model, "preset": model, "steps": steps, "batch_size": 16, "precision": "fp32"}
    run = create_run(RunConfig(data="digits", **asked, **settings))
    with run_lock(run.path):
        Session(run).train()
    return run


@pytest.fixture(scope="session")
def trained_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs with one finished run of each of two models, to be copied."""
    home = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENLAB_HOME", str(home))
        for model in ("vae", "gan"):
            assert train(model).status().state == "finished"
    return home / "runs"


@pytest.fixture(autouse=True)
def no_zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pages show the runs of their test alone; the folder of those that come along is returned, and is another."""
    shipped = shelf.ZOO
    monkeypatch.setattr(shelf, "ZOO", tmp_path / "no-zoo")
    return shipped


@pytest.fixture
def home(own_home: Path) -> Path:
    """A home whose folder of runs is there, and empty: nothing is put into it."""
    (own_home / "runs").mkdir(parents=True)
    return own_home


@pytest.fixture
def runs(own_home: Path, trained_runs: Path) -> Path:
    """The folder of runs in this test's home: 00001-digits-vae and 00002-digits-gan, both finished."""
    shutil.copytree(trained_runs, own_home / "runs")
    return own_home / "runs"


@pytest.fixture
def open_page() -> Open:
    """Open a page as a fresh visitor does: ``open_page("train", lang="zh", run="00001-digits-vae")``."""

    def opened(page: str = "overview", /, **query: str) -> AppTest:
        app = AppTest.from_file(ROOT / "app.py", default_timeout=SECONDS)
        if page != "overview":
            app.run()  # AppTest finds a page by its address only once the app has named its pages
            app.switch_page(f"pages/{page}.py")
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    return opened


@pytest.fixture
def measurements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the rows of this test are; there are none at first."""
    path = tmp_path / "measured"
    path.mkdir()
    monkeypatch.setattr(measured, "FOLDER", path)
    return path
