"""The Latent space page in a real browser: selecting, walking, computing, stopping, and one link for all of it."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from genlab.latent.spec import Spec
from genlab.runs.maps import plan
from genlab.runs.store import open_run
from genlab.ui.latent.canvas import source
from tests.e2e.driving import Visit, download, settled, stop_button

RUN = "00001-digits-vae"


def place(page: Page, across: float, down: float) -> tuple[float, float]:
    """A place on the map as pixels of the page; 0, 0 is the map's upper left corner."""
    stage = page.locator(".stage")
    expect(page.locator(".legend button").first).to_be_visible()
    stage.evaluate("element => element.scrollIntoView({ block: 'center' })")  # clear of the page's header
    box = stage.bounding_box()
    assert box is not None
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def draw_around(page: Page, corners: list[tuple[float, float]]) -> None:
    """Draw a lasso through corners, with Shift."""
    page.keyboard.down("Shift")
    page.mouse.move(*place(page, *corners[0]))
    page.mouse.down()
    for corner in [*corners[1:], corners[0]]:
        page.mouse.move(*place(page, *corner), steps=5)
    page.mouse.up()
    page.keyboard.up("Shift")


def selected(page: Page) -> int:
    """How many points the panel says are selected."""
    said = page.get_by_text(re.compile(r"^[\d,]+ selected:"))
    expect(said).to_be_visible()
    return int(said.inner_text().split()[0].replace(",", ""))


MIDDLE = [(0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7)]
INK = "canvas => new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).size"
ALL = [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99)]


@pytest.mark.usefixtures("runs")
def test_drawing_around_points_shows_their_pictures(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={RUN}&n=300"))
    expect(page.get_by_text("Each point is one of 300 real pictures")).to_be_visible()
    draw_around(page, MIDDLE)
    count = selected(page)
    assert 0 < count < 300
    expect(page.get_by_alt_text(f"The pictures of {min(count, 256)} selected points")).to_be_visible()
    page.get_by_role("button", name="Clear the selection").click()
    expect(page.get_by_text("Nothing is selected.")).to_be_visible()
    page.get_by_role("button", name="Select in a box").click()
    page.mouse.move(*place(page, 0.01, 0.01))
    page.mouse.down()
    page.mouse.move(*place(page, 0.99, 0.99), steps=5)
    page.mouse.up()
    assert selected(page) == 300
    page.keyboard.press("Escape")
    expect(page.get_by_text("Nothing is selected.")).to_be_visible()


@pytest.mark.usefixtures("runs")
def test_a_class_that_is_hidden_is_neither_pointed_at_nor_selected(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={RUN}&n=300"))
    first = page.locator(".legend button").first
    count = int(first.locator("small").inner_text())
    first.press("Enter")
    expect(first).to_have_attribute("aria-pressed", "false")
    draw_around(page, ALL)
    assert selected(page) == 300 - count
    first.click()
    draw_around(page, ALL)
    expect(page.get_by_text(re.compile("^300 selected:"))).to_be_visible()
    first.dblclick()
    expect(page.locator(".legend [aria-pressed=true]")).to_have_count(1)


def sent_to(page: Page) -> list[int]:
    """The sizes of messages from the server; fills while the page lives."""
    sizes: list[int] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: sizes.append(len(frame))))
    return sizes


@pytest.mark.usefixtures("runs")
def test_pointing_shows_a_picture_and_a_click_selects_it_without_sending_the_points_again(visit: Visit) -> None:
    page = visit(f"/latent?run={RUN}&n=1500")
    sizes = sent_to(page)
    page.reload()
    settled(page)
    expect(page.locator(".card")).to_be_hidden()
    place(page, 0.5, 0.5)  # waits for the points
    script, least = len(source()), 10 * 1_500  # each mount brings the script; the points and the pictures are more
    assert sum(size > script + least for size in sizes) == 2
    sizes.clear()
    page.mouse.move(*place(page, 0.5, 0.5))
    card = page.locator(".card")
    expect(card.locator("span")).to_have_text(re.compile("^point "))
    assert card.locator("canvas").evaluate(INK) > 4  # a picture, not a blank
    page.mouse.click(*place(page, 0.5, 0.5))
    assert selected(page) == 1
    assert max(sizes) < script + least


