"""Links to a run: they show it while it is shared, to who has them, and nothing else of its owner's home."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genlab.cli import main
from genlab.data import DataError
from genlab.latent.spec import Spec
from genlab.paths import at_home, atomic_write_json, root
from genlab.runs import branching, control, films, sharing, shelf, visitors
from genlab.runs.branching import branch
from genlab.runs.changes import changing
from genlab.runs.derived import compute
from genlab.runs.jobs import StoppedError, run_job
from genlab.runs.maps import plan
from genlab.runs.pack import MANIFEST, packed
from genlab.runs.provenance import Origin
from genlab.runs.status import run_lock, write_status
from genlab.runs.store import CONFIG_FILE, LOG_FILE, Run, RunError, create_run, list_runs, open_run
from genlab.runs.verdicts import Action
from genlab.runs.visitors import enter
from genlab.settings import settings
from tests.helpers import config, train_run

FLAT = Spec("encoder", n=50)
SETS = config("vae", data="digits")


@pytest.fixture
def ada(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a visitor of a shared installation, in which no worker is started."""
    own_home.mkdir()
    monkeypatch.setenv("GENLAB_MODE", "demo")
    settings.cache_clear()
    monkeypatch.setattr(control, "ensure_workers", visitors.note_live)
    return enter("ada")


@pytest.fixture
def bob(ada: Path) -> Path:
    return enter("bob")


@pytest.fixture
def run(ada: Path) -> Run:
    """A finished run of hers."""
    with at_home(ada):
        return train_run(SETS)[0]


@pytest.fixture
def link(ada: Path, run: Run) -> str:
    """The id by which it is shared."""
    with at_home(ada):
        return sharing.share(run)


