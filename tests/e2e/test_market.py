"""The Market page in a browser: filter, open a claim, run its experiment, screen a use, and take the report away."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from genlab.market import claims, select
from genlab.market.screener import note
from genlab.market.search import search
from genlab.runs.store import Run, list_runs
from genlab.ui.i18n import translate
from tests.e2e.driving import Visit, settled, stop_button, taken
from tools.dashboard import ROOT, Server, served

SECONDS = 150_000
"""An experiment starts a process, which loads torch."""
CLAIM = "gan-harder"
SMALL = 'preset = "vae-classic", images = 80000, options = { encoder_layers = "16", decoder_layers = "16" }'
EXPERIMENTS = f"""
[tiny]
claim = "{CLAIM}"
metric = "sharpness"
data = "digits"
seeds = 2
question_en = "Is it so?"
question_zh = "是这样吗？"
expects_en = "Yes."
expects_zh = "是。"
pairs = [{{ first = "all", second = "few" }}]
[tiny.arms]
all = {{ en = "All pictures", zh = "全部", {SMALL} }}
few = {{ en = "Ninety pictures", zh = "九十张", n = 90, {SMALL} }}
"""


@pytest.fixture
def server(own_home: Path, tmp_path: Path) -> Iterator[Server]:
    """The dashboard of a checkout whose one experiment is small."""
    own_home.mkdir(parents=True, exist_ok=True)
    checkout = tmp_path / "checkout"
    for name in ("genlab", "pages", ".streamlit"):
        shutil.copytree(ROOT / name, checkout / name)
    shutil.copy2(ROOT / "app.py", checkout)
    data = checkout / "genlab" / "market" / "data"
    (data / "experiments.toml").write_text(EXPERIMENTS, "utf-8")
    shutil.rmtree(data / "results", ignore_errors=True)
    with served(own_home, checkout) as running:
        yield running


def click_middle(mark: Locator) -> None:
    """Click where a chart's mark lies: the layer that hears of it lies over it."""
    mark.scroll_into_view_if_needed()
    at = mark.bounding_box()
    assert at is not None
    mark.page.mouse.click(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)


def trainings() -> list[Run]:
    """The experiment's, the newest first; a run to look at may be there from the start."""
    return [run for run in list_runs() if run.title.startswith("tiny: ")]


@pytest.mark.slow
def test_an_experiment_is_run_stopped_and_gone_on_with(visit: Visit) -> None:
    page = settled(visit(f"/market?entry={CLAIM}"))
    expect(page.get_by_text("4 trainings (2 kinds, 2 seeds)")).to_be_visible()
    page.get_by_role("button", name="Run the experiment").click()
    expect(page.get_by_role("progressbar", name=re.compile("of 4 done"))).to_be_visible(timeout=SECONDS)
    stop_button(page).click()
    go_on = page.get_by_role("button", name="Go on")
    expect(go_on).to_be_visible(timeout=SECONDS)
    expect(page.get_by_text("Stopped before its end")).to_be_visible()
    begun = {run.id for run in trainings()}
    page.reload()
    settled(page)
    go_on.click()
    stop_button(page).wait_for()
    page.close()  # which changes nothing

    page = visit("/market?lang=zh&section=measured&entry=tiny")
    expect(page.get_by_text("你的结果：")).to_be_visible(timeout=SECONDS)
    expect(page.locator(".js-plotly-plot")).to_be_visible()
    runs = trainings()
    assert len(runs) == 4
    assert begun <= {run.id for run in runs}
    assert {run.status().state for run in runs} == {"finished"}
    page.get_by_text("各次训练（4）").click()
    page.get_by_role("link", name="九十张 · 1").click()
    page.wait_for_url(f"**/train?**run={runs[0].id}")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_from_a_filter_to_the_report(visit: Visit, lang: str) -> None:
    def t(key: str, **values: object) -> str:
        return translate(lang, key, **values)

    page = settled(visit(f"/market?lang={lang}"))
    page.get_by_role("combobox", name=t("market.verdict")).click()
    page.get_by_role("option", name=t("market.verdicts.wrong"), exact=True).click()
    page.wait_for_url("**verdict=wrong**")
    wrong = select(claims().values(), verdict="wrong")
    expect(page.locator(".gl-stats b").first).to_have_text(str(len(wrong)))
    settled(page).get_by_text(wrong[0].text[lang]).click()
    expect(page.get_by_text(wrong[0].right[lang])).to_be_visible()

    page.get_by_role("button", name=t("market_claims.clear")).click()
    expect(page.locator(".gl-stats b").first).not_to_have_text(str(len(wrong)))
    segment = settled(page).locator(".barlayer .point").first
    click_middle(segment)
    page.wait_for_url("**entry=**")
    settled(page).get_by_role("button", name=t("market.back")).click()
    expect(page.locator(".gl-stats b").first).to_be_visible()
    settled(page).get_by_text(t("market_claims.figures.matrix"), exact=True).click()
    expect(page.get_by_text(t("market_claims.matrix_note"))).to_be_visible()
    page.wait_for_url("**figure=matrix**")
    square = settled(page).locator(".scatterlayer path.point").last
    click_middle(square)
    page.wait_for_url("**topic=**verdict=**")

    first = search("mode collapse", limit=1)[0].entry.name[lang]
    box = settled(page).get_by_role("textbox", name=t("market.search"))
    box.fill("mode collapse")
    box.press("Enter")
    page.get_by_role("link", name=first).click()
    page.wait_for_url("**entry=**")
    assert len(page.context.pages) == 1

    page = settled(visit(f"/market?lang={lang}&section=screener&use.data=1"))
    name = page.get_by_role("textbox", name=t("market_screener.name"))
    name.fill("Seven & a half")  # and no Enter: the name is taken as it is typed
    expect(page.get_by_text("Seven & a half")).to_be_visible()  # in the field
    file = taken(page, t("market_screener.download"))
    assert file.suggested_filename == "genlab-use.html"
    report = Path(file.path()).read_text("utf-8")
    assert "Seven &amp; a half" in report
    assert note()[lang] in report
    page.goto("about:blank")
    page.set_content(report)
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
