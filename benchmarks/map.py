"""How smoothly the canvas map moves, in a headless Chromium without a graphics card.

    python benchmarks/map.py

The component alone, on a page without Streamlit, with random points and pictures of 28 x 28. At each frame the script
zooms by the wheel, in to where pictures take the place of dots and out again, or moves by the arrow keys. What counts
are the moments at which the browser asks for frames (`requestAnimationFrame`): a frame that takes long holds up the
next. On a busy machine the processor time a frame, of all the browser's processes together, says more.
"""

import argparse
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from playwright.sync_api import Browser, Page

from tools.dashboard import browser, children_seconds
from tools.map_page import mounted

WANTED = {10_000: 30.0, 60_000: 10.0}
"""Frames a second, by the number of points."""

PLAY = """([move, frames]) => new Promise((done) => {
  const stage = document.querySelector(".stage");
  const box = stage.getBoundingClientRect();
  const [clientX, clientY] = [box.x + box.width / 2, box.y + box.height / 2];
  const times = [];
  const wheel = (deltaY) => stage.dispatchEvent(new WheelEvent("wheel", { deltaY, clientX, clientY }));
  const key = (key) => stage.dispatchEvent(new KeyboardEvent("keydown", { key }));
  const step = (time) => {
    times.push(time);
    const half = times.length <= frames / 2;
    if (times.length > frames) return done(times);
    if (move === "zoom") wheel(half ? -40 : 40);
    else key(half ? "ArrowRight" : "ArrowLeft");
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""


def random_map(chromium: Browser, n: int) -> Page:
    """A page with the map of `n` random points in ten groups."""
    rng = np.random.default_rng(0)
    group = rng.integers(0, 10, n).astype(np.uint16)
    coords = (rng.normal(size=(n, 2)) + 4 * rng.normal(size=(10, 2))[group]).astype(np.float32)
    images = np.zeros((n, 1, 28, 28), np.uint8)  # as much ink as a digit has, and so a sheet as large
    images[:, :, 8:20, 8:20] = rng.integers(0, 256, (n, 1, 12, 12), dtype=np.uint8)
    return mounted(chromium, coords, group, images)


def rate(page: Page, move: str, frames: int) -> float:
    """Frames a second."""
    times = page.evaluate(PLAY, [move, frames])
    return float(1_000 * (len(times) - 1) / (times[-1] - times[0]))


def main() -> int:
    """Measure and print; 0 when all is as smooth as wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=120, help="of a round (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="the median counts (default: %(default)s)")
    options = parser.parse_args()
    smooth = True
    with browser() as chromium:
        for n, wanted in WANTED.items():
            page = random_map(chromium, n)
            for move in ("zoom", "pan"):
                before = children_seconds()
                found = [rate(page, move, options.frames) for _ in range(options.rounds)]
                cpu = 1_000 * (children_seconds() - before) / (options.frames * options.rounds)
                middle = statistics.median(found)
                smooth &= middle >= wanted
                print(
                    f"{n:7,} points, {move:4}: {middle:5.1f} frames/s ({min(found):.1f} to {max(found):.1f}, "
                    f"{cpu:.0f} ms of processor a frame), wanted {wanted:g}: "
                    f"{'reached' if middle >= wanted else 'NOT reached'}",
                    flush=True,
                )
            page.close()
    return 0 if smooth else 1


if __name__ == "__main__":
    sys.exit(main())
