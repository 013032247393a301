"""One link for all that a map shows: where one looks, what is selected, how it is coloured."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from genlab.runs.store import open_run
from genlab.ui.i18n import translate
from tests.e2e.driving import Visit, settled, taken
from tests.helpers import wait_until

RUN = "00001-digits-vae"
SAME = 150
"""Of 300 encoded pictures so many are in the map of pixels too, whose other half is generated."""
INK = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.filter((v) => v).length"


def pixels(page: Page) -> str:
    """The layer of the first map's points, as a picture."""
    page.locator(".stage[data-ready]").first.wait_for()
    return page.locator(".stage > canvas").first.evaluate("canvas => canvas.toDataURL()")


def box_around(page: Page, left: float, top: float, right: float, bottom: float) -> None:
    stage = page.locator(".stage")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box is not None
    page.get_by_role("button", name="Select in a box").click()
    page.mouse.move(box["x"] + left * box["width"], box["y"] + top * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + right * box["width"], box["y"] + bottom * box["height"], steps=4)
    page.mouse.up()
    page.mouse.move(0, 0)


@pytest.mark.usefixtures("runs")
def test_who_opens_the_link_sees_the_same(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={RUN}&n=300&colour=cluster&k=4"))
    page.locator(".stage[data-ready]").wait_for()
    page.get_by_role("button", name="Zoom in").click()
    page.locator(".stage").focus()
    page.keyboard.press("ArrowRight")
    page.locator(".stage").blur()
    box_around(page, 0.3, 0.3, 0.7, 0.7)
    page.wait_for_url(re.compile(r"drawn="))
    page.wait_for_url(re.compile(r"view="))
    settled(page)
    other = settled(visit(page.url.replace(page.url.split("/latent")[0], "")))
    expect(other.locator(".zoom")).to_have_text("1.5 ×")
    expect(other.get_by_text(re.compile("selected:"))).to_have_text(
        page.get_by_text(re.compile("selected:")).inner_text()
    )
    expect(other.locator(".legend button").first).to_contain_text("cluster 1")
    wait_until(lambda: pixels(other) == pixels(page))


@pytest.mark.usefixtures("runs")
def test_what_the_legend_hides_is_in_the_link_for_each_colouring(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={RUN}&n=300"))
    page.locator(".stage[data-ready]").wait_for()
    whole = pixels(page)
    for k in (0, 1, 2, 5):
        page.locator(".legend button").nth(k).click()
    page.wait_for_url(re.compile(r"view_hides=class%3A0-2%2C5(&|$)"))
    other = settled(visit(page.url.replace(page.url.split("/latent")[0], "")))
    assert pressed(other) == [False] * 3 + [True] * 2 + [False] + [True] * 4
    wait_until(lambda: pixels(other) == pixels(page) != whole)
    page.get_by_text("cluster", exact=True).click()
    page.wait_for_url(lambda url: "view_hides" not in url)
    assert pressed(page) == [True] * 10
    page.get_by_text("class", exact=True).first.click()
    page.wait_for_url(re.compile(r"view_hides=class%3A0-2%2C5(&|$)"))  # as one left it


def pressed(page: Page) -> list[bool]:
    """Which groups the legend shows."""
    page.locator(".stage[data-ready]").wait_for()
    return [one.get_attribute("aria-pressed") == "true" for one in page.locator(".legend button").all()]


@pytest.mark.usefixtures("runs")
def test_who_comes_to_a_map_moves_nothing(visit: Visit) -> None:
    run = open_run(RUN).path
    shutil.copytree(run, run.with_name("00002-digits-vae"))  # whose pictures come is all the same
    page = settled(visit(f"/latent?run={RUN}&n=300&drawn=3,7-9"))
    page.locator(".stage[data-ready]").wait_for()
    for _ in range(3):
        page.get_by_role("button", name="Zoom in").click()
    page.locator(".legend button").nth(4).click()
    page.wait_for_url(re.compile(r"view=.*view_hides=class%3A4(&|$)"))
    before = found(page)
    assert len(set(before)) > 1
    page.get_by_role("button", name="Another run's pictures").click()
    page.get_by_role("combobox", name="Run").last.click()
    page.get_by_role("option").filter(has_text="2 · ").click()
    expect(page.locator(".legend button")).to_have_count(11)
    assert pressed(page) == [True] * 4 + [False] + [True] * 6
    expect(page.get_by_text(re.compile("^4 selected:"))).to_be_visible()
    page.keyboard.press("Escape")  # closes the list of runs
    page.locator(".legend button").last.click()  # without them, nothing has moved
    wait_until(lambda: found(page) == before)


def found(page: Page) -> list[str]:
    """The points nearest to four places around the middle of the view, on a way that ends where it began."""
    stage = page.locator(".stage[data-ready]")
    stage.focus()
    told = []
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown"):
        stage.press(key)
        told.append(page.locator(".status").inner_text())
    stage.blur()
    return told


@pytest.mark.usefixtures("runs")
def test_moving_is_no_step_for_the_back_button_and_all_in_view_is_not_in_the_address(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={RUN}&n=100"))
    page.locator(".stage[data-ready]").wait_for()
    before = page.evaluate("history.length")
    for zoom in ("1.5", "2.25", "3.375"):
        page.get_by_role("button", name="Zoom in").click()
        page.wait_for_url(re.compile(rf"view=[^&]*%2C{re.escape(zoom)}(&|$)"))
    settled(page)
    assert page.evaluate("history.length") == before
    page.get_by_role("button", name="Show all points").click()
    page.wait_for_url(lambda url: "view" not in url)
    page.reload()
    settled(page)
    expect(page.locator(".zoom")).to_have_text("1.0 ×")


@pytest.mark.usefixtures("runs")
def test_nonsense_in_a_link_is_ignored(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={RUN}&n=100&view=1e999,x&drawn=<b>,-4,1e9&colour=blue&k=-3"))
    page.locator(".stage[data-ready]").wait_for()
    expect(page.locator(".zoom")).to_have_text("1.0 ×")
    expect(page.get_by_text("Nothing is selected.")).to_be_visible()


@pytest.mark.usefixtures("runs")
def test_two_maps_point_and_select_together(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={RUN}&n=300&beside=pixels-pca", width=1440))
    first, second = page.locator(".map").nth(0), page.locator(".map").nth(1)
    for one in (first, second):
        one.locator(".stage[data-ready]").wait_for()
    before = second.locator(".stage > canvas").nth(1).evaluate(INK)
    first.locator(".stage").focus()
    page.keyboard.press("+")  # points at what is in the middle
    page.keyboard.press("0")
    assert row_of(first) < SAME  # or nothing could be shown of it in the other map
    wait_until(lambda: second.locator(".stage > canvas").nth(1).evaluate(INK) > before)
    before = pixels(page)
    second.locator(".stage").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"drawn={row_of(second)}(&|$)"))
    expect(page.get_by_text("1 selected:")).to_be_visible()
    wait_until(lambda: pixels(page) != before)


def row_of(one: Locator) -> int:
    """The point that a map's card is about."""
    said = one.locator(".card span")
    expect(said).to_have_text(re.compile(r"\d"))  # drawn at the browser's next frame
    return int(said.inner_text().split()[1])


@pytest.mark.usefixtures("runs")
def test_a_map_and_its_selection_can_be_taken_away(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={RUN}&n=300&points=3,7-9&lang=zh"))
    page.locator(".stage[data-ready]").wait_for()
    page.get_by_role("button", name="下载", exact=True).click()
    expect(page.get_by_text("选中的 4 个点")).to_be_visible()
    begins = {"csv": b"row,class,generated,x,y\n3,", "npz": b"PK", "svg": b"<svg ", "html": b"<!doctype html>"}
    for kind, start in begins.items():
        file = taken(page, translate("zh", f"canvas.as_{kind}"))
        data = Path(file.path()).read_bytes()
        assert data.startswith(start)
        assert file.suggested_filename.startswith(f"{RUN}-step200-encoder-pca.")
        if kind == "csv":
            assert data.count(b"\n") == 5
