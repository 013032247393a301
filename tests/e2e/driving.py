"""What the browser tests do again and again."""

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
from playwright.sync_api import Download, Locator, Page

from genlab.runs.store import Run, list_runs, open_run

ALONE = "PYTEST_XDIST_WORKER" not in os.environ
"""Whether the machine is this test's own: only then do times say anything about the dashboard."""

ACTION_MS = 30_000 if ALONE else 60_000

Visit = Callable[..., Page]


def is_probe(url: str) -> bool:
    """Whether an address is one that Streamlit tries at a deep link, to find out where the server's root is."""
    return "/_stcore/" in url


def settled(page: Page) -> Page:
    """Wait until the script behind a page has come to its end, and its pictures are there.

    A page that is left before may still ask for pictures that the server has let go by then. Right after a click this
    may still be the end of the run before: wait for what the click brings instead. The address is no sign of that:
    Streamlit writes the value of a widget into it before the server has heard of it.
    """
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    # Not by wait_for_function, which looks again and again by eval in the page: the page's headers forbid that.
    deadline = time.monotonic() + ACTION_MS / 1000
    while not page.evaluate("Array.from(document.images).every((image) => image.complete)"):
        assert time.monotonic() < deadline, "a picture did not come"
        page.wait_for_timeout(50)
    return page


def download(page: Page, button: str) -> Path:
    """The file that a button of the page gives."""
    return Path(taken(page, button).path())


def taken(page: Page, button: str) -> Download:
    """What a button of the page gives; while a script runs, it may still give what was there before."""
    with settled(page).expect_download() as got:
        page.get_by_role("button", name=button, exact=True).click()
    return got.value


def shown_run(page: Page) -> Run:
    """The run that the address names, once it names one."""
    page.wait_for_url("**run=**")
    return open_run(parse_qs(urlsplit(page.url).query)["run"][0])


def stop_button(page: Page) -> Locator:
    """The page's own; Streamlit's header has one of that name while a script runs."""
    return page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop", exact=True)


def only_run() -> Run:
    """The one run that there is."""
    (run,) = [run for run in list_runs() if run.problem is None]
    return run


def worker_of(home: Path) -> psutil.Process:
    """The worker process that trains the runs of a home."""
    (worker,) = workers(home)
    return worker


def workers(home: Path) -> list[psutil.Process]:
    """The worker processes of a home."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if "worker" in process.cmdline() and process.environ().get("GENLAB_HOME") == str(home):
                found.append(process)
    return found


def end_workers(home: Path) -> None:
    """End what pages started; training would go on without them, as it should."""
    for process in workers(home):
        with contextlib.suppress(psutil.Error):
            process.kill()
    deadline = time.monotonic() + 10
    while workers(home) and time.monotonic() < deadline:
        time.sleep(0.1)
