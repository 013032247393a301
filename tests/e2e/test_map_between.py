"""Between the points of the canvas map, in a real browser: neighbours, decoded places, and where one looks."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from genlab.ui.latent.overlay import Overlay
from tests.e2e.mapping import Show, colours, drawn, near, pixel, sent

DECODE = "http://decode.test/map"
EVERYWHERE = {"Access-Control-Allow-Origin": "*"}  # the page of the test is nobody's


def png(side: int, value: int, across: int = 1, down: int = 1) -> bytes:
    """A sheet of pictures in one grey."""
    file = io.BytesIO()
    Image.new("L", (side * across, side * down), value).save(file, "PNG")
    return file.getvalue()


class Decoder:
    """What the server would answer: grey 90 for a lattice, grey 30 for a place; counts what it is asked."""

    def __init__(self, page: Page) -> None:
        self.lattices: list[dict[str, float]] = []
        self.places: list[tuple[float, float]] = []
        self.fails = False
        page.route(f"{DECODE}/**", self.answer)

    def answer(self, route: Route) -> None:
        kind, _, query = route.request.url.removeprefix(f"{DECODE}/").partition("?")
        asked = {name: float(value) for name, value in (pair.split("=") for pair in query.split("&"))}
        if self.fails:
            route.fulfill(status=422, headers=EVERYWHERE, json={"error": "Too far from the points."})
        elif kind == "lattice":
            self.lattices.append(asked)
            body = png(8, 90, int(asked["across"]), int(asked["down"]))
            route.fulfill(body=body, content_type="image/png", headers=EVERYWHERE)
        else:
            self.places.append((asked["x"], asked["y"]))
            picture = "data:image/png;base64," + base64.b64encode(png(8, 30)).decode()
            route.fulfill(headers=EVERYWHERE, json={"picture": picture, "error": 1.25, "density": None})


@pytest.fixture
def decoded(show: Show) -> tuple[Page, Decoder]:
    """A map that can be decoded from, with its lattice on."""
    page = show(overlay=Overlay(decode=DECODE, clicks=True))
    decoder = Decoder(page)
    page.get_by_role("button", name="lattice").click()
    return page, decoder


def until(page: Page, holds: str) -> None:
    """Wait for what a script says of the drawn layers and the card."""
    page.wait_for_function(holds)


GREY = "() => [...document.querySelectorAll('.stage > canvas')][0].getContext('2d').getImageData(2, 2, 1, 1).data[0]"


def test_a_lattice_lies_under_the_points_and_follows_when_one_has_moved(decoded: tuple[Page, Decoder]) -> None:
    page, decoder = decoded
    mixed = round(255 + (90 - 255) * 0.75)
    until(page, f"() => Math.abs(({GREY})() - {mixed}) <= 2")
    (first,) = decoder.lattices
    assert first["left"] < 0 < 1 < first["right"]
    assert first["bottom"] < 0 < 1 < first["top"]
    assert 100 < first["across"] * first["down"] <= 400
    page.get_by_role("button", name="in", exact=True).click()
    until_asked(page, decoder, 2)
    assert decoder.lattices[1]["right"] - decoder.lattices[1]["left"] == pytest.approx(
        (first["right"] - first["left"]) / 1.5
    )
    page.get_by_role("button", name="lattice").click()
    until(page, f"() => ({GREY})() > 200")


def until_asked(page: Page, decoder: Decoder, times: int) -> None:
    for _ in range(100):
        if len(decoder.lattices) >= times:
            return
        page.wait_for_timeout(50)
    raise AssertionError(decoder.lattices)


def test_pointing_between_points_shows_the_lattice_at_once_and_then_the_place(decoded: tuple[Page, Decoder]) -> None:
    page, decoder = decoded
    until_asked(page, decoder, 1)
    page.mouse.move(*pixel(page, 0.25, 0.5))
    card = page.locator(".card")
    expect(card.locator("span")).to_have_text("error 1.25")
    expect(card.locator("small")).to_have_text("density –")
    expect(card.locator("b")).to_have_text(re.compile(r"^0\.25\d?, 0\.5$"))
    assert decoder.places[-1] == pytest.approx((0.25, 0.5), abs=0.01)
    tint = "c => c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data[0]"
    assert card.locator("canvas").evaluate(tint) == 30
    page.mouse.move(*pixel(page, 0, 0))  # on a point: its own card
    expect(card.locator("span")).to_have_text("point 0")


def test_a_click_between_points_tells_the_place(decoded: tuple[Page, Decoder]) -> None:
    page, _ = decoded
    page.mouse.click(*pixel(page, 0.25, 0.5))
    ((name, place),) = sent(page)
    assert name == "placed"
    assert place == pytest.approx([0.25, 0.5], abs=0.01)


def test_what_cannot_be_decoded_is_told_in_the_card(decoded: tuple[Page, Decoder]) -> None:
    page, decoder = decoded
    decoder.fails = True
    page.mouse.move(*pixel(page, 0.25, 0.5))
    expect(page.locator(".card span")).to_have_text("Too far from the points.")
    decoder.fails = False
    page.mouse.move(*pixel(page, 0.3, 0.5))
    expect(page.locator(".card span")).to_have_text("error 1.25")


def test_one_question_at_a_time_and_the_newest_is_answered(show: Show) -> None:
    page = show(overlay=Overlay(decode=DECODE, clicks=True))
    # An answer comes when the test says so.
    page.evaluate(
        """() => {
          window.asked = [];
          window.answer = () => {};
          window.fetch = (url) => new Promise((done) => {
            if (!url.includes("/at?")) return;
            window.asked.push(Number(new URL(url).searchParams.get("x")));
            window.answer = () => done(new Response("{}", { status: 500 }));
          });
        }"""
    )
    page.get_by_role("button", name="lattice").click()
    for k in range(12):
        page.mouse.move(*pixel(page, 0.2 + 0.01 * k, 0.5))
        page.wait_for_function("() => window.asked.length === 1")
    drawn(page)
    page.evaluate("window.answer()")
    page.wait_for_function("() => window.asked.length === 2")
    page.evaluate("window.answer()")
    expect(page.locator(".card span")).to_have_text("failed")
    drawn(page)
    assert page.evaluate("window.asked") == pytest.approx([0.2, 0.31], abs=0.01)


def test_where_nothing_can_be_decoded_there_is_no_lattice_and_without_neighbours_no_lines(show: Show) -> None:
    page = show()
    expect(page.get_by_role("button", name="lattice")).to_be_hidden()
    expect(page.get_by_role("button", name="near")).to_be_hidden()
    page.mouse.move(*pixel(page, 0.25, 0.5))
    page.mouse.click(*pixel(page, 0.25, 0.5))
    assert sent(page) == []


def test_lines_lead_to_the_true_neighbours_wherever_they_are(show: Show) -> None:
    near_rows = np.array([[3], [0], [0], [0], [0]], np.int32)  # the opposite corner
    page = show(neighbours=near_rows)
    page.mouse.move(*pixel(page, 0, 0))
    drawn(page)
    without = near("#1c2230", colours(page, 1))
    page.get_by_role("button", name="near").click()
    page.mouse.move(*pixel(page, 0, 0))
    drawn(page)
    box = page.locator(".stage").bounding_box()
    assert box is not None
    length = 2**0.5 * (min(box["width"], box["height"]) - 58)
    assert near("#1c2230", colours(page, 1)) - without > length  # at least a pixel a pixel
    x, y = pixel(page, 0.3, 0.3)
    at = f"c => c.getContext('2d').getImageData({x - box['x'] - 1}, {y - box['y'] - 1}, 2, 2).data"
    assert max(page.locator(".stage > canvas").nth(1).evaluate(at)) > 0


def test_a_look_from_a_link_is_taken_and_the_whole_map_is_where_there_is_none(show: Show) -> None:
    page = show(look="0,1,4")
    expect(page.locator(".zoom")).to_have_text("4.0 ×")
    box = page.locator(".stage").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2 + 3, box["y"] + box["height"] / 2)
    expect(page.locator(".card span")).to_have_text("point 2")  # at (0, 1)
    page.get_by_role("button", name="fit").click()
    expect(page.locator(".zoom")).to_have_text("1.0 ×")
