"""The Latent space page in a real browser: selecting, walking, computing, stopping, and one link for all of it."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from genlab.latent.spec import Spec
from genlab.runs.maps import plan
from genlab.runs.store import open_run
from tests.e2e.driving import Visit, settled

RUN = "00001-digits-vae"


def draw_around(page: Page) -> None:
    """A lasso around the middle of the map."""
    area = page.locator(".nsewdrag").first
    expect(area).to_be_visible()
    box = area.bounding_box()
    assert box is not None
    x, y, w, h = box["x"], box["y"], box["width"], box["height"]
    page.mouse.move(x + 0.2 * w, y + 0.2 * h)
    page.mouse.down()
    for across, down in ((0.8, 0.2), (0.8, 0.8), (0.2, 0.8), (0.2, 0.2)):
        page.mouse.move(x + across * w, y + down * h, steps=5)
    page.mouse.up()


@pytest.mark.usefixtures("runs")
def test_drawing_around_points_shows_their_pictures(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={RUN}&n=300"))
    expect(page.get_by_text("Each point is one of 300 real pictures")).to_be_visible()
    draw_around(page)
    said = page.get_by_text(re.compile(r"^\d+ selected:"))
    expect(said).to_be_visible()
    count = int(said.inner_text().split()[0])
    assert 0 < count < 300
    expect(page.get_by_alt_text(f"The pictures of {min(count, 256)} selected points")).to_be_visible()
    page.get_by_role("button", name="Clear the selection").click()
    expect(page.get_by_text("Nothing is selected.")).to_be_visible()


@pytest.mark.usefixtures("runs")
def test_a_walk_is_in_the_link_and_can_be_taken_home(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={RUN}&n=100&dims=3&points=0-5&a=2&b=4&path=slerp&steps=5"))
    expect(page.get_by_alt_text("5 pictures on the way from point 2 to point 4")).to_be_visible()
    expect(page.get_by_alt_text("The pictures of 6 selected points")).to_be_visible()
    with page.expect_download() as got:
        page.get_by_role("button", name="Download as PNG").click()
    with Image.open(io.BytesIO(Path(got.value.path()).read_bytes())) as strip:
        assert strip.size == (5 * 8 * 4, 8 * 4)
    page.get_by_role("radio", name="straight").or_(page.get_by_role("button", name="straight")).click()
    page.wait_for_url(lambda url: "path" not in url)


@pytest.mark.usefixtures("runs")
def test_tsne_is_computed_stopped_and_computed_again(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={RUN}&method=tsne&n=1400&perplexity=40"))
    compute = page.get_by_role("button", name="Compute this map")
    compute.click()
    expect(page.get_by_text("Arranging the points")).to_be_visible(timeout=60_000)
    page.reload()  # whoever comes later sees the same computation
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("The computation was stopped.")).to_be_visible()
    assert not plan(open_run(RUN), Spec("encoder", "tsne", n=1400, perplexity=40)).is_done()
    page.goto(page.url.replace("n=1400", "n=100").replace("perplexity=40", "perplexity=10"))
    compute.click()
    expect(page.locator(".nsewdrag").first).to_be_visible(timeout=60_000)
    assert plan(open_run(RUN), Spec("encoder", "tsne", n=100, perplexity=10)).is_done()
    expect(page.get_by_text("t-SNE 1")).to_be_visible()


@pytest.mark.usefixtures("runs")
def test_on_a_dark_phone_in_chinese_nothing_sticks_out(visit: Visit) -> None:
    page = settled(visit(f"/latent?run={RUN}&lang=zh&n=100", width=420, dark=True))
    expect(page.locator(".nsewdrag").first).to_be_visible()
    expect(page.get_by_role("heading", name="从一点走到另一点")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
