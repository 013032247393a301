"""What who runs a shared installation is told of it, and may do."""

import time
from pathlib import Path

import pytest

from genlab.paths import at_home
from genlab.runs import census, control, visitors
from genlab.runs.store import Run, RunError, create_run
from genlab.runs.visitors import enter, note_live
from genlab.settings import settings
from tests.helpers import config


@pytest.fixture(autouse=True)
def team(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_home.mkdir()
    monkeypatch.setenv("GENLAB_MODE", "team")
    settings.cache_clear()
    monkeypatch.setattr(control, "ensure_workers", visitors.note_live)


def queue(folder: Path) -> Run:
    with at_home(folder):
        run = create_run(config("vae", data="digits"))
        note_live()
    return run


def test_workspaces_are_told_with_whose_they_are() -> None:
    ada, bob = enter("team:ada@b.c", "ada@b.c"), enter("team:bob@b.c", "bob@b.c")
    queue(ada)
    (bob / "datasets").mkdir()
    (bob / "datasets" / "big").write_bytes(bytes(3_000_000))
    by_who = {one.who: one for one in census.workspaces()}
    assert {name: one.runs for name, one in by_who.items()} == {"ada@b.c": 1, "bob@b.c": 0}
    assert by_who["bob@b.c"].megabytes == pytest.approx(3.0, rel=1e-3)
    assert all(abs(one.seen - time.time()) < 60 for one in by_who.values())


def test_a_workspace_without_an_address_is_called_by_its_folder() -> None:
    assert [one.who for one in census.workspaces()] == []
    folder = enter("a secret")
    assert [one.who for one in census.workspaces()] == [folder.name]


def test_what_trains_or_waits_is_told_and_stopped(own_home: Path) -> None:
    ada = enter("team:ada@b.c", "ada@b.c")
    hers, ours = queue(ada), queue(own_home)
    with at_home(ada):
        create_run(config("vae", data="digits"), state="paused")
    assert {(one.home, one.who, one.run.id) for one in census.live()} == {
        (ada.name, "ada@b.c", hers.id),
        ("", "", ours.id),
    }
    census.stop(ada.name, hers.id)
    assert [one.run.id for one in census.live()] == [ours.id]
    census.stop("", ours.id)
    assert hers.status().state == ours.status().state == "stopped"


@pytest.mark.parametrize("home", ["..", "../..", "x", "0" * 31, "0" * 32])
def test_only_workspaces_are_reached(own_home: Path, home: str) -> None:
    run = queue(own_home)
    with pytest.raises(RunError, match="There is no"):
        census.stop(home, run.id)
    assert run.status().state == "queued"
