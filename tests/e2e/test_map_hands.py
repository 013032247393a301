"""A map of 10,000 points on the real page: what pointing, clicking and a link bring, and that they bring it at once."""

import base64
import io
import re
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from genlab.latent.decode import look
from genlab.latent.result import Projection
from genlab.latent.spec import Spec
from genlab.runs.derived import compute
from genlab.runs.maps import Map, plan
from genlab.runs.sampling import load_checkpoint
from genlab.runs.store import open_run
from tests.e2e.driving import Visit, settled
from tests.helpers import wait_until
from tools.map_hands import Hands

RUN = "00001-digits-vae"
N = 10_000
MAP = f"/latent?run={RUN}&what=z&n={N}"

CARD = """canvas => {
  const side = canvas.width / 8, pen = canvas.getContext("2d");
  const at = (k) => pen.getImageData((k % 8 + 0.5) * side, (Math.floor(k / 8) + 0.5) * side, 1, 1).data[0];
  return Array.from({ length: 64 }, (_, k) => at(k));
}"""

Opened = Callable[[str], tuple[Page, Hands]]


@pytest.fixture
def wanted(runs: object) -> Map:
    wanted = plan(open_run(RUN), Spec("z", n=N))
    compute(wanted)
    return wanted


@pytest.fixture
def made(wanted: Map) -> Projection:
    return wanted.load()


@pytest.fixture
def opened(made: Projection, visit: Visit) -> Opened:
    """Open the map, and put hands on it."""

    def open_map(more: str = "") -> tuple[Page, Hands]:
        page = settled(visit(MAP + more))
        return page, Hands(page, made.coords)

    return open_map


def card(page: Page) -> np.ndarray:
    """The picture on the card beside what is pointed at."""
    return np.array(page.locator(".card canvas").evaluate(CARD)).reshape(8, 8)


def test_pointing_shows_the_very_picture_in_the_next_frame(opened: Opened, made: Projection) -> None:
    page, hands = opened("")
    for row, pixel in hands.points(12, np.random.default_rng(0)):
        assert hands.point_at(row, pixel).frames == 1
        np.testing.assert_array_equal(card(page), made.images[row, 0])


def test_between_points_the_route_tells_what_the_model_draws(opened: Opened, wanted: Map, made: Projection) -> None:
    page, hands = opened("&view_shows=pictures,lattice")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/at?" in request.url else None)
    model = load_checkpoint(wanted.run)[0].model
    for pixel in hands.between(5, np.random.default_rng(0)):
        hands.point_between(pixel)
        x, y = re.findall(r"-?[0-9.]+(?:e-?[0-9]+)?", asked[-1].split("/at?")[1])
        place = look(made, model, float(x), float(y))
        assert np.abs(card(page).astype(int) - place.picture[0]).max() <= 1
        assert place.error is not None
        said = page.locator(".card span").inner_text()
        assert float(said.removeprefix("round-trip error ")) == pytest.approx(place.error, rel=0.01)


def test_a_click_reaches_python_and_comes_back(opened: Opened) -> None:
    page, hands = opened("")
    for row, pixel in hands.points(3, np.random.default_rng(1)):
        hands.click(pixel)
        page.wait_for_url(re.compile(rf"drawn={row}(&|$)"))
        expect(page.get_by_text(re.compile(r"^1 selected:"))).to_be_visible()


def state(page: Page) -> dict[str, object]:
    """All that the page says of the map and what is chosen on it."""
    page.mouse.move(0, 0)
    texts = (".zoom", ".axis.across", ".axis.up", ".legend", ".bar")
    pressed = page.locator(".tools [aria-pressed=true]").evaluate_all("all => all.map((one) => one.dataset.tool)")
    return {
        **{name: page.locator(name).inner_text() for name in texts},
        "pressed": set(pressed) & {"pictures", "near", "lattice"},
        "selected": page.get_by_text(re.compile(r"^\d+ selected:")).inner_text(),
        "kept": page.get_by_alt_text(re.compile("^What the model draws at")).get_attribute("alt"),
    }


def layers(page: Page) -> list[np.ndarray]:
    """The map's two layers as pixels."""
    urls = page.locator(".stage > canvas").evaluate_all("all => all.map((one) => one.toDataURL().split(',')[1])")
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(url)))).astype(int) for url in urls]


def test_who_opens_the_link_sees_the_same_view(wanted: Map, visit: Visit) -> None:
    spec = Spec("z", "axes", n=N, axes=(3, 5, 0, 7))
    made = compute(plan(wanted.run, spec))
    page = settled(visit(f"{MAP}&method=axes&xa=3&xb=5&ya=0&yb=7&colour=density"))
    hands = Hands(page, made.coords)
    for tool in ("lattice", "near", "pictures"):
        page.locator(f"[data-tool={tool}]").click()
    (row, pixel) = hands.points(1, np.random.default_rng(0))[0]
    hands.click(pixel)
    page.mouse.click(*hands.between(1, np.random.default_rng(0))[0])
    page.wait_for_url(re.compile(r"place="))
    before = layers(page)
    page.locator("[data-tool=in]").click()
    page.locator(".stage").focus()
    page.keyboard.press("ArrowRight")
    page.locator(".stage").blur()
    page.wait_for_url(re.compile(r"view=.*view_shows=|view_shows=.*view="))
    seen = state(settled(page))
    assert f"drawn={row}&" in page.url + "&"
    assert seen["pressed"] == {"near", "lattice"}
    assert seen[".axis.across"] == "from class 3 to class 5"
    other = settled(visit("/latent" + page.url.split("/latent")[1]))
    other.locator(".stage[data-ready]").wait_for()
    wait_until(lambda: state(other) == seen)
    # Each asks for its lattice once at rest. The address tells five digits of where one looks: a few points, and lines
    # of the lattice, fall on the next pixel.
    wait_until(lambda: changed(layers(page), layers(other)) < 0.03)
    assert changed(layers(page), before) > 0.03


def changed(some: list[np.ndarray], others: list[np.ndarray]) -> float:
    """The share of pixels that differ in the two layers, whichever has more of them."""
    return max(float((np.abs(a - b).max(axis=2) > 8).mean()) for a, b in zip(some, others, strict=True))
