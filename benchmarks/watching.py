"""What the dashboard, open on a running training, costs that training.

    python benchmarks/watching.py

One training runs in a worker process as the Train page starts it, one server serves the dashboard, one
headless Chromium is there throughout. In turn, a tab is open on the run (refreshing once a second, as for
any visitor) and it is not; images a second are read from the run's own curves, without the moments in which
the tab opens and closes. The cost is the median over pairs of neighbouring segments, in an order that turns
(unwatched, watched, watched, unwatched, ...), so that drift of the machine falls out.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import psutil
from playwright.sync_api import Browser

from genlab.models.presets import preset
from genlab.runs.store import Run, create_run
from genlab.training.config import RunConfig
from tools.dashboard import ROOT, Server, browser, served

WANTED = 0.03
SETTLE_SECONDS = 4.0
"""After a tab opens or closes, before anything counts; curve points come every two seconds at the latest."""


def last_point(run: Run) -> tuple[int, float]:
    """Pictures seen and seconds trained, at the newest point of the curves."""
    newest = run.metrics().iloc[-1]
    return int(newest["images"]), float(newest["seconds"])


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and all that it started (dead ones aside)."""
    total = 0.0
    for process in (parent := psutil.Process(pid), *parent.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


class Segments:
    """Plays segments, watched or not, and keeps what they gave."""

    def __init__(self, run: Run, worker: int, server: Server, chromium: Browser, seconds: float) -> None:
        self.run, self.server, self.chromium, self.seconds = run, server, chromium, seconds
        self.pids = {"worker": worker, "server": server.pid, "browser": _driver()}
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.rates: dict[bool, list[float]] = {True: [], False: []}
        # Of one core, by each process and what it started.
        self.shares: dict[str, dict[bool, list[float]]] = {name: {True: [], False: []} for name in self.pids}

    def play(self, watched: bool) -> None:
        page = self.chromium.new_page(viewport={"width": 1400, "height": 1000}) if watched else None
        if page is not None:
            page.goto(f"{self.server.url}/train?run={self.run.id}")
        time.sleep(SETTLE_SECONDS)
        seen = page.inner_text("body") if page is not None else ""
        images, seconds = last_point(self.run)
        before, start = {name: cpu_seconds(pid) for name, pid in self.pids.items()}, time.perf_counter()
        time.sleep(self.seconds)
        passed = time.perf_counter() - start
        for name, pid in self.pids.items():
            self.shares[name][watched].append((cpu_seconds(pid) - before[name]) / passed)
        images_then, seconds_then = last_point(self.run)
        self.rates[watched].append((images_then - images) / (seconds_then - seconds))
        if page is not None:
            if page.inner_text("body") == seen:
                raise SystemExit("The page did not move while it was watched: nothing was measured.")
            page.close()


def _driver() -> int:
    """Playwright's driver, whose child Chromium is; the server and the worker are its siblings."""
    (found,) = (child.pid for child in psutil.Process().children() if "playwright" in " ".join(child.cmdline()))
    return found


def report(segments: Segments) -> bool:
    costs = [
        1.0 - watched / unwatched
        for watched, unwatched in zip(segments.rates[True], segments.rates[False], strict=True)
    ]
    cost = statistics.median(costs)
    for watched, name in ((False, "unwatched"), (True, "watched")):
        shares = ", ".join(f"{who} {statistics.mean(share[watched]):.1%}" for who, share in segments.shares.items())
        print(f"  {name:10} {statistics.median(segments.rates[watched]):9,.0f} images/s   ({shares} of a core)")
    print(
        f"  cost of watching: {cost:.1%} of the training's images/s (median of {len(costs)} pairs; half of "
        f"them between {quartile(costs, 0):.1%} and {quartile(costs, 2):.1%})"
    )
    print(f"  wanted: below {WANTED:.0%}: {'reached' if cost < WANTED else 'NOT reached'}")
    return cost < WANTED


def quartile(values: list[float], index: int) -> float:
    return statistics.quantiles(values, n=4, method="inclusive")[index] if len(values) > 1 else values[0]


def main() -> int:
    """Measure and print; 0 when the cost is as low as wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="mnist-5k", help="default: %(default)s")
    parser.add_argument("--preset", default="vae", help="what trains (default: %(default)s)")
    parser.add_argument("--pairs", type=int, default=12, help="pairs of segments (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of a segment (default: %(default)s)")
    options = parser.parse_args()
    entry = preset(options.preset)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GENLAB_HOME"] = folder
        os.environ["GENLAB_SCORES"] = "off"  # one that falls into one segment alone would pass for the page's cost
        minutes = 5.0 + options.pairs * 2 * (options.seconds + 2 * SETTLE_SECONDS) / 60
        config = RunConfig(options.data, entry.model, entry.options, entry.key, entry.batch_size, minutes=minutes)
        run = create_run(config)
        with worker() as pid, served(Path(folder)) as server, browser() as chromium:
            wait_for_curves(run)
            print(
                f"{run.status().device}, {run.status().precision}; {options.preset} on {options.data}, "
                f"{options.pairs} pairs of {options.seconds:g} s"
            )
            segments = Segments(run, pid, server, chromium, options.seconds)
            segments.play(watched=True)  # warms up the server, and is forgotten
            segments.forget()
            for pair in range(options.pairs):
                for watched in (False, True) if pair % 2 == 0 else (True, False):
                    segments.play(watched)
        return 0 if report(segments) else 1


@contextmanager
def worker() -> Iterator[int]:
    """Train what is queued in a process like those that the Train page starts, until the block ends."""
    command = [sys.executable, "-m", "genlab", "worker"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait_for_curves(run: Run) -> None:
    deadline = time.monotonic() + 60
    while run.metrics().empty:
        if time.monotonic() > deadline or run.status().state == "failed":
            raise SystemExit(f"The training did not start: {run.status().why or run.log_tail()}")
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
