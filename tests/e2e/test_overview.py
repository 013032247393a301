"""The Overview in a browser: from a card into the run, and a list that follows what happens elsewhere."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from genlab.runs.store import create_run, open_run
from genlab.training.config import RunConfig
from tests.e2e.driving import Visit, settled

WORK_MS = 150_000
"""A worker gives way to every other process, and a busy machine has many."""

VAE = "00001-digits-vae"


@pytest.mark.usefixtures("runs")
def test_a_card_leads_into_its_run_in_the_language_chosen(visit: Visit) -> None:
    page = settled(visit("/?lang=zh"))
    card = page.locator(f".st-key-card-{VAE}")
    card.get_by_role("link", name="打开").click()
    page.wait_for_url(f"**/train?*run={VAE}*")
    settled(page)
    assert "lang=zh" in page.url
    expect(page.get_by_role("heading", name="1 · VAE · Digits 8x8")).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()


def test_a_damaged_run_is_told_and_the_rest_stays(runs: Path, visit: Visit) -> None:
    (runs / "00009-digits-gan").mkdir()
    page = settled(visit("/"))
    expect(page.get_by_text("00009-digits-gan").first).to_be_visible()
    expect(page.locator(f".st-key-card-{VAE}")).to_be_visible()


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.usefixtures("runs")
def test_cards_follow_a_run_started_elsewhere(visit: Visit) -> None:
    run = create_run(RunConfig(data="digits", model="gan", preset="gan", steps=300))
    page = settled(visit("/"))
    card = page.locator(f".st-key-card-{run.id}")
    expect(card.locator("img")).to_be_visible(timeout=WORK_MS)
    expect(card.get_by_text("finished")).to_be_visible(timeout=WORK_MS)
    assert open_run(run.id).status().state == "finished"
