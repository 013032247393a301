"""The content security policy in a real browser: no page of ours, and nothing on it, needs more than it allows."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from genlab.latent.spec import Spec
from genlab.runs.derived import compute
from genlab.runs.maps import plan
from genlab.runs.store import open_run
from genlab.ui.navigation import ENTRIES
from tests.e2e.driving import Visit, settled
from tools.dashboard import Server

VAE = "00001-digits-vae"
LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


def violations(page: Page) -> list[str]:
    return [str(violation) for violation in page.evaluate("window.violations")]


@pytest.fixture
def maps(runs: Path) -> None:
    for spec in (Spec("encoder", n=50), Spec("encoder", dims=3, n=50)):
        compute(plan(open_run(VAE), spec))


@pytest.mark.usefixtures("maps")
def test_no_page_needs_more_than_the_policy_allows(visit: Visit, server: Server) -> None:
    page = visit("/health/live")
    page.context.add_init_script(LISTEN)
    paths = [f"/{entry.key}?run={VAE}" for entry in ENTRIES[1:]]
    for path in ("/", *paths, f"/latent?run={VAE}&what=encoder&n=50", f"/latent?run={VAE}&what=encoder&n=50&dims=3"):
        page.goto(server.url + path)
        settled(page).wait_for_load_state("networkidle")  # scripts of charts come after the page's own has ended
        assert violations(page) == [], path


def test_a_script_that_is_put_into_a_page_does_not_run(chromium: Browser, server: Server) -> None:
    page = chromium.new_page()
    page.add_init_script(LISTEN)
    page.goto(f"{server.url}/health/live")
    page.evaluate("""
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
    """)
    page.wait_for_function("window.violations.length")
    assert not page.evaluate("window.ran")
    assert violations(page)[0].startswith("script-src-elem inline")
    page.close()