def unzipped(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"".join(map(archive.read, archive.namelist()))


def test_a_link_is_made_once_and_cannot_be_guessed_from_the_disk(ada: Path, run: Run, link: str) -> None:
    with at_home(ada):
        assert sharing.share(run) == sharing.shared_as(run) == link
    assert sharing.ID.fullmatch(link)
    (record,) = (root() / "shared").iterdir()
    secret = link.removeprefix("shared-")
    assert secret not in record.name + record.read_text()
    assert json.loads(record.read_text())["home"] == ada.name
    with at_home(ada):
        other = sharing.share(train_run(SETS)[0])
    assert other != link


def test_another_visitor_sees_the_run_and_no_other(ada: Path, bob: Path, run: Run, link: str) -> None:
    with at_home(ada):
        hidden = train_run(SETS)[0]
    with at_home(bob):
        seen = open_run(link)
        assert (seen.id, seen.name, seen.number, seen.read_only) == (link, run.id, 0, True)
        assert seen.title == run.title
        assert seen.metrics().equals(run.metrics())
        assert [step for step, _ in seen.checkpoints()] == [step for step, _ in run.checkpoints()]
        assert list_runs() == []
        for name in (run.id, hidden.id, f"shared-{hidden.id}", f"{link}/../{hidden.id}"):
            with pytest.raises(RunError):
                open_run(name)


@pytest.mark.parametrize("wrong", ["", "x" * 32, "A" * 31, "A" * 33, "../" * 10 + "xx", "é" * 32, "a" * 31 + "\n"])
def test_other_links_are_refused_in_a_sentence(link: str, wrong: str) -> None:
    with pytest.raises(RunError, match="does not share a run, or not any more"):
        open_run(f"shared-{wrong}")


@pytest.mark.parametrize(
    "record",
    [
        {"home": "..", "run": "00001-digits-vae"}, {"home": "", "run": ".."}, {"home": "", "run": "../secret"},
        {"home": "a/b", "run": "00001-digits-vae"}, {"run": "00001-digits-vae"}, {}, {"home": 3, "run": None},
    ],
)  # fmt: skip
def test_a_damaged_record_leads_nowhere(link: str, record: dict[str, object]) -> None:
    (path,) = (root() / "shared").iterdir()
    atomic_write_json(path, record)
    with pytest.raises(RunError, match="does not share a run"):
        open_run(link)
    path.write_text("[")
    with pytest.raises(RunError, match="does not share a run"):
        open_run(link)


def test_it_cannot_be_changed(bob: Path, run: Run, link: str) -> None:
    with at_home(bob):
        seen = open_run(link)
        for change in (control.stop, control.pause, control.resume, control.delete, sharing.share, sharing.withdraw):
            with pytest.raises(RunError, match="can be looked at but not changed"):
                change(seen)
        with pytest.raises(RunError, match="not changed"), changing(seen):
            pass
    assert run.status().state == "finished"


def test_neither_log_nor_failure_nor_origin_is_told(ada: Path, bob: Path) -> None:
    with at_home(ada):
        run = create_run(SETS, origin=Origin("00077-hidden", 5))
        (run.path / LOG_FILE).write_text(f"reading {run.path}")
        with run_lock(run.path):
            write_status(run.path, replace(run.status(holding=True), state="failed", why=f"No room in {run.path}."))
        link = sharing.share(run)
    with at_home(bob):
        seen = open_run(link)
        assert seen.log_tail() == ""
        assert (seen.status().state, seen.status().why) == ("failed", "")
        assert seen.origin is None
        assert run.origin is not None


def test_nor_are_they_in_a_zip_or_a_copy(ada: Path, bob: Path) -> None:
    with at_home(ada):
        run = create_run(SETS, origin=Origin("00077-hidden", 5))
        with run_lock(run.path):
            why = f"No room in {run.path}."
            write_status(run.path, replace(run.status(holding=True), state="failed", why=why, host="their-laptop"))
        link = sharing.share(run)
    with at_home(bob):
        seen = open_run(link)
        told = unzipped(packed(seen))
        copied = shelf.take_copy(seen)
    told += b"".join(path.read_bytes() for path in copied.path.rglob("*") if path.is_file())
    assert [word for word in (b"hidden", b"No room", b"their-laptop", ada.name.encode()) if word in told] == []
    assert (copied.status().state, copied.config) == ("failed", run.config)
    assert b"00077-hidden" in unzipped(packed(run))


def test_it_is_seen_live(ada: Path, bob: Path) -> None:
    with at_home(ada):
        run = create_run(SETS)
        link = sharing.share(run)
    with at_home(bob):
        seen = open_run(link)
        assert seen.status().state == "queued"
        with run_lock(run.path):
            write_status(run.path, replace(run.status(holding=True), state="running", step=7))
            assert (seen.status().state, seen.status().step) == ("running", 7)
        assert seen.status().state == "died"


def test_a_withdrawn_link_ends_open_pages_too(ada: Path, bob: Path, run: Run, link: str) -> None:
    with at_home(bob):
        seen = open_run(link)
    with at_home(ada):
        sharing.withdraw(run)
        assert sharing.shared_as(run) is None
        sharing.withdraw(run)  # again: nothing to do
    with at_home(bob):
        for look in (seen.status, seen.samples, seen.checkpoints, lambda: open_run(link), lambda: plan(seen, FLAT)):
            with pytest.raises(RunError, match="does not share a run"):
                look()
    with at_home(ada):
        assert sharing.share(run) != link
        assert run.status().state == "finished"


def test_deleting_the_run_ends_it(ada: Path, bob: Path, run: Run, link: str) -> None:
    with at_home(ada):
        control.delete(run)
    with at_home(bob), pytest.raises(RunError, match="does not share a run"):
        open_run(link)
    assert list((root() / "shared").iterdir()) == []


def test_the_end_of_the_home_ends_it(ada: Path, run: Run, link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    os.utime(ada / ".seen", (0, 0))
    assert visitors.expire(settings().limits) == [ada]
    assert list((root() / "shared").iterdir()) == []
    enter("ada")
    with pytest.raises(RunError, match="does not share a run"):
        open_run(link)


def test_what_is_computed_goes_to_the_reader(
    ada: Path, bob: Path, run: Run, link: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(run.path.rglob("*"))
    with at_home(bob):
        seen = open_run(link)
        wanted = plan(seen, FLAT)
        assert len(run_job(wanted)) == 50
        run_job(films.plan(seen))
        assert wanted.result().is_relative_to(bob / "derived" / run.id)
        assert main(plan(seen, Spec("pixels", n=50)).command()) == 0
        assert link.removeprefix("shared-") not in "".join(map(str, bob.rglob("*"))) + capsys.readouterr().out
    assert sorted(run.path.rglob("*")) == before


def test_what_the_owner_has_computed_is_found(ada: Path, bob: Path, run: Run, link: str) -> None:
    with at_home(ada):
        compute(plan(run, FLAT))
    with at_home(bob):
        assert plan(open_run(link), FLAT).status().state == "done"
        assert not (bob / "derived").exists()


def test_a_computation_ends_when_the_link_does(ada: Path, bob: Path, run: Run, link: str) -> None:
    with at_home(bob):
        wanted = plan(open_run(link), Spec("pixels", "tsne", n=1_400, perplexity=50))

    def withdrawn(fraction: float, phase: str, eta: float | None) -> None:
        with at_home(ada):
            sharing.withdraw(run)

    with at_home(bob), pytest.raises((StoppedError, RunError)):
        run_job(wanted, withdrawn)
    assert not list(bob.rglob("*.npz"))


def test_a_copy_and_a_branch_are_ones_own(bob: Path, run: Run, link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branching, "ensure_workers", lambda: None)
    secret = link.removeprefix("shared-").encode()
    with at_home(bob):
        seen = open_run(link)
        copied = shelf.take_copy(seen)
        made = branch(seen, Action({}, step=seen.checkpoints()[-1][0]))
        assert {one.id for one in list_runs()} == {copied.id, made.id}
        assert made.origin is not None
        assert made.origin.run == run.id
        assert sharing.shared_as(copied) is None
        assert not any(secret in path.read_bytes() for path in bob.rglob("*") if path.is_file())
        with zipfile.ZipFile(io.BytesIO(packed(seen))) as archive:
            assert json.loads(archive.read(MANIFEST))["run"] == run.id
            assert "shared.json" not in archive.namelist()


def test_a_run_that_trains_is_copied_as_one_to_go_on_with(ada: Path, bob: Path, run: Run, link: str) -> None:
    with at_home(bob), run_lock(run.path):
        write_status(run.path, replace(run.status(holding=True), state="running"))
        assert shelf.take_copy(open_run(link)).status().state == "paused"


def test_own_pictures_are_not_shared(ada: Path, bob: Path) -> None:
    from genlab.data.own.store import save
    from genlab.data.pictures import Pictures
    from tests.helpers import pictures

    def put(seed: int) -> None:
        some = pictures((1, 8, 8), 50, seed)
        save("faces", some, "Faces", "a test", 0)
        assert isinstance(some, Pictures)

    with at_home(ada):
        put(1)
        run = train_run(config("vae", data="own:faces"))[0]
        link = sharing.share(run)
        compute(plan(run, Spec("encoder", n=20)))
    with at_home(bob):
        put(2)  # of the same name, and not what it learned from
        seen = open_run(link)
        for look in (
            lambda: plan(seen, Spec("encoder", n=20)),
            lambda: films.plan(seen),
            lambda: branch(seen, Action({}, step=None)),
        ):
            with pytest.raises(DataError, match="not shared"):
                look()
        assert seen.samples()
        assert np.array_equal(seen.metrics()["step"], run.metrics()["step"])


def test_a_damaged_run_names_no_folder(ada: Path, bob: Path, run: Run, link: str) -> None:
    (run.path / CONFIG_FILE).write_text("[")
    with at_home(bob), pytest.raises(RunError) as told:
        open_run(link)
    assert str(ada.name) not in str(told.value)


def test_a_single_user_shares_too(own_home: Path) -> None:
    run = train_run(SETS)[0]
    link = sharing.share(run)
    assert open_run(link).path == run.path
    assert json.loads(next((root() / "shared").iterdir()).read_text())["home"] == ""
