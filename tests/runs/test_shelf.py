"""Runs that one may look at but not change: what reads them works, and nothing is ever written beside them."""

import io
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genlab.cli import main
from genlab.latent.invert import Settings
from genlab.latent.spec import Spec
from genlab.paths import at_home, runs_dir
from genlab.runs import control, films, inversions, quotas, shelf, visitors
from genlab.runs.branching import branch
from genlab.runs.derived import compute
from genlab.runs.evaluating import evaluate
from genlab.runs.gate import Target, set_target
from genlab.runs.jobs import run_job, start
from genlab.runs.maps import plan
from genlab.runs.pack import packed
from genlab.runs.quotas import QuotaError
from genlab.runs.sampling import generate, load_checkpoint
from genlab.runs.status import write_status
from genlab.runs.store import Run, RunError, list_runs, open_run
from genlab.runs.unpack import unpack
from genlab.runs.verdicts import Action
from genlab.runs.visitors import enter
from genlab.settings import settings
from tests.helpers import config, train_run
from tests.runs.zips import files_of, zip_of

FLAT = Spec("encoder", n=50)


@pytest.fixture
def zoo(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The only run of a zoo, that a home without any runs looks at."""
    made, status = train_run(config("vae", data="digits"))
    assert status.state == "finished"
    folder = tmp_path / "zoo"
    folder.mkdir()
    made.path.rename(folder / "small")
    shutil.rmtree(own_home)
    own_home.mkdir()
    monkeypatch.setattr(shelf, "ZOO", folder)
    return open_run("zoo-small")


@pytest.fixture
def visitor(zoo: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GENLAB_MODE", "demo")
    settings.cache_clear()
    monkeypatch.setattr(control, "ensure_workers", visitors.note_live)
    return enter("ada")


def content(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def test_what_it_is_called(zoo: Run) -> None:
    assert (zoo.id, zoo.name, zoo.title, zoo.number, zoo.read_only) == ("zoo-small", "zoo-small", "zoo-small", 0, True)
    assert [run.id for run in shelf.zoo_runs()] == ["zoo-small"]
    assert list_runs() == []


def test_a_lab_without_a_zoo(zoo: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shelf, "ZOO", tmp_path / "none")
    assert shelf.zoo_runs() == []
    with pytest.raises(RunError, match="There is no run 'zoo-small' here"):
        open_run("zoo-small")


@pytest.mark.parametrize("name", ["zoo-", "zoo-..", "zoo-../small", "zoo-small/..", "zoo-SMALL", "zoo-small\n"])
def test_other_names_are_no_runs(zoo: Run, name: str) -> None:
    with pytest.raises(RunError, match="There is no run"):
        open_run(name)


@pytest.mark.parametrize(
    "change",
    [
        control.stop,
        control.pause,
        control.resume,
        control.delete,
        lambda run: control.rename(run, "mine"),
        lambda run: control.set_lr_scale(run, 0.5),
        lambda run: set_target(run, Target("fid", 10.0)),
        lambda run: evaluate(run, n=64),
    ],
)
def test_it_cannot_be_changed(zoo: Run, change) -> None:
    before = content(zoo.path.parent)
    with pytest.raises(RunError, match="can be looked at but not changed"):
        change(zoo)
    assert content(zoo.path.parent) == before


@pytest.mark.parametrize("words", [["runs", "stop"], ["runs", "delete"], ["train", "--resume"], ["evaluate"]])
def test_the_terminal_cannot_change_it_either(zoo: Run, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    before = content(zoo.path.parent)
    assert main([*words, zoo.id]) == 1
    assert "can be looked at but not changed" in capsys.readouterr().err
    assert content(zoo.path.parent) == before


def test_what_is_computed_from_it_is_kept_at_home(zoo: Run, own_home: Path) -> None:
    before = content(zoo.path.parent)
    flat, film = plan(zoo, FLAT), films.plan(zoo)
    assert len(compute(flat)) == 50
    run_job(film)
    assert flat.status().state == film.status().state == "done"
    assert flat.result() == own_home / "derived" / "zoo-small" / "projections" / f"{flat.key}.npz"
    assert film.newest() is not None
    assert content(zoo.path.parent) == before
    flat.forget()
    assert flat.status().state == "absent"


def test_a_latent_that_is_looked_for_is_kept_at_home(zoo: Run, own_home: Path) -> None:
    from genlab.data import load
    from genlab.data.own.single import keep

    before = content(zoo.path.parent)
    picture = np.kron(load("digits").images[0, 0].numpy(), np.ones((4, 4), np.uint8))
    found = run_job(inversions.plan(zoo, keep(np.stack([picture] * 3)), Settings(steps=20)))
    assert len(found.losses) > 1
    assert len(list((own_home / "derived").rglob("*.npz"))) == 1
    assert content(zoo.path.parent) == before


def test_what_came_with_it_is_found_first_and_never_deleted(zoo: Run, own_home: Path) -> None:
    wanted = plan(zoo, FLAT)
    compute(wanted)
    shutil.move(own_home / "derived" / "zoo-small" / "projections", zoo.path)
    assert wanted.result().parent == zoo.path / "projections"
    assert wanted.status().state == "done"
    start(wanted)  # nothing is to be done
    wanted.forget()
    wanted.forget_oldest(0)
    assert len(wanted.load()) == 50


def test_a_process_may_be_named_the_run(zoo: Run, own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = plan(zoo, FLAT)
    assert main(wanted.command()) == 0
    assert wanted.is_done()
    assert main(["runs"]) == 0
    assert "zoo-small" in capsys.readouterr().out


def test_results_count_and_make_room_first(visitor: Path, zoo: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with at_home(visitor):
        wanted = plan(zoo, FLAT)
        compute(wanted)
        size = quotas.megabytes(visitor)
        assert wanted.result().stat().st_size / 1e6 <= size
        (visitor / "datasets").mkdir()
        (visitor / "datasets" / "big").write_bytes(bytes(10_000_000 - round(size * 1e6)))
        monkeypatch.setenv("GENLAB_LIMITS__MEGABYTES", "10")
        settings.cache_clear()
        with wanted.lock():  # being computed: it stays
            with pytest.raises(QuotaError, match="workspace is full"):
                quotas.check_space()
            assert wanted.is_done()
            with pytest.raises(QuotaError, match="being computed already"):
                quotas.check_job()
        quotas.check_space()
        assert not wanted.is_done()


def test_a_small_zip_needs_the_room_that_it_unpacks_to(
    visitor: Path, zoo: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = "samples/000001.png"
    files = {**files_of(packed(zoo)), snapshot: bytes(11_000_000)}
    monkeypatch.setattr("genlab.runs.unpack.MAX_RATIO", 10_000)
    monkeypatch.setenv("GENLAB_LIMITS__MEGABYTES", "10")
    settings.cache_clear()
    data = zip_of(files)
    assert len(data) < 5_000_000
    with at_home(visitor):
        with pytest.raises(QuotaError, match="workspace is full"):
            unpack(io.BytesIO(data))
        assert list(visitor.rglob("*.png")) == []


def test_a_copy_is_ones_own(zoo: Run, own_home: Path) -> None:
    copied = shelf.take_copy(zoo)
    assert (copied.read_only, copied.number, copied.path.parent) == (False, 1, runs_dir())
    control.rename(copied, "mine")
    assert open_run(copied.id).title == "mine"
    drawn, original = (generate(load_checkpoint(run)[0].model, 5, seed=1) for run in (copied, zoo))
    assert drawn.equal(original)
    assert copied.metrics().equals(zoo.metrics())


def test_a_copy_needs_room(visitor: Path, zoo: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with at_home(visitor):
        monkeypatch.setenv("GENLAB_LIMITS__RUNS", "1")
        settings.cache_clear()
        shelf.take_copy(zoo)
        with pytest.raises(QuotaError, match="Delete one first"):
            shelf.take_copy(zoo)
        monkeypatch.setenv("GENLAB_LIMITS__RUNS", "5")
        monkeypatch.setenv("GENLAB_LIMITS__MEGABYTES", "10")
        settings.cache_clear()
        free = 10_000_000 - round(quotas.megabytes(visitor) * 1e6)
        (visitor / "full").write_bytes(bytes(free - len(packed(zoo)) // 2))
        with pytest.raises(QuotaError, match="workspace is full"):
            shelf.take_copy(zoo)
        assert len(list_runs()) == 1


def test_its_zip_is_taken_in(zoo: Run, own_home: Path) -> None:
    assert unpack(io.BytesIO(packed(zoo))).id == "00001-digits-vae"


def test_a_branch_starts_with_its_weights(visitor: Path, zoo: Run) -> None:
    from genlab.runs import branching

    with at_home(visitor), pytest.MonkeyPatch.context() as patch:
        patch.setattr(branching, "ensure_workers", lambda: None)
        made = branch(zoo, Action({}, step=zoo.checkpoints()[-1][0]))
        assert made.origin is not None
        assert made.origin.run == "zoo-small"
        assert made.path.is_relative_to(visitor)


def test_looking_at_it_makes_no_lock(zoo: Run) -> None:
    write_status(zoo.path, replace(zoo.status(), state="running"))  # as no shipped run should be
    before = sorted(zoo.path.parent.rglob("*"))
    assert zoo.status().state == "died"
    assert [run.id for run in shelf.zoo_runs()] == [zoo.id]
    assert zoo.samples()
    assert zoo.checkpoints()
    assert zoo.log_tail() is not None
    assert sorted(zoo.path.parent.rglob("*")) == before
