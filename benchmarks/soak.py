"""Ten minutes of a dashboard in use: whether the server's memory grows.

    python benchmarks/soak.py

One server in the mode ``demo`` over a home that is thrown away. While a VAE trains, eight visitors look at pages in
turn, a page every four seconds, and have what is live refreshed; every minute each of them closes the tab, and somebody
new comes. The server's memory is read every ten seconds. Its growth is the median of the last tenth of the time less
that of the tenth after a warm-up of a fifth. Takes some eleven minutes.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import psutil

from benchmarks.load import settle_in, told, tour, training, visitor, wait_for_jobs, warm_up
from genlab.runs.visitors import enter, new_secret
from tools.dashboard import Server, served
from tools.visiting import Page, Seen

WANTED_MB = 50.0
LOOK_SECONDS = 10.0
DWELL_SECONDS = 4.0
TAB_SECONDS = 60.0
WARM_UP = 0.2


async def look(server: Server, seconds: float, seen: Seen) -> list[float]:
    """Megabytes of the server, every ten seconds, printed as they come."""
    process, found, begun = psutil.Process(server.pid), [], time.monotonic()
    while (passed := time.monotonic() - begun) < seconds:
        found.append(process.memory_info().rss / 1e6)
        reruns = len(seen.pages) + len(seen.parts)
        print(f"{passed:6.0f} s {found[-1]:8.0f} MB {reruns:8} reruns {len(seen.errors):4} errors", flush=True)
        await asyncio.sleep(LOOK_SECONDS)
    return found


async def come_and_go(server: Server, home: Path, pages: list[Page], seen: Seen, number: int) -> None:
    """One visitor after the other, each with a new tab, until cancelled."""
    turns = round(TAB_SECONDS / DWELL_SECONDS)
    for tab in count(number):
        shown = await visitor(server, seen, home)
        try:
            await shown.stay([pages[(tab + turn) % len(pages)] for turn in range(turns)], DWELL_SECONDS)
        finally:
            await shown.leave()


async def use(server: Server, home: Path, pages: list[Page], options: argparse.Namespace, seen: Seen) -> list[float]:
    """All visitors at once, for the whole time."""
    going = [asyncio.create_task(come_and_go(server, home, pages, seen, i)) for i in range(options.visitors)]
    found = await look(server, options.seconds, seen)
    for task in going:
        if task.done():
            await task
        task.cancel()
    await asyncio.gather(*going, return_exceptions=True)
    return found


def growth(found: list[float]) -> float:
    """Megabytes between the time after the warm-up and the end."""
    tenth = max(1, len(found) // 10)
    start = round(len(found) * WARM_UP)
    return statistics.median(found[-tenth:]) - statistics.median(found[start : start + tenth])


def main() -> int:
    """Measure and print; 0 when it grows by as little as wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=8, help="at a time (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=600.0, help="default: %(default)s")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        settle_in(Path(folder))
        server = stack.enter_context(served(Path(folder)))
        home, seen = enter(new_secret()), Seen()
        with training(home, 5.0) as (shown, _):
            pass
        asyncio.run(warm_up(server, home, shown))
        wait_for_jobs()
        live, _ = stack.enter_context(training(home, options.seconds))
        found = asyncio.run(use(server, home, tour(live, shown), options, seen))
        for error in sorted(set(seen.errors))[:10]:
            print(f"error, {seen.errors.count(error)} times: {error}")
        held = [told("growth", growth(found), "MB", WANTED_MB), told("errors", len(seen.errors), "", 1)]
        return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
