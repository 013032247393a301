"""A search by hand in a browser: started, stopped, gone on with, and trained on from its best trial."""

import pytest
from playwright.sync_api import expect

from genlab.runs.search_plan import read_trials, searches_dir
from genlab.runs.store import list_runs, open_run
from tests.e2e.driving import Visit, settled, stop_button

SECONDS = 120_000
"""A search starts a process, which starts a worker; each loads torch."""


@pytest.mark.slow
def test_a_search_from_the_form_to_the_best_options(visit: Visit) -> None:
    small = "gan.generator_layers=16&gan.critic_layers=16&precision=fp32"
    page = settled(visit(f"/train?data=digits&model=gan&preset=gan&minutes=0.1&{small}"))
    page.get_by_text("Search for good options").click()
    trials = page.get_by_role("spinbutton", name="Trials")
    trials.fill("2")
    trials.press("Enter")
    expect(page.get_by_text("2 trials of 6 s each: 12 s of training")).to_be_visible()
    page.get_by_role("button", name="Start the search").click()
    page.wait_for_url("**search=1**")

    expect(page.get_by_role("progressbar", name="Trial 1")).to_be_visible(timeout=SECONDS)
    stop_button(page).click()
    go_on = page.get_by_role("button", name="Go on")
    expect(go_on).to_be_visible(timeout=SECONDS)
    page.reload()
    settled(page)
    go_on.click()
    expect(page.get_by_text("2 of 2 trials done")).to_be_visible(timeout=SECONDS)
    expect(page.get_by_text("Results")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    assert [run.title for run in list_runs()] == ["search 1, trial 2", "search 1, trial 1"]

    best = min(read_trials(searches_dir() / "1"), key=lambda trial: trial.score or 0.0)
    page.get_by_role("button", name="Train with the best options").click()
    page.wait_for_url("**gan.lr_critic=**")
    expect(page.get_by_role("spinbutton", name="Critic's rate", exact=True)).to_have_value(
        f"{open_run(best.run).config.options['lr_critic']:g}"
    )
