"""The mode `team`, with a real OpenID Connect provider: people sign in, and see what is theirs."""

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from genlab.paths import at_home
from genlab.runs.status import Status, write_status
from genlab.runs.store import create_run
from genlab.runs.visitors import note_live, visitors, who
from genlab.training.config import RunConfig
from tests.e2e.driving import ACTION_MS, end_workers, settled
from tests.helpers import wait_until
from tools.dashboard import Server, served

VAE = "00001-digits-vae"
SETTINGS = """
mode = "team"

[team]
admins = ["Root@Example.org"]
members = ["lab.org", "ada@example.org"]
"""
SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "only for this test, 0123456789abcdef"
client_id = "genlab"
client_secret = "of no worth"
server_metadata_url = "http://127.0.0.1:{port}/.well-known/openid-configuration"
"""


def person(address: str, **claims: object) -> str:
    return json.dumps({"sub": address, "email": address, **claims})


PEOPLE = (
    person("ada@example.org", email_verified=True),
    person("Bob@lab.org"),
    person("root@example.org"),
    person("eve@example.org"),
    person("mallory@lab.org", email_verified=False),
)


@pytest.fixture
def provider() -> Iterator[int]:
    """A provider at the port given, at which anyone may sign in as any of the people."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    words = [word for claims in PEOPLE for word in ("--user-claims", claims)]
    process = subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *words],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip

    def answers() -> bool:
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", port)) == 0

    wait_until(answers)
    yield port
    process.kill()
    process.wait()


@pytest.fixture
def server(own_home: Path, provider: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    own_home.mkdir()
    (own_home / "genlab.toml").write_text(SETTINGS)
    (tmp_path / "secrets.toml").write_text(SECRETS.format(port=provider))
    monkeypatch.setenv("STREAMLIT_SECRETS_FILES", str(tmp_path / "secrets.toml"))
    with served(own_home) as running:
        try:
            yield running
        finally:
            end_workers(own_home)


class Desk:
    """A browser of one person."""

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.context, self.server = context, server
        context.set_default_timeout(ACTION_MS)
        self.page = context.new_page()

    def see(self, path: str = "/") -> Page:
        self.page.goto(self.server.url + path)
        return settled(self.page)

    def sign_in(self, address: str, path: str = "/") -> Page:
        page = self.see(path)
        expect(page.get_by_text("Sign in to see yours")).to_be_visible()
        expect(page.get_by_test_id("stSidebar")).to_have_count(0)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name=address).click()
        page.wait_for_url(f"{self.server.url}/**")
        return settled(page)

    def sign_out(self) -> None:
        self.page.get_by_role("button", name="Sign out").click()
        self.page.get_by_role("button", name="End session").click()  # the provider's
        self.page.wait_for_url(f"{self.server.url}/**")
        expect(settled(self.page).get_by_text("Sign in to see yours")).to_be_visible()


@pytest.fixture
def desk(chromium: Browser, server: Server) -> Iterator[type]:
    """Make browsers, closed at the end."""
    contexts: list[BrowserContext] = []

    def made() -> Desk:
        contexts.append(chromium.new_context(locale="en-US", viewport={"width": 1280, "height": 900}))
        return Desk(contexts[-1], server)

    yield made  # type: ignore[misc]
    for context in contexts:
        context.close()


def home_of(address: str) -> Path:
    (found,) = [folder for folder in visitors() if who(folder) == address]
    return found


def test_people_see_what_is_theirs_and_an_admin_sees_who_is_there(desk, trained_runs: Path, own_home: Path) -> None:
    ada, bob, root = desk(), desk(), desk()
    ada.sign_in("ada@example.org")
    (home_of("ada@example.org") / "runs").mkdir(exist_ok=True)
    shutil.copytree(trained_runs / VAE, home_of("ada@example.org") / "runs" / VAE)
    expect(ada.see(f"/train?run={VAE}").get_by_role("heading", name="1 · VAE · Digits 8x8")).to_be_visible()
    expect(ada.page.get_by_text("Everybody's workspaces")).to_have_count(0)

    expect(bob.sign_in("Bob@lab.org", "/samples?run=zoo-vqvae")).to_have_url(re.compile(r"/samples\?run=zoo-vqvae"))
    expect(bob.see(f"/train?run={VAE}").get_by_text("There is no run called")).to_be_visible()
    expect(bob.see().get_by_text("Everybody's workspaces")).to_have_count(0)

    with at_home(home_of("bob@lab.org")):
        waiting = create_run(RunConfig(data="digits", model="vae", preset="vae", minutes=1.0), title="Bob's own")
        write_status(waiting.path, Status("paused"))
        write_status(waiting.path, Status("queued"))
        note_live()
    page = root.sign_in("root@example.org")
    page.get_by_text("Everybody's workspaces").click()
    expect(page.get_by_text("Bob's own").first).to_be_visible()
    expect(page.get_by_text("bob@lab.org").first).to_be_visible()
    page.locator(f".st-key-team-stop-{waiting.id}").get_by_role("button").click()
    wait_until(lambda: waiting.status().state == "stopped")
    expect(page.locator(f".st-key-team-stop-{waiting.id}")).to_have_count(0)

    ada.see()
    ada.sign_out()
    expect(ada.see(f"/samples?run={VAE}").get_by_text("Sign in to see yours")).to_be_visible()


@pytest.mark.parametrize(
    ("address", "told"),
    [("eve@example.org", "eve@example.org is not a member here."), ("mallory@lab.org", "does not vouch for")],
)
def test_who_is_no_member_is_refused(desk, address: str, told: str) -> None:
    guest = desk()
    page = guest.sign_in(address)
    expect(page.get_by_text(told)).to_be_visible()
    expect(guest.see("/train").get_by_text(told)).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)
    assert visitors() == []
    guest.sign_out()
