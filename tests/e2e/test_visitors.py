"""A shared installation: two browsers are two visitors, and neither can see or touch what is the other's."""

import shutil
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from genlab.latent.spec import Spec
from genlab.paths import at_home
from genlab.runs.derived import compute
from genlab.runs.maps import plan
from genlab.runs.store import open_run
from genlab.runs.visitors import visitors
from tests.e2e.driving import Visit, settled
from tools.dashboard import Server

VAE = "00001-digits-vae"


@pytest.fixture(autouse=True)
def demo(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_home.mkdir()
    monkeypatch.setenv("GENLAB_MODE", "demo")


def settled_in(visit: Visit, trained: Path) -> tuple[Page, Path]:
    """A visitor's page, and their home, into which a trained run is put."""
    before = set(visitors())
    page = settled(visit("/"))
    (home,) = set(visitors()) - before
    shutil.copytree(trained / VAE, home / "runs" / VAE)
    return page, home


def cookie(page: Page) -> dict[str, object]:
    (found,) = [one for one in page.context.cookies() if one["name"] == "genlab_visitor"]
    return dict(found)


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_two_visitors_see_neither_each_others_runs_nor_maps(visit: Visit, server: Server, trained_runs: Path) -> None:
    ada, at_adas = settled_in(visit, trained_runs)
    assert cookie(ada)["httpOnly"]
    with at_home(at_adas):
        wanted = plan(open_run(VAE), Spec("encoder", n=50))
        compute(wanted)
    bob = settled(visit(f"/latent?run={VAE}"))
    assert cookie(bob)["value"] != cookie(ada)["value"]
    expect(bob.get_by_text("There is no run called").first).to_be_visible()
    for path in ("/", f"/train?run={VAE}", f"/samples?run={VAE}", f"/compare?runs={VAE}", f"/replay?run={VAE}"):
        bob.goto(server.url + path)
        settled(bob)
        assert "1 · VAE" not in bob.locator("[data-testid=stMain]").inner_text()
    ada.goto(f"{server.url}/train?run={VAE}")
    expect(settled(ada).get_by_role("heading", name="1 · VAE · Digits 8x8")).to_be_visible()
    ada.goto(server.url)
    settled(ada)
    expect(ada.locator(f".st-key-card-{VAE}")).to_be_visible()
    expect(ada.get_by_text("Your workspace:")).to_be_visible()
    (at_bobs,) = set(visitors()) - {at_adas}
    for ticket in ("mine", at_adas.name, f"{at_adas.name}.{'0' * 64}", at_bobs.name):
        assert status_of(f"{server.url}/lab/maps/{ticket}/{VAE}/{wanted.key}/at?x=0&y=0") == 403


def test_a_visitor_trains_within_the_limits(visit: Visit, server: Server, own_home: Path) -> None:
    (own_home / "genlab.toml").write_text("[limits]\nminutes = 0.05\nwaiting = 1\n")
    page = settled(visit("/train?data=digits&preset=vae"))
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("A run trains 0.05 minutes here at most.").first).to_be_visible(timeout=150_000)
    assert not (own_home / "runs" / VAE).exists()
