"""The Replay page in a real browser: one cursor moves everything, and a link keeps it."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from genlab.evaluation.sheet import ScoreSheet
from genlab.latent.film import chosen_steps
from genlab.runs import recorder
from genlab.runs.derived import compute
from genlab.runs.films import plan
from genlab.runs.scores import append_scores
from genlab.runs.session import Session
from genlab.runs.status import run_lock
from genlab.runs.store import Run, create_run, open_run
from genlab.training.config import RunConfig
from genlab.ui.replay.story import MOST_SAMPLES
from tests.e2e.driving import Visit, settled
from tests.e2e.mapping import drawn

RUN = "00001-digits-vae"
OFTEN = {"LOG_SECONDS": 0.02, "LOG_SECONDS_MAX": 0.02, "SNAPSHOT_SECONDS": 0.05, "SNAPSHOT_SECONDS_MAX": 0.05,
         "CHECKPOINT_SECONDS": 0.1, "COST_SHARE": 1.0}  # fmt: skip


@pytest.fixture(scope="session")
def filmed_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run that has snapshots, checkpoints, scores and a film, to be copied."""
    home = tmp_path_factory.mktemp("filmed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENLAB_HOME", str(home))
        for name, value in OFTEN.items():
            patch.setattr(recorder, name, value)
        run = create_run(RunConfig(data="digits", model="vae", preset="vae", steps=400, precision="fp32"))
        with run_lock(run.path):
            Session(run).train()
        steps = [step for step, _ in run.checkpoints()]
        assert len(steps) > 2
        for step, fid in ((steps[0], 90.0), (steps[1], 30.0), (400, 40.0)):
            scores, floor = {"fid": fid, "recall": 0.5}, {"fid": 2.0}
            append_scores(run.path, ScoreSheet(step, "quick", "digits", "ab" * 32, 100, 50, "test", 0, scores, floor))
        compute(plan(run))
    return home / "runs"


@pytest.fixture
def run(own_home: Path, filmed_runs: Path) -> Run:
    """That run in this test's home; ask for it before `visit`."""
    shutil.copytree(filmed_runs, own_home / "runs")
    return open_run(RUN)


def snapshots(run: Run) -> list[int]:
    """The steps of the snapshots that a browser gets."""
    return chosen_steps([step for step, _ in run.samples()], MOST_SAMPLES)


def player(page: Page) -> Page:
    """Wait until the player has all it shows."""
    page.locator(".replay[data-ready]").wait_for(timeout=90_000)
    return page


PASSED = """(step, least) => new Promise((done) => {
  const look = () => (Number(step.textContent) >= least ? done() : requestAnimationFrame(look));
  look();
})"""


def step(page: Page) -> int:
    return int(page.locator(".now .step").inner_text().replace(",", ""))


def seen(page: Page) -> dict[str, str]:
    """What each panel shows at the moment."""
    return page.locator(".replay").evaluate(
        """body => Object.fromEntries(Object.entries({
          step: body.querySelector('.now .step').textContent,
          map: body.querySelector('.map canvas').toDataURL(),
          sample: body.querySelector('.samples > canvas').toDataURL(),
          curve: body.querySelector('.curves .cursor').getAttribute('transform'),
          score: body.querySelector('.scores .cursor').getAttribute('transform'),
          value: body.querySelector('.score-value').textContent,
        }))"""
    )


def address(at: str) -> re.Pattern[str]:
    return re.compile(rf"[?&]step={at}(&|$)")


def test_playing_moves_map_samples_curves_and_step_together(run: Run, visit: Visit) -> None:
    page = visit(f"/replay?run={RUN}&step=0")
    page.emulate_media(reduced_motion="no-preference")
    player(page)
    before = seen(page)
    assert before["step"] == "0"
    assert before["value"] == "–"  # what was not known then is not told
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.locator(".now .step").evaluate(PASSED, 250)
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    after = seen(page)
    assert [name for name in before if before[name] == after[name]] == []
    at = step(page)
    expect(page).to_have_url(address(str(at)))
    assert seen(page)["step"] == after["step"]  # Python's answer moves nothing
    near = min(snapshots(run), key=lambda step: abs(step - at))
    expect(page.locator(".samples .note")).to_have_text(f"snapshot of step {near}")
    # Played to its end it stands on the last step, which needs no place in the address.
    page.get_by_label("Speed").select_option("2")
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".now .step")).to_have_text("400")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(page).not_to_have_url(address(r"\d+"))


@pytest.mark.usefixtures("run")
def test_a_reload_and_a_shared_link_show_the_same_step(visit: Visit) -> None:
    page = player(visit(f"/replay?run={RUN}"))
    assert step(page) == 400
    page.get_by_role("slider", name="Step").fill("123")
    expect(page).to_have_url(address("123"))
    shown = seen(page)
    settled(page).reload()
    assert seen(player(page)) == shown
    path = page.url[page.url.index("/replay") :]
    assert seen(player(visit(path))) == shown
    expect(page.get_by_role("link", name="Samples at step 123")).to_have_attribute("href", address("123"))


