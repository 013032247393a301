"""The canvas map alone on a page: what tests of it do again and again."""

import base64
import io
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

SIDE = 8
PLACES = [(0, 0), (1, 0), (0, 1), (1, 1), (0.5, 0.5)]
"""Four corners, of class 0 below and 1 above, and the middle, of class 1."""

Show = Callable[..., Page]


def pixel(page: Page, across: float, up: float) -> tuple[float, float]:
    """Where on the page a place of the map is seen, with all points in view: the unit square in its middle."""
    box = page.locator(".stage").bounding_box()
    assert box is not None
    side = min(box["width"], box["height"]) - 2 - 2 * 28
    return box["x"] + box["width"] / 2 + (across - 0.5) * side, box["y"] + box["height"] / 2 - (up - 0.5) * side


def sent(page: Page) -> list[list]:
    return page.evaluate("window.sent.splice(0)")


def colours(page: Page, layer: int = 0) -> dict[tuple[int, int, int], int]:
    """How many pixels have each colour, on the layer of the points (0) or on the one above (1)."""
    url = page.locator(".stage > canvas").nth(layer).evaluate("canvas => canvas.toDataURL().split(',')[1]")
    with Image.open(io.BytesIO(base64.b64decode(url))) as picture:
        found = picture.convert("RGB").getcolors(1_000_000)
    assert found is not None
    return {colour: count for count, colour in found}  # type: ignore[misc]


def near(colour: str, found: dict[tuple[int, int, int], int]) -> int:
    """How many pixels are nearly of a colour, as an opaque mark is."""
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return sum(n for rgb, n in found.items() if max(abs(a - b) for a, b in zip(rgb, wanted, strict=True)) < 45)


def card_shows(page: Page, i: int) -> None:
    card = page.locator(".card")
    expect(card).to_be_visible()
    expect(card.locator("span")).to_have_text(f"point {i}")
    bright = card.locator("canvas").evaluate(
        "c => { const d = c.getContext('2d').getImageData(0, c.height / 2, c.width, 1).data;"
        " return d.filter((v, k) => k % 4 === 0 && v > 200).length / c.width; }"
    )
    assert bright == pytest.approx((i + 1) / SIDE)  # the right picture for the point


def drag(page: Page, *places: tuple[float, float]) -> None:
    page.mouse.move(*pixel(page, *places[0]))
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*pixel(page, *place), steps=6)
    page.mouse.up()


def drawn(page: Page) -> None:
    """Wait until what was changed has been drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")
