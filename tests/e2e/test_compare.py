"""The Compare page in a real browser: choosing, sorting, the slider, and files that open by themselves."""

import csv
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Position, expect

from genlab.evaluation.sheet import ScoreSheet
from genlab.runs.scores import append_scores
from genlab.runs.store import open_run
from tests.e2e.driving import Visit, download, settled

FIRST, SECOND = "00001-digits-vae", "00002-digits-vae"
SHEET = ScoreSheet(200, "full", "of digits", "ab12" * 16, 2000, 359, "test", 0, {"fid": 12.5}, {"fid": 0.2}, 1.0, 2.0)


@pytest.fixture
def two_runs(runs: Path) -> Path:
    """Two finished runs, the second with the better score."""
    shutil.copytree(runs / FIRST, runs / SECOND)
    append_scores(runs / FIRST, SHEET)
    append_scores(runs / FIRST, replace(SHEET, step=50, kind="quick", n=500, scores={"fid": 99.0}))
    append_scores(runs / SECOND, replace(SHEET, scores={"fid": 8.25}))
    return runs


def first_column(page: Page) -> Locator:
    """The table's first column, from the top; the table tells it to screen readers."""
    return page.get_by_test_id("stDataFrame").first.locator("tbody tr td:first-child")


@pytest.mark.usefixtures("two_runs")
def test_runs_are_chosen_sorted_and_linked_to(visit: Visit) -> None:
    page = settled(visit("/compare"))
    page.wait_for_url(lambda url: "runs=2%2C1" in url or "runs=2,1" in url)
    expect(page.locator(".nsewdrag").first).to_be_visible()
    expect(page.get_by_text("Measured with of digits (ab12ab12ab12)").first).to_be_visible()

    first, second = "● 1 · VAE · Digits 8x8", "■ 2 · VAE · Digits 8x8"
    heading: Position = {"x": 20, "y": 15}  # of the first column
    expect(first_column(page)).to_have_text([second, first])
    page.get_by_test_id("stDataFrame").first.click(position=heading)
    expect(page.get_by_test_id("stDataFrame").first.locator("th").first).to_contain_text("↑")
    expect(first_column(page)).to_have_text([second, first])
    page.get_by_test_id("stDataFrame").first.click(position=heading)
    expect(first_column(page)).to_have_text([first, second])

    page.get_by_role("button", name="Remove 2 · VAE · Digits 8x8").or_(
        page.locator("[data-baseweb=tag]").filter(has_text="2 · VAE").get_by_role("presentation")
    ).first.click()
    page.wait_for_url(lambda url: url.endswith("runs=1"))
    expect(page.locator("figure")).to_have_count(1)


@pytest.mark.usefixtures("two_runs")
def test_one_slider_moves_all_pictures_and_is_in_the_link(visit: Visit) -> None:
    steps = [step for step, _ in open_run(FIRST).samples()]
    page = settled(visit("/compare?runs=1,2&x=images"))
    expect(page.get_by_text(f"step {steps[-1]:,} · ")).to_have_count(2)
    page.get_by_role("slider", name="Images").press("Home")
    expect(page.get_by_text("step 0 · 0 s")).to_have_count(2)
    page.wait_for_url("**images=0**")
    report = download(page, "Report (HTML)").read_text("utf-8")  # is of the pictures that the slider chose last
    assert report.count("step 0 · 0 s</figcaption>") == 2
    page.reload()
    expect(page.get_by_text("step 0 · 0 s")).to_have_count(2)


@pytest.mark.usefixtures("two_runs")
def test_the_files_say_what_the_page_says_and_the_report_asks_nobody(
    visit: Visit, chromium: Browser, tmp_path: Path
) -> None:
    page = settled(visit("/compare?runs=1,2&lang=zh"))
    with download(page, "CSV").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["run"], row["fid"], row["extractor"]) for row in rows] == [
        (FIRST, "12.5", "of digits"), (SECOND, "8.25", "of digits"),
    ]  # fmt: skip
    kept = shutil.copy(download(page, "报告（HTML）"), tmp_path / "report.html")

    complaints: list[str] = []
    context = chromium.new_context(offline=True, viewport={"width": 420, "height": 900}, color_scheme="dark")
    alone = context.new_page()
    alone.on("console", lambda message: complaints.append(message.text))
    alone.on("pageerror", lambda error: complaints.append(str(error)))
    alone.on("request", lambda request: complaints.append(request.url))
    alone.goto(kept.as_uri())
    assert complaints.pop(0) == kept.as_uri()
    expect(alone.get_by_role("heading", name="2 次训练的对比")).to_be_visible()
    expect(alone.get_by_role("cell", name="★ 8.25")).to_be_visible()
    expect(alone.locator("figure svg").first).to_be_visible()
    loaded = alone.locator("img").evaluate_all("images => images.map(image => image.complete && image.naturalWidth)")
    assert loaded == [71, 71]
    assert alone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert not [url for url in complaints if not url.startswith("data:")]
    context.close()


@pytest.mark.usefixtures("two_runs")
def test_a_run_deleted_meanwhile_and_nonsense_are_told_in_sentences(visit: Visit, two_runs: Path) -> None:
    page = settled(visit("/compare?runs=1,2"))
    shutil.rmtree(two_runs / SECOND)
    page.get_by_role("radio", name="Seconds").or_(page.get_by_role("button", name="Seconds")).click()
    expect(page.get_by_text("There is no run 2 here. It may have been deleted.")).to_be_visible()
    expect(page.locator("figure")).to_have_count(1)
    page = settled(visit("/compare?runs=%3Cb%3E,77&x=eons&seconds=NaN&by=%00"))
    expect(page.get_by_text("There is no run <b>, 77 here.")).to_be_visible()
    expect(page.locator("figure")).to_have_count(2)  # the one that is left, and the best of the zoo
    expect(page.locator("[data-testid=stException], [data-testid=stAlertContentError]")).to_have_count(0)


@pytest.mark.usefixtures("runs")
def test_a_single_run_has_the_best_of_the_zoo_beside_it(visit: Visit) -> None:
    page = settled(visit("/compare"))
    page.wait_for_url(re.compile(r"runs=1(,|%2C)zoo-conditional-hybrid"))
    expect(page.get_by_text("Conditional hybrid").first).to_be_visible()


@pytest.mark.usefixtures("two_runs")
def test_on_a_dark_phone_in_chinese_nothing_sticks_out(visit: Visit) -> None:
    page = settled(visit("/compare?runs=1,2&lang=zh", width=420, dark=True))
    expect(page.get_by_role("heading", name="同一时刻的图像")).to_be_visible()
    expect(page.locator(".nsewdrag").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