@pytest.mark.usefixtures("runs")
def test_one_looks_closer_by_wheel_and_keys_and_it_stays_so(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={RUN}&n=300"))
    page.mouse.move(*place(page, 0.5, 0.5))
    expect(page.locator(".zoom")).to_have_text("1.0 ×")
    for _ in range(2):
        page.mouse.wheel(0, -300)
    expect(page.locator(".zoom")).to_have_text("2.6 ×")  # exp(2 * 300 * 0.0016)
    page.locator(".stage").focus()
    page.keyboard.press("+")
    expect(page.locator(".zoom")).to_have_text("3.4 ×")
    expect(page.locator(".card")).to_be_visible()  # what is in the middle
    page.keyboard.press("Enter")
    assert selected(page) == 1  # Python has answered, and the map was drawn anew
    expect(page.locator(".zoom")).to_have_text("3.4 ×")
    page.keyboard.press("0")
    expect(page.locator(".zoom")).to_have_text("1.0 ×")


@pytest.mark.usefixtures("runs")
def test_a_walk_is_in_the_link_and_can_be_taken_home(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={RUN}&n=100&dims=3&points=0-5&tab=walk&a=2&b=4&path=slerp&steps=5"))
    expect(page.get_by_alt_text("5 pictures on the way from point 2 to point 4")).to_be_visible()
    with Image.open(download(page, "PNG")) as strip:
        assert strip.size == (5 * 8 * 4, 8 * 4)
    page.get_by_role("radio", name="straight").or_(page.get_by_role("button", name="straight")).click()
    page.wait_for_url(lambda url: "path" not in url)
    page.get_by_role("tab", name="Selection").click()
    expect(page.get_by_alt_text("The pictures of 6 selected points")).to_be_visible()
    page.wait_for_url(lambda url: "tab" not in url)


@pytest.mark.usefixtures("runs")
def test_tsne_is_computed_stopped_and_computed_again(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={RUN}&method=tsne&n=1400&perplexity=40&dims=3"))
    compute = page.get_by_role("button", name="Compute this map")
    compute.click()
    expect(page.get_by_text("Arranging the points")).to_be_visible(timeout=60_000)
    page.reload()  # whoever comes later sees the same computation
    stop_button(settled(page)).click()
    expect(page.get_by_text("The computation was stopped.")).to_be_visible()
    assert not plan(open_run(RUN), Spec("encoder", "tsne", n=1400, dims=3, perplexity=40)).is_done()
    page.goto(page.url.replace("n=1400", "n=100").replace("perplexity=40&dims=3", "perplexity=10"))
    settled(page)
    compute.click()
    expect(page.locator(".legend button").first).to_be_visible(timeout=60_000)
    assert plan(open_run(RUN), Spec("encoder", "tsne", n=100, perplexity=10)).is_done()
    expect(page.get_by_text("t-SNE 1", exact=True)).to_be_visible()


@pytest.mark.usefixtures("runs")
def test_on_a_dark_phone_in_chinese_nothing_sticks_out(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={RUN}&lang=zh&n=100&tab=walk", width=420, dark=True))
    page.locator(".stage[data-ready]").wait_for()
    expect(page.get_by_role("tab", name="漫步")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    with Image.open(io.BytesIO(page.locator(".stage").screenshot())) as shot:
        colours = shot.convert("RGB").getcolors(100_000)
    assert colours is not None
    (_, paper) = max(colours)
    assert max(paper) < 64  # dark
    assert sum(max(colour) - min(colour) > 60 for _, colour in colours) > 20  # points in the colours of classes


@pytest.mark.usefixtures("runs")
def test_between_points_the_model_draws_and_a_click_keeps_the_place(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={RUN}&n=60"))
    expect(page.get_by_text("Point between the points")).to_be_visible()
    place(page, 0.5, 0.5)  # waits for the points
    with page.expect_response(re.compile(r"/lattice\?")) as lattice:
        page.locator("[data-tool=lattice]").click()
    assert lattice.value.status == 200
    card = page.locator(".card")
    with page.expect_response(re.compile(r"/at\?")) as told:
        page.mouse.move(*place(page, 0.03, 0.06))  # a corner of the map, where no point is
    assert told.value.status == 200
    expect(card.locator("span")).to_have_text(re.compile(r"\d"))  # the round trip, as the route measures it
    assert card.locator("canvas").evaluate(INK) > 4
    page.mouse.click(*place(page, 0.03, 0.06))
    expect(page.get_by_alt_text(re.compile("^What the model draws at"))).to_be_visible()
