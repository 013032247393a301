"""How long a visitor waits for the first picture of a model that came along, on a server that nobody visited yet.

    python benchmarks/zoo.py

For each page a server in the mode ``demo`` starts afresh over an empty home and cache, so that nothing is trained and
no data set is at hand. As soon as it says that it is well, Chromium opens the page, and the seconds count from there
until a picture is drawn: an image that the browser has decoded, or the points of a map on their canvas. The browser has
run before, and is not what is measured; of a few tries the middle one counts.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import psutil
from playwright.sync_api import Browser

from benchmarks.watching import cpu_seconds
from tools.dashboard import browser, served

WANTED = 3.0
TRIES = 3
WAIT_MS = 60_000
BUSY = 0.2
"""Processor time of others, in shares of the machine, from which on the figures are said to be spoilt."""

IMAGE = "img.gl-picture, [data-testid=stImage] img"
MAP = "[data-ready]"
"""Set once the points are on the canvas."""


class Stop(NamedTuple):
    """A page, and what is a picture there."""

    name: str
    path: str
    picture: str


STOPS = (
    Stop("Overview", "/", IMAGE),
    Stop("Samples", "/samples?run=zoo-conditional-hybrid", IMAGE),
    Stop("Latent space", "/latent?run=zoo-conditional-hybrid", MAP),
    Stop("Latent space, t-SNE", "/latent?run=zoo-conditional-hybrid&method=tsne", MAP),
    Stop("Replay", "/replay?run=zoo-conditional-hybrid", MAP),
    Stop("Models", "/models", IMAGE),
    Stop("Compare", "/compare?runs=zoo-conditional-hybrid,zoo-dcgan", IMAGE),
)


def first_picture(chromium: Browser, url: str, picture: str) -> float:
    """Seconds from opening a page until it shows a picture."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900}, locale="en-US")
    try:
        began = time.perf_counter()
        page.goto(url, wait_until="commit")
        shown = page.locator(picture).first
        shown.wait_for(state="attached", timeout=WAIT_MS)
        shown.evaluate("found => found.tagName === 'IMG' ? found.decode() : null")
        return time.perf_counter() - began
    finally:
        page.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tries", type=int, default=TRIES, help=f"servers a page ({TRIES})")
    arguments = parser.parse_args()
    others = psutil.cpu_percent(interval=2.0) / 100
    print(f"{psutil.cpu_count()} cores, of which others take {others:.0%}; load {os.getloadavg()[0]:.1f}")
    if others > BUSY:
        print("The machine is busy: expect longer times than on a quiet one.")
    print("seconds from opening a page of a fresh server to its first picture, and the server's own work meanwhile\n")
    print(f"{'':22} median   from  to     of processor")
    slowest = 0.0
    with browser(webgl=True) as chromium:
        for stop in STOPS:
            times, worked = [], []
            for _ in range(arguments.tries):
                with tempfile.TemporaryDirectory() as home:
                    os.environ.update(GENLAB_CACHE=str(Path(home) / "cache"), GENLAB_MODE="demo")
                    with served(Path(home)) as server:
                        before = cpu_seconds(server.pid)
                        times.append(first_picture(chromium, server.url + stop.path, stop.picture))
                        worked.append(cpu_seconds(server.pid) - before)
            middle = statistics.median(times)
            slowest = max(slowest, middle)
            work = statistics.median(worked)
            print(f"{stop.name:22} {middle:5.2f}   {min(times):.2f} to {max(times):.2f}   {work:8.2f}", flush=True)
    print(f"\nslowest {slowest:.2f}, wanted below {WANTED:g}: {'yes' if slowest < WANTED else 'no'}")


if __name__ == "__main__":
    main()
