"""A run is shared by a link: another visitor sees it and takes a copy, until the link is withdrawn."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from genlab.paths import at_home
from genlab.runs.store import list_runs
from genlab.runs.visitors import visitors
from tests.e2e.driving import Visit, settled
from tests.helpers import wait_until
from tools.dashboard import Server

VAE = "00001-digits-vae"


@pytest.fixture(autouse=True)
def demo(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_home.mkdir()
    monkeypatch.setenv("GENLAB_MODE", "demo")


def test_a_link_shows_one_run_and_ends(visit: Visit, server: Server, trained_runs: Path) -> None:
    ada = settled(visit("/"))
    (at_adas,) = visitors()
    for name in (VAE, "00002-digits-vae"):  # the second is not shared
        shutil.copytree(trained_runs / VAE, at_adas / "runs" / name)
    ada.goto(f"{server.url}/train?run={VAE}")
    settled(ada).get_by_role("button", name="Share read-only").click()
    ada.get_by_role("button", name="Make a link").click()
    shown = ada.get_by_test_id("stPopoverBody").get_by_test_id("stCode")
    expect(shown).to_contain_text(f"{server.url}/?run=shared-")
    link = shown.inner_text().strip()
    shared = link.partition("run=")[2]

    bob = settled(visit(link.removeprefix(server.url)))
    expect(bob.get_by_role("heading", name="Shared with you")).to_be_visible()
    expect(bob.locator(f".st-key-card-{shared}")).to_contain_text("VAE · Digits 8x8")
    for path, heading in (("samples", "New pictures"), ("latent", "Latent space"), ("replay", "Replay")):
        bob.goto(f"{server.url}/{path}?run={shared}")
        expect(settled(bob).get_by_role("heading", name=heading).first).to_be_visible()
        expect(bob.get_by_test_id("stAlert")).to_have_count(0)
    bob.goto(f"{server.url}/train?run=00002-digits-vae")
    expect(settled(bob).get_by_text("There is no run called")).to_be_visible()

    bob.goto(f"{server.url}/train?run={shared}")
    settled(bob)
    expect(bob.get_by_role("button", name="Delete")).to_have_count(0)
    expect(bob.get_by_text("Log", exact=True)).to_have_count(0)
    bob.get_by_role("button", name="Take a copy").click()
    (at_bobs,) = set(visitors()) - {at_adas}
    with at_home(at_bobs):
        wait_until(list_runs)
        (copied,) = list_runs()
    bob.wait_for_url(f"**/train?run={copied.id}")

    ada.get_by_role("button", name="Withdraw the link").click()
    expect(ada.get_by_role("button", name="Share read-only")).to_be_visible()
    bob.goto(link)
    expect(settled(bob).get_by_text("This link does not share a run, or not any more.")).to_be_visible()
    expect(bob.locator(f".st-key-card-{copied.id}")).to_be_visible()