@pytest.mark.usefixtures("run")
def test_nonsense_in_the_address_is_left_out(visit: Visit) -> None:
    page = player(visit(f"/replay?run={RUN}&step=1e9"))
    assert step(page) == 400
    expect(page).not_to_have_url(re.compile("step="))


def middle(chart: Locator) -> tuple[float, float, float]:
    """The middle of what a chart draws in, and how wide that is, in pixels of the page."""
    chart.hover()  # in view, and at rest
    box = chart.bounding_box()
    assert box is not None
    width = box["width"] - 42 - 12
    return box["x"] + 42 + width / 2, box["y"] + box["height"] / 2, width


def test_keys_go_from_change_to_change_and_curves_can_be_pressed(run: Run, visit: Visit) -> None:
    page = player(visit(f"/replay?run={RUN}"))
    slider = page.get_by_role("slider", name="Step")
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "Step 0 of 400")
    stops = sorted({*snapshots(run), *dict(run.checkpoints()), 0, 400})
    page.keyboard.press("ArrowRight")
    expect(page.locator(".now .step")).to_have_text(str(stops[1]))
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".now .step")).to_have_text(str(stops[-2]))
    chart = page.locator(".curves .chart").first
    page.mouse.click(*middle(chart)[:2])
    expect(page.locator(".now .step")).to_have_text(re.compile("^(19[89]|20[0-2])$"))
    expect(page).to_have_url(address(str(step(page))))
    settled(page)  # what Python answers may move the chart
    x, y, width = middle(chart)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + width / 4, y, steps=4)
    page.mouse.up()
    expect(page.locator(".now .step")).to_have_text(re.compile("^(29[89]|30[0-2])$"))
    expect(page).to_have_url(address(str(step(page))))


def test_where_motion_is_not_wanted_it_plays_from_stop_to_stop(run: Run, visit: Visit) -> None:
    page = player(visit(f"/replay?run={RUN}&step=0"))  # visits ask for little motion
    page.get_by_role("button", name="Play").click()
    stops = {*snapshots(run), *dict(run.checkpoints()), 0, 400}
    shown = {0}
    while len(shown) < 4 and 400 not in shown:
        expect(page.locator(".now .step")).not_to_have_text(str(max(shown)))
        shown.add(step(page))
    assert shown <= stops


@pytest.mark.usefixtures("run")
def test_pointing_at_the_map_shows_a_picture_and_classes_can_be_hidden(visit: Visit) -> None:
    page = player(visit(f"/replay?run={RUN}"))
    canvas = page.locator(".map .stage > canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    card = page.locator(".map .card")
    for share in (0.5, 0.45, 0.55, 0.4, 0.6):
        page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
        drawn(page)
        if card.is_visible():
            break
    expect(card.locator("span")).to_have_text(re.compile(r"^point \d+$"))
    ink = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0 && v < 255)"
    assert card.locator("canvas").evaluate(ink)
    page.mouse.move(2, 2)
    expect(card).to_be_hidden()
    before = seen(page)["map"]
    page.get_by_role("button", name=re.compile(r"^3 \d+$")).click()
    drawn(page)
    assert seen(page)["map"] != before


def test_a_run_with_one_checkpoint_and_no_scores_says_so(runs: Path, visit: Visit) -> None:
    run = open_run(RUN)
    for _, folder in run.checkpoints()[:-1]:
        shutil.rmtree(folder)
    page = visit(f"/replay?run={RUN}")
    # Nobody has asked for its map: the page begins it, and plays what is there meanwhile.
    still = "There is a single checkpoint, so the map stands still."
    expect(page.locator(".map .brief")).to_contain_text(still, timeout=120_000)  # a process starts for it
    expect(page.locator(".scores .none")).to_contain_text("This run has no scores.")
    expect(page.locator(".scores .chart")).to_be_hidden()
    assert plan(run).is_done()


def test_a_run_that_is_deleted_meanwhile_ends_in_a_sentence(run: Run, visit: Visit) -> None:
    page = player(visit(f"/replay?run={RUN}"))
    settled(page)
    shutil.rmtree(run.path)
    page.get_by_role("slider", name="Step").fill("100")
    expect(page.get_by_text("it was deleted")).to_be_visible()
    page.reload()
    expect(page.get_by_text(f"There is no run called {RUN}")).to_be_visible()


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("dark", [False, True])
def test_a_narrow_page_stacks_its_panels(visit: Visit, dark: bool) -> None:
    page = player(visit(f"/replay?run={RUN}&lang=zh", width=390, dark=dark))
    boxes = [page.locator(f".panel.{name}").bounding_box() for name in ("map", "samples", "curves", "scores")]
    tops = [box["y"] for box in boxes if box is not None]
    assert tops == sorted(tops)
    assert len(set(tops)) == 4
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator(".map h3")).to_have_text("潜空间地图")
