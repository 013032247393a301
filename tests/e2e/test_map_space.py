"""A map in space, drawn by plotly: where one looks from and what its legend hides are in the link."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.driving import ACTION_MS, settled
from tests.helpers import wait_until
from tools.dashboard import Server, launched

RUN = "00001-digits-vae"
EYE = "document.querySelector('.js-plotly-plot')._fullLayout.scene._scene.getCamera().eye"
SHOWN = "document.querySelector('.js-plotly-plot').data.map(({ visible }) => visible !== 'legendonly')"


@pytest.fixture
def webgl(chromium: Browser) -> Iterator[Browser]:
    """A browser that draws in space without a graphics card."""
    with launched(chromium.browser_type, webgl=True) as running:
        yield running


def opened(webgl: Browser, url: str) -> Page:
    page = webgl.new_page(viewport={"width": 1000, "height": 1100}, reduced_motion="reduce")
    page.set_default_timeout(2 * ACTION_MS)
    page.goto(url)
    cloud = settled(page).locator(".js-plotly-plot .gl-container canvas")
    cloud.first.wait_for()
    return page


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("runs")
def test_who_opens_the_link_looks_from_the_same_place_at_the_same_groups(webgl: Browser, server: Server) -> None:
    page = opened(webgl, f"{server.url}/latent?run={RUN}&n=50&dims=3")
    cloud = page.locator(".js-plotly-plot")
    cloud.scroll_into_view_if_needed()
    box = cloud.bounding_box()
    assert box is not None
    usual = page.evaluate(EYE)
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    for step in range(1, 5):
        page.mouse.move(middle[0] + 20 * step, middle[1])
        page.wait_for_timeout(200)
    page.mouse.up()
    page.wait_for_url(re.compile("view="))
    cloud.locator(".legendtoggle").nth(3).click()
    page.wait_for_url(re.compile(r"view_hides=class%3A3(&|$)"))
    settled(page)
    turned = page.evaluate(EYE)
    assert turned["x"] ** 2 + turned["y"] ** 2 > 0.1  # not from the pole, where little tells one view from another
    assert turned != pytest.approx(usual, rel=0.05)  # hiding a group has turned nothing back
    other = opened(webgl, page.url)
    assert other.evaluate(EYE) == pytest.approx(turned, rel=1e-3)
    assert other.evaluate(SHOWN) == [True] * 3 + [False] + [True] * 6
    other.get_by_text("cluster", exact=True).click()  # drawn anew, and other groups
    wait_until(lambda: other.evaluate(SHOWN) == [True] * 10)
    assert other.evaluate(EYE) == pytest.approx(turned, rel=1e-3)
    expect(other.get_by_text("cluster 1", exact=True)).to_be_visible()
