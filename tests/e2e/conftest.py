"""A real server on a free port over a home of its own, and a real Chromium whose complaints fail the test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from tests.e2e.driving import ACTION_MS, Visit, end_workers, is_probe
from tests.e2e.mapping import PLACES, SIDE, Show
from tools.dashboard import Server, browser, served
from tools.map_page import mounted

expect.set_options(timeout=ACTION_MS)  # its own five seconds are too few for a page that starts a process


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each visit has a context of its own."""
    with browser() as running:
        yield running


@pytest.fixture
def server(own_home: Path) -> Iterator[Server]:
    """A server that nobody has visited yet; workers that pages start end with it."""
    own_home.mkdir(parents=True, exist_ok=True)
    with served(own_home) as running:
        try:
            yield running
        finally:
            end_workers(own_home)


@pytest.fixture
def visit(chromium: Browser, server: Server) -> Iterator[Visit]:
    """Open a page: ``visit("/train?lang=zh", width=420, dark=True)``.

    After the test, errors on any visited page's console, scripts that threw, and requests to anywhere but
    the server itself fail it.
    """
    complaints: list[str] = []
    pages: list[Page] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not is_probe(message.location.get("url", "")):
            complaints.append(f"console: {message.text} ({message.location.get('url')})")

    def on_request(request: Request) -> None:
        if not request.url.startswith((server.url, server.url.replace("http", "ws"), "data:", "blob:")):
            complaints.append(f"request to {request.url}")

    def opened(path: str = "/", *, width: int = 1280, dark: bool = False, locale: str = "en-US") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            locale=locale,
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.set_default_timeout(ACTION_MS)
        page.on("console", on_console)
        page.on("request", on_request)
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        pages.append(page)
        page.goto(server.url + path)
        return page

    yield opened
    for page in pages:
        page.context.close()
    assert not complaints, complaints


@pytest.fixture(scope="session")
def trained_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the finished run 00001-digits-vae, trained for a moment, to be copied."""
    from genlab.runs.session import Session
    from genlab.runs.status import run_lock
    from genlab.runs.store import create_run
    from genlab.training.config import RunConfig

    home = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENLAB_HOME", str(home))
        run = create_run(RunConfig(data="digits", model="vae", preset="vae", steps=200, precision="fp32"))
        with run_lock(run.path):
            Session(run).train()
    return home / "runs"


@pytest.fixture
def runs(own_home: Path, trained_runs: Path) -> Path:
    """The folder of runs of this test's home, with 00001-digits-vae in it; ask for it before `server`."""
    shutil.copytree(trained_runs, own_home / "runs")
    return own_home / "runs"


@pytest.fixture
def show(chromium: Browser) -> Iterator[Show]:
    """Show a map of the five places; a script that throws fails the test."""
    pages: list[Page] = []
    thrown: list[str] = []

    def shown(places: object = PLACES, **options) -> Page:
        coords = np.array(places)
        group = (coords[:, 1] > 0.25).astype(np.uint16)
        images = np.full((len(coords), 1, SIDE, SIDE), 40, np.uint8)
        for i in range(len(coords)):
            images[i, 0, :, : i % SIDE + 1] = 250  # each picture is told by its bright columns
        page = mounted(chromium, coords.astype(np.float32), group, images, **options)
        page.on("pageerror", lambda error: thrown.append(str(error)))
        pages.append(page)
        return page

    yield shown
    for page in pages:
        page.close()
    assert not thrown, thrown
