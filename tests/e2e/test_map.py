"""The canvas map alone in a real browser: what hands do on it, what it draws, and what it would tell Python."""

import numpy as np
import pytest
from playwright.sync_api import expect

from genlab.plots.palette import PETROFF_10
from tests.e2e.mapping import PLACES, Show, card_shows, colours, drag, drawn, near, pixel, sent
from tools.map_page import DARK, LIGHT


@pytest.mark.parametrize("i", range(5))
def test_pointing_shows_the_picture_of_that_very_point(show: Show, i: int) -> None:
    page = show()
    x, y = pixel(page, *PLACES[i])
    page.mouse.move(x + 5, y - 3)
    card_shows(page, i)
    expect(page.locator(".card b")).to_have_text("class 1" if i >= 2 else "class 0")
    page.mouse.move(*pixel(page, 0.25, 0.5))
    expect(page.locator(".card")).to_be_hidden()


def test_clicks_select_add_and_take_out(show: Show) -> None:
    page = show()
    page.mouse.click(*pixel(page, 0, 0))
    assert sent(page) == [["selected", [0]]]
    page.keyboard.down("Shift")
    page.mouse.click(*pixel(page, 1, 1))
    assert sent(page) == [["selected", [0, 3]]]
    page.mouse.click(*pixel(page, 0, 0))
    assert sent(page) == [["selected", [3]]]
    page.keyboard.up("Shift")
    page.mouse.click(*pixel(page, 0.25, 0.5))  # on nothing: nothing
    assert sent(page) == []
    page.keyboard.press("Escape")
    assert sent(page) == [["cleared", True]]


def test_a_lasso_takes_what_is_inside_and_not_what_its_box_holds(show: Show) -> None:
    page = show()
    page.get_by_role("button", name="lasso").click()
    # An L around the corners 2, 0 and 1: the middle is in its box, and outside.
    drag(page, (-0.05, 1.05), (0.1, 1.05), (0.1, 0.1), (1.05, 0.1), (1.05, -0.05), (-0.05, -0.05))
    assert sent(page) == [["selected", [0, 1, 2]]]
    drag(page, (0.2, 0.2), (0.3, 0.2), (0.3, 0.3))  # around nothing
    assert sent(page) == [["selected", []]]


def test_a_box_and_shift_select_too_and_a_plain_drag_moves(show: Show) -> None:
    page = show()
    page.keyboard.down("Shift")
    drag(page, (-0.05, -0.05), (1.05, -0.05), (1.05, 0.1), (-0.05, 0.1))
    page.keyboard.up("Shift")
    assert sent(page) == [["selected", [0, 1]]]
    page.get_by_role("button", name="box").click()
    drag(page, (0.4, 0.4), (1.05, 1.05))
    assert sent(page) == [["selected", [3, 4]]]
    page.get_by_role("button", name="pan").click()
    drag(page, (0.3, 0.3), (0.4, 0.3))
    assert sent(page) == []
    page.mouse.move(*pixel(page, 0.6, 0.5))  # the middle has come along
    card_shows(page, 4)


def test_a_hidden_class_is_not_drawn_pointed_at_or_selected(show: Show) -> None:
    page = show()
    page.get_by_role("button", name="pictures").click()  # dots, please
    first = page.locator(".legend button").first
    assert first.inner_text().split() == ["class", "0", "2"]
    assert near(PETROFF_10[0], colours(page)) > 20
    first.focus()
    page.keyboard.press("Space")
    expect(first).to_have_attribute("aria-pressed", "false")
    drawn(page)
    assert near(PETROFF_10[0], colours(page)) == 0
    assert near(PETROFF_10[1], colours(page)) > 20
    page.mouse.move(*pixel(page, 0, 0))
    drawn(page)
    expect(page.locator(".card")).to_be_hidden()
    page.get_by_role("button", name="box").click()
    drag(page, (-0.04, -0.04), (1.04, 1.04))
    assert sent(page) == [["selected", [2, 3, 4]]]
    shown = page.locator(".legend [aria-pressed=true]")
    first.dblclick()
    expect(shown).to_have_count(1)
    expect(first).to_have_attribute("aria-pressed", "true")
    first.dblclick()
    expect(shown).to_have_count(2)


