"""The main job in a browser, with nothing mocked: choose, train, watch, leave, come back, and survive a kill."""

import itertools
import signal
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.driving import Visit, settled, shown_run, worker_of
from tests.helpers import wait_until

FRESH = 6
"""So many times the pictures and the numbers change by themselves. On a quiet machine that takes some 9 seconds."""

GRID = "img[alt^='Pictures drawn by']"
CURVE = "[data-testid=stEChartsChart] canvas, [data-testid=stMain] canvas"

STOPWATCH = """() => {
  window.seen = {};
  const look = () => {
    const now = performance.now() / 1000;
    const grid = document.querySelector("img[alt^='Pictures drawn by']");
    const step = document.querySelector(".gl-stats b");
    for (const [name, value] of [["grid", grid && grid.src], ["numbers", step && step.textContent]]) {
      if (!value) continue;
      const all = window.seen[name] = window.seen[name] || [];
      if (!all.length || all[all.length - 1][1] !== value) all.push([now, value]);
    }
  };
  window.stopwatch = setInterval(look, 100);
}"""


def changes(page: Page, what: str) -> list[float]:
    """When, in seconds, the stopwatch saw the pictures or the numbers change."""
    return [at for at, _ in page.evaluate(f"window.seen[{what!r}] ?? []")]


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_train_watch_leave_come_back_and_survive_a_kill(own_home: Path, visit: Visit) -> None:
    page = visit("/train")
    settled(page)
    expect(page.get_by_role("combobox", name="Data set")).to_have_value("MNIST 5k")
    pressed = time.monotonic()
    page.get_by_role("button", name="Train", exact=True).click()
    run = shown_run(page)
    page.locator(GRID).wait_for()
    page.locator(CURVE).first.wait_for()
    print(f"\nfirst curve point and first pictures after {time.monotonic() - pressed:.1f} s")  # noqa: T201

    page.evaluate(STOPWATCH)
    for what in ("numbers", "grid"):
        wait_until(lambda what=what: len(changes(page, what)) > FRESH, 120)
        longest = max(later - earlier for earlier, later in itertools.pairwise(changes(page, what)))
        print(f"longest without new {what}: {longest:.1f} s")  # noqa: T201

    # A reload and a closed tab change nothing.
    page.reload()
    page.locator(GRID).wait_for()
    page.context.close()
    at = run.status().step
    wait_until(lambda: run.status().step > at)
    assert run.status().state == "running"
    page = visit(f"/train?run={run.id}")
    page.locator(GRID).wait_for()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()

    # Killed in the middle: the page that is open sees to it that it goes on from the last checkpoint.
    wait_until(run.checkpoints)
    worker_of(own_home).send_signal(signal.SIGKILL)
    at = run.status().step
    wait_until(lambda: run.status().step > at)
    steps = run.metrics()["step"]
    assert steps.is_monotonic_increasing

    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Resume").wait_for()
    assert run.status().state == "paused"
