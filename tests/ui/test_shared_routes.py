"""What the routes beside the pages give to the reader of a shared run: its maps, and nothing else of its owner's."""

import shutil
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from genlab.latent.spec import Spec
from genlab.paths import at_home
from genlab.runs import sharing
from genlab.runs.derived import compute
from genlab.runs.maps import Map, plan
from genlab.runs.store import open_run
from genlab.runs.visitors import enter
from genlab.settings import settings
from genlab.ui import routes, visitor

VAE, GAN = "00001-digits-vae", "00002-digits-gan"


@pytest.fixture
def ada(own_home: Path, trained_runs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a visitor with two runs."""
    own_home.mkdir()
    monkeypatch.setenv("GENLAB_MODE", "demo")
    settings.cache_clear()
    home = enter("ada")
    shutil.copytree(trained_runs, home / "runs")
    return home


@pytest.fixture
def maps(ada: Path) -> dict[str, Map]:
    """A finished map of each, made by her."""
    with at_home(ada):
        found = {name: plan(open_run(name), Spec(what, n=50)) for name, what in ((VAE, "encoder"), (GAN, "features"))}
        for one in found.values():
            compute(one)
    return found


def ticket(home: Path) -> str:
    with at_home(home):
        return visitor.ticket()


def ask(ticket: str, run: str, key: str) -> int:
    with TestClient(Starlette(routes=routes.serve()), raise_server_exceptions=False) as client:
        return client.get(f"/lab/maps/{ticket}/{run}/{key}/at", params={"x": 0, "y": 0}).status_code


def test_a_reader_is_given_maps_of_the_shared_run_alone(ada: Path, maps: dict[str, Map]) -> None:
    with at_home(ada):
        link = sharing.share(open_run(VAE))
    bob = ticket(enter("bob"))
    assert ask(bob, link, maps[VAE].key) == 200
    for run in (VAE, GAN, f"shared-{GAN}", f"{link}x", link[:-1], f"shared-{'x' * 32}"):
        for key in (maps[VAE].key, maps[GAN].key):
            assert ask(bob, run, key) == 404
    assert ask(bob, link, maps[GAN].key) == 404
    assert ask(bob, link, f"..%2f..%2f{GAN}%2fprojections%2f{maps[GAN].key}") == 404
    for wrong in ("mine", link, link.removeprefix("shared-"), ada.name, f"{ada.name}.{bob.partition('.')[2]}"):
        assert ask(wrong, link, maps[VAE].key) == 403
    assert ask(ticket(ada), GAN, maps[GAN].key) in (200, 422)  # hers as before


def test_a_map_of_the_readers_own_is_served_from_the_readers_home(ada: Path, maps: dict[str, Map]) -> None:
    with at_home(ada):
        link = sharing.share(open_run(VAE))
    bob, eve = enter("bob"), enter("eve")
    with at_home(bob):
        own = plan(open_run(link), Spec("encoder", n=60))
        compute(own)
    assert ask(ticket(bob), link, own.key) == 200
    assert ask(ticket(eve), link, own.key) == 404
    assert ask(ticket(ada), VAE, own.key) == 404


def test_a_withdrawn_link_is_not_served(ada: Path, maps: dict[str, Map]) -> None:
    bob = ticket(enter("bob"))
    with at_home(ada):
        link = sharing.share(open_run(VAE))
        assert ask(bob, link, maps[VAE].key) == 200
        sharing.withdraw(open_run(VAE))
    assert ask(bob, link, maps[VAE].key) == 404