def test_the_wheel_zooms_where_it_points_and_reruns_leave_the_camera_alone(show: Show) -> None:
    page = show()
    corner = pixel(page, 1, 1)
    page.mouse.move(*corner)
    for _ in range(4):
        page.mouse.wheel(0, -300)
    expect(page.locator(".zoom")).to_have_text("6.8 ×")  # exp(4 * 300 * 0.0016)
    page.mouse.move(corner[0] + 1, corner[1])
    card_shows(page, 3)  # what was under the pointer still is
    page.evaluate("window.tell({ chosen: [1] })")
    page.mouse.move(corner[0] - 1, corner[1])
    card_shows(page, 3)
    expect(page.locator(".zoom")).to_have_text("6.8 ×")
    page.get_by_role("button", name="fit").click()
    expect(page.locator(".zoom")).to_have_text("1.0 ×")
    page.mouse.move(*pixel(page, 0, 1))
    card_shows(page, 2)


def test_the_keyboard_alone_is_enough(show: Show) -> None:
    page = show()
    page.locator(".stage").focus()
    page.keyboard.press("+")
    expect(page.locator(".zoom")).to_have_text("1.3 ×")
    card_shows(page, 4)  # what is in the middle
    expect(page.locator("[role=status]")).to_have_text("point 4 · class 1")
    for key in ["ArrowRight", "ArrowUp"] * 8:
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    assert sent(page) == [["selected", [3]]]
    page.keyboard.press("0")
    expect(page.locator(".zoom")).to_have_text("1.0 ×")
    page.keyboard.press("Shift+Enter")
    assert sent(page) == [["selected", [3, 4]]]
    page.keyboard.press("Escape")
    assert sent(page) == [["cleared", True]]


def test_near_enough_pictures_take_the_place_of_dots_and_never_overlap(show: Show) -> None:
    rng = np.random.default_rng(0)
    page = show(rng.normal(size=(800, 2)))
    grey = (40, 40, 40)  # only pictures are
    assert grey not in colours(page)
    for _ in range(3):
        page.get_by_role("button", name="in", exact=True).click()
    drawn(page)
    assert colours(page)[grey] > 1_000
    page.get_by_role("button", name="pictures").click()
    drawn(page)
    assert grey not in colours(page)


@pytest.mark.parametrize(("dark", "paper"), [(False, LIGHT[0]), (True, DARK[0])])
def test_points_are_drawn_on_paper_of_the_page_and_unselected_ones_fade(show: Show, dark: bool, paper: str) -> None:
    page = show(np.random.default_rng(0).normal(size=(800, 2)), dark=dark)
    rgb = tuple(int(paper[i : i + 2], 16) for i in (1, 3, 5))
    before = colours(page)
    assert max(before, key=lambda colour: before[colour]) == rgb
    assert near(PETROFF_10[1], before) > 500
    page.evaluate("window.tell({ chosen: [0, 1, 2] })")
    drawn(page)
    assert near(PETROFF_10[1], colours(page)) < 200


@pytest.mark.parametrize(
    "coords",
    [np.zeros((12, 2)), np.array([[3.0, 4.0]]), np.array([[1e30, 0], [1e30, 1e30]]), np.array([[0, 5], [0, 6]])],
)
def test_odd_maps_are_drawn_and_can_be_moved_in(show: Show, coords: list) -> None:
    page = show(coords)
    page.locator(".stage").focus()
    for key in ("+", "-", "ArrowLeft", "0", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".zoom")).to_have_text("1.0 ×")
    (name, rows) = sent(page)[0]
    assert name == "selected"
    assert all(0 <= row < len(coords) for row in rows)


def test_two_fingers_zoom(show: Show) -> None:
    page = show(touch=True)
    x, y = pixel(page, 0.5, 0.5)
    fingers = page.context.new_cdp_session(page)
    for kind, spread in (("touchStart", 40), ("touchMove", 80), ("touchMove", 120), ("touchEnd", 0)):
        points = [{"x": x - spread, "y": y, "id": 0}, {"x": x + spread, "y": y, "id": 1}] if spread else []
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(page.locator(".zoom")).to_have_text("3.0 ×")
    page.touchscreen.tap(x, y)
    assert sent(page) == [["selected", [4]]]
    card_shows(page, 4)
