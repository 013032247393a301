"""Colours of the canvas map in a real browser: groups, scales of numbers, and what other parts of the page add."""

import numpy as np
import pytest
from playwright.sync_api import expect

from genlab.plots.palette import SCALE_DARK, SCALE_LIGHT
from genlab.ui.latent.colour import Scale
from genlab.ui.latent.overlay import Mark, Overlay, Path
from tests.e2e.mapping import PLACES, Show, colours, drawn, near, pixel
from tests.helpers import wait_until

VALUES = np.array([0.0, 0.5, 1.0, np.nan, 0.25], np.float32)


@pytest.mark.parametrize(("dark", "shades"), [(False, SCALE_LIGHT), (True, SCALE_DARK)])
def test_numbers_have_a_scale_and_a_bar_that_tells_its_ends(show: Show, dark: bool, shades: tuple[str, ...]) -> None:
    scale = Scale("trust", np.linspace(0, 1, 800, dtype=np.float32), 0.0, 1.0, cut=False)
    page = show(np.random.default_rng(0).normal(size=(800, 2)), scale=scale, dark=dark)
    found = colours(page)
    assert all(near(shade, found) > 20 for shade in (shades[0], shades[4], shades[8 if not dark else 7]))
    bar = page.locator(".bar")
    expect(bar).to_be_visible()
    assert bar.inner_text().split() == ["trust", "0", "1"]


def test_a_point_tells_its_number_and_one_without_says_so(show: Show) -> None:
    page = show(scale=Scale("trust", VALUES, 0.0, 1.0, cut=False))
    page.mouse.move(*pixel(page, *PLACES[4]))
    expect(page.locator(".card small")).to_have_text("trust 0.25")
    page.mouse.move(*pixel(page, *PLACES[3]))
    expect(page.locator(".card small")).to_have_text("trust –")


def test_groups_need_no_bar(show: Show) -> None:
    page = show()
    expect(page.locator(".bar")).to_be_hidden()


INK = "#3355d6"


def upper(page) -> dict[tuple[int, int, int], int]:
    return colours(page, 1)


def test_paths_and_labelled_places_are_drawn_and_named(show: Show) -> None:
    picture = np.full((1, 8, 8), 90, np.uint8)
    places = np.array([[0.2, 0.2], [0.8, 0.2], [0.8, 0.8]], np.float32)
    page = show(overlay=Overlay((Mark((0.3, 0.6), "seven", picture),), (Path(places, np.stack([picture] * 3)),)))
    expect(page.get_by_role("application")).to_have_attribute("aria-label", "alt, seven")
    wait_until(lambda: near("#5a5a5a", upper(page)) > 56 * 56 + 3 * 28 * 28 - 200)  # pictures come decoded
    assert near(INK, upper(page)) > 1_000  # the line, and the frames of its pictures
    page.evaluate("window.tell({ overlay: { marks: [], paths: [], decode: '' } })")
    drawn(page)
    assert near(INK, upper(page)) == 0


def test_pictures_along_a_path_keep_apart(show: Show) -> None:
    picture = np.full((40, 1, 8, 8), 90, np.uint8)
    page = show(overlay=Overlay(paths=(Path(np.linspace((0.4, 0.5), (0.6, 0.5), 40, dtype=np.float32), picture),)))
    wait_until(lambda: near("#5a5a5a", upper(page)))
    few = near("#5a5a5a", upper(page)) / 28**2
    assert 2 <= few <= 5  # 0.2 of some 500 pixels, in steps of 32
