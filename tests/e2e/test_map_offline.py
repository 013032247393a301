"""The map as one file: opened from a disk, without a server."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from genlab.plots.groups import Group
from genlab.plots.palette import PETROFF_10, style
from genlab.ui.latent import canvas, offline
from genlab.ui.latent.about import About
from genlab.ui.latent.colour import Colours
from genlab.ui.latent.overlay import Overlay
from genlab.ui.latent.packing import pack, pack_colours, pack_pictures
from tests.e2e.mapping import colours, near

MOST_BYTES = 10_000_000


def digits(n: int) -> np.ndarray:
    """Pictures of 28 x 28 with as much ink as MNIST's have: a fifth of the pixels, of all shades."""
    rng = np.random.default_rng(0)
    images = np.zeros((n, 1, 28, 28), np.uint8)
    images[:, :, 8:20, 8:20] = rng.integers(0, 256, (n, 1, 12, 12), dtype=np.uint8)
    return images


def written(path: Path, n: int) -> Path:
    rng = np.random.default_rng(0)
    groups = [Group(name, *style(i), False, np.arange(i, n, 2)) for i, name in enumerate(("</script>", "seven"))]
    about = About("map", "A <map>", "of points & pictures", "n 10,000")
    shown = canvas.Shown([], [], Overlay(), "", "k", about)
    told = canvas.described("k", n, Colours("class", groups), ["across", "up"], shown)
    blobs = [
        pack("k", rng.normal(size=(n, 2)).astype(np.float32), digits(n), "a"),
        pack_pictures("a", digits(n)),
        pack_colours("k", "class", (np.arange(n) % 2).astype(np.uint16)),
    ]
    path.write_bytes(offline.page("A <map>", ["of points & pictures"], "en", told, blobs))
    return path


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A map of 10,000 points, written outside of any page."""
    monkeypatch.setattr(canvas.links, "get", lambda _: None)
    return written(tmp_path / "map.html", 10_000)


@pytest.mark.parametrize(("scheme", "paper"), [("light", (255, 255, 255)), ("dark", (0x12, 0x15, 0x1C))])
def test_it_is_light_or_dark_as_the_reader_wants(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chromium: Browser, scheme: str, paper: tuple[int, int, int]
) -> None:
    monkeypatch.setattr(canvas.links, "get", lambda _: None)
    page = chromium.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(written(tmp_path / "map.html", 50).as_uri())
    page.locator(".stage[data-ready]").wait_for()
    found = colours(page)
    assert max(found, key=lambda colour: found[colour]) == paper
    assert near(PETROFF_10[0], found) > 100
    page.close()


def test_a_file_of_ten_thousand_points_is_small_and_opens_without_a_server(file: Path, chromium: Browser) -> None:
    assert file.stat().st_size < MOST_BYTES
    thrown: list[str] = []
    asked: list[str] = []
    page: Page = chromium.new_page(viewport={"width": 1000, "height": 900})
    page.on("pageerror", lambda error: thrown.append(str(error)))
    page.on("console", lambda message: thrown.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url[:60]))
    page.goto(file.as_uri())
    page.locator(".stage[data-ready]").wait_for()
    expect(page.get_by_role("heading")).to_have_text("A <map>")
    expect(page.get_by_text("of points & pictures")).to_be_visible()
    names = [button.inner_text().split("\n")[0].strip() for button in page.locator(".legend button").all()]
    assert [name.split(" ")[0] for name in names] == ["</script>", "seven"]
    page.locator(".stage").focus()
    page.keyboard.press("+")
    card = page.locator(".card")
    expect(card).to_be_visible()
    shades = "c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size"
    assert card.locator("canvas").evaluate(shades) > 50  # a picture
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.locator(".legend button").first.click()
    expect(page.locator(".legend button").first).to_have_attribute("aria-pressed", "false")
    with page.expect_download() as got:
        page.get_by_role("button", name="Save what is seen as PNG").click()
    assert got.value.suggested_filename == "map.png"
    stage = page.locator(".stage").bounding_box()
    with Image.open(got.value.path()) as picture:
        assert stage is not None
        assert picture.width == pytest.approx(stage["width"] + 45, abs=1)
        words = np.asarray(picture.convert("L"))
    above = round((picture.height - stage["height"]) * 0.3)
    assert (words[:above] < 128).sum() > 100  # what it is of, above
    assert (words[:, :25] < 128).sum() > 10  # what the axis up means, beside
    assert (words[-30:] < 128).sum() > 50  # its classes, below
    page.close()
    assert not thrown
    assert all(url.startswith(("file:", "blob:")) for url in asked)
