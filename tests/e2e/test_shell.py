"""Every page on a server that nobody has visited before, in both languages, in a wide and a narrow window."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from genlab.runs.shelf import zoo_runs
from genlab.ui.i18n import translate
from genlab.ui.navigation import ENTRIES
from tests.e2e.driving import Visit, settled

PAGES = [entry.key for entry in ENTRIES]


def path_of(key: str) -> str:
    return "/" if key == "overview" else f"/{key}"


def assert_whole(page: Page, key: str, language: str) -> None:
    """The page with its frame and nothing broken in it."""
    settled(page)
    expect(page).to_have_title(f"{translate(language, f'nav.{key}')} · genlab")
    menu = page.locator("[data-testid=stSidebar] [data-testid=stPageLink]")
    expect(menu).to_have_text([re.compile(translate(language, f"nav.{entry}")) for entry in PAGES])
    expect(page.get_by_role("heading", name=translate(language, f"{key}.title"), exact=True).first).to_be_visible()
    expect(page.locator("[data-testid=stException], [data-testid=stAlertContentError]")).to_have_count(0)
    # Nothing but the tables and charts may need more room than the window has.
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    settled(page)  # the test goes on to the next page


@pytest.mark.parametrize("key", PAGES)
@pytest.mark.usefixtures("runs")
def test_a_cold_deep_link_opens_the_page_in_its_frame(key: str, visit: Visit) -> None:
    page = visit(f"{path_of(key)}?lang=zh")
    assert_whole(page, key, "zh")
    assert "lang=zh" in page.url


@pytest.mark.usefixtures("runs")
def test_every_page_by_the_menu_in_both_languages_and_on_a_phone(visit: Visit) -> None:
    page = visit("/")
    for language, other in (("en", "中文"), ("zh", "English")):
        for entry in ENTRIES:
            page.locator("[data-testid=stSidebar]").get_by_role(
                "link", name=translate(language, f"nav.{entry.key}")
            ).click()
            assert_whole(page, entry.key, language)
        page.locator("[data-testid=stSidebar]").get_by_role("radio", name=other).or_(
            page.locator("[data-testid=stSidebar]").get_by_role("button", name=other)
        ).click()
        settled(page)
    narrow = visit("/train", width=420, dark=True, locale="zh-CN")
    settled(narrow)
    expect(narrow.get_by_role("heading", name="训练", exact=True)).to_be_visible()
    assert narrow.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_first_start_shows_pictures_at_once(own_home: Path, visit: Visit) -> None:
    page = visit("/")
    settled(page)
    expect(page.locator("img[alt^='Pictures drawn by']")).to_have_count(1 + len(zoo_runs()))
    assert not (own_home / "runs").exists() or not list((own_home / "runs").glob("0*"))  # nothing is copied


def test_who_goes_by_the_keyboard_sees_where_they_are(visit: Visit) -> None:
    page = visit("/?lang=en")
    settled(page)
    for _ in range(2):  # past the link that skips the menu
        page.keyboard.press("Tab")
    link = page.locator("[data-testid=stSidebar]").get_by_role("link", name="Overview")
    expect(link).to_be_focused()
    expect(link).not_to_have_css("box-shadow", "none")
