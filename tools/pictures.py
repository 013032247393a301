"""Take the README's pictures anew: a real training, a real server, a real browser.

    python tools/pictures.py

Writes ``docs/pictures/*.png``, reduced to a palette so that they stay small.
"""

import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from genlab.paths import atomic_write_bytes
from tools.dashboard import ROOT, browser, served

PICTURES = ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 1280, 900
COLOURS = 256
TRAIN_MINUTES = 1.0
WATCH_SECONDS = 25.0
"""How long the training goes on before its picture is taken."""


def genlab(*arguments: str) -> None:
    """Run a command of the command line; its output is shown only when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "genlab", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


def take(page: Page, name: str) -> None:
    """Wait until the page has come to rest, and keep a picture of it."""
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-testid=stStatusWidget], [data-testid=stSpinner]")).to_have_count(0, timeout=30_000)
    time.sleep(1.5)  # charts and images are drawn after the last message
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    reduced = io.BytesIO()
    shot.quantize(COLOURS, dither=Image.Dither.NONE).save(reduced, "PNG", optimize=True)
    atomic_write_bytes(PICTURES / f"{name}.png", reduced.getvalue())
    print(f"{name}: {len(reduced.getvalue()) / 1000:.0f} kB")


def visit(chromium: Browser, url: str, scheme: str = "light", height: int = HEIGHT) -> Page:
    page = chromium.new_page(viewport={"width": WIDTH, "height": height}, color_scheme=scheme, locale="en-US")  # type: ignore[arg-type]
    page.goto(url)
    page.locator("h1").first.wait_for()
    return page


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["GENLAB_HOME"] = home
        with served(Path(home)) as server, browser() as chromium:  # at first, when only the zoo is there
            take(visit(chromium, f"{server.url}/?lang=zh", "dark", height=1160), "overview-zh-dark")
        genlab("train", "--data", "mnist-5k", "--model", "hybrid", "--minutes", str(TRAIN_MINUTES), "--queue")
        (run,) = (folder.name for folder in (Path(home) / "runs").glob("0*"))
        with served(Path(home)) as server, browser(webgl=True) as chromium:
            page = visit(chromium, f"{server.url}/train?run={run}", height=1000)
            time.sleep(WATCH_SECONDS)
            take(page, "train")
            page.get_by_text("finished").first.wait_for(timeout=(TRAIN_MINUTES * 60 + 60) * 1000)
            genlab("project", run, "--method", "tsne")
            take(visit(chromium, f"{server.url}/samples?run={run}", height=1000), "samples")
            page = visit(chromium, f"{server.url}/latent?run={run}&method=tsne&tab=walk", height=1160)
            page.locator(".legend button").first.wait_for()
            take(page, "latent")
            genlab("film", run)
            page = visit(chromium, f"{server.url}/replay?run={run}", height=1160)
            page.locator(".replay[data-ready]").wait_for()
            take(page, "replay")
            take(visit(chromium, f"{server.url}/models", height=1000), "models")
            page = visit(chromium, f"{server.url}/market", height=1000)
            page.locator(".js-plotly-plot .point").first.wait_for()
            take(page, "market")


if __name__ == "__main__":
    main()
