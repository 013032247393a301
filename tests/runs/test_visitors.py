"""Visitors: whose home it is, what each may use, and whose turn it is."""

import json
import os
import shutil
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from genlab.latent.spec import Spec
from genlab.paths import ask_for_home, at_home, common_dir, home, runs_dir
from genlab.runs import control, jobs, quotas, visitors, waiting, worker
from genlab.runs.derived import START_SECONDS
from genlab.runs.jobs import start as start_job
from genlab.runs.maps import plan
from genlab.runs.quotas import QuotaError
from genlab.runs.session import Session
from genlab.runs.status import Status, run_lock, write_status
from genlab.runs.store import Run, RunError, create_run, list_runs, open_run
from genlab.runs.visitors import VisitorError, enter, name_of, new_secret
from genlab.settings import settings
from genlab.training.config import RunConfig

CONFIG = RunConfig(data="digits", model="vae", preset="vae", steps=3, precision="fp32")


@pytest.fixture
def demo(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shared installation in which no worker is started."""
    monkeypatch.setenv("GENLAB_MODE", "demo")
    settings.cache_clear()
    monkeypatch.setattr(worker, "_spawn", lambda: pytest.fail("a worker was started"))
    monkeypatch.setattr(control, "ensure_workers", visitors.note_live)
    own_home.mkdir()


def limited(monkeypatch: pytest.MonkeyPatch, **most: object) -> None:
    for name, value in most.items():
        monkeypatch.setenv(f"GENLAB_LIMITS__{name.upper()}", str(value))
    settings.cache_clear()


@pytest.fixture
def ada(demo: None) -> Path:
    return enter("ada")


@pytest.fixture
def bob(demo: None) -> Path:
    return enter("bob")


def queue(folder: Path, queued_at: float = 0.0, config: RunConfig = CONFIG) -> Run:
    with at_home(folder):
        run = create_run(config)
        write_status(run.path, Status("queued", queued_at=queued_at))
        visitors.note_live()
    return run


def test_a_visitor_comes_home_again(demo: None, own_home: Path) -> None:
    secret = new_secret()
    assert visitors.SECRET.fullmatch(secret)
    assert enter(secret) == enter(secret) == own_home / "visitors" / name_of(secret)
    assert secret not in str(enter(secret))


def test_visitors_see_their_own_runs_only(ada: Path, bob: Path, own_home: Path) -> None:
    with at_home(ada):
        run = create_run(CONFIG)
        assert [each.id for each in list_runs()] == [run.id]
    with at_home(bob):
        assert list_runs() == []
        with pytest.raises(RunError, match="There is no run"):
            open_run(run.id)
    assert home() == own_home
    assert list_runs() == []


def test_no_two_runs_have_the_same_name(ada: Path, bob: Path) -> None:
    names = [queue(folder).id for folder in (ada, bob, ada)]
    assert names == ["00001-digits-vae", "00002-digits-vae", "00003-digits-vae"]


def test_who_refuses_to_say_whose_home_it_is_ends_the_work(demo: None) -> None:
    def nobody() -> Path:
        raise VisitorError("nobody's")

    ask_for_home(nobody)
    with pytest.raises(VisitorError, match="nobody's"):
        list_runs()


def test_a_full_house_turns_new_visitors_away_and_no_others(
    ada: Path, bob: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, visitors=2)
    with pytest.raises(VisitorError, match="as many visitors"):
        enter("eve")
    assert enter("ada") == ada


def test_an_idle_home_makes_room_unless_something_trains_there(
    ada: Path, bob: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, visitors=2, idle_hours=1)
    queue(bob)
    for folder in (ada, bob):
        os.utime(folder / ".seen", (time.time() - 7200,) * 2)
    assert enter("eve").is_dir()
    assert not ada.exists()
    assert bob.is_dir()
    assert not [entry for entry in ada.parent.iterdir() if entry.name.startswith(".trash")]


def test_a_visit_keeps_a_home(ada: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.utime(ada / ".seen", (time.time() - 7200,) * 2)
    enter("ada")
    limited(monkeypatch, idle_hours=1)
    assert visitors.expire(settings().limits) == []


class TestQuotas:
    def test_runs_that_are_kept(self, ada: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        limited(monkeypatch, runs=1)
        with at_home(ada):
            create_run(CONFIG, state="stopped")
            with pytest.raises(QuotaError, match="Delete one first"):
                create_run(CONFIG, state="stopped")

    def test_runs_that_wait(self, ada: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        limited(monkeypatch, waiting=1)
        with at_home(ada):
            first = create_run(CONFIG)
            with pytest.raises(QuotaError, match="wait or train already"):
                create_run(CONFIG)
            control.stop(first)
            create_run(CONFIG)
            with pytest.raises(QuotaError, match="wait or train already"):
                control.resume(first)

    def test_a_workspace_that_is_full(self, ada: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        limited(monkeypatch, megabytes=10)
        (ada / "datasets").mkdir()
        (ada / "datasets" / "big").write_bytes(bytes(10_000_000))
        with at_home(ada), pytest.raises(QuotaError, match="workspace is full"):
            create_run(CONFIG)

    def test_a_disk_that_is_nearly_full(self, ada: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        limited(monkeypatch, free_megabytes=500)
        usage = shutil.disk_usage(ada)._replace(free=499_000_000)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
        with at_home(ada), pytest.raises(QuotaError, match="disk is nearly full"):
            create_run(CONFIG)

    def test_a_training_ends_in_time(self, ada: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        limited(monkeypatch, minutes=0.001)
        with at_home(ada):
            run = create_run(RunConfig(data="digits", model="vae", preset="vae", steps=100_000, precision="fp32"))
            with run_lock(run.path):
                status = Session(run).train()
        assert status.state == "stopped"
        assert status.why == "A run trains 0.001 minutes here at most."
        assert run.checkpoints()

    def test_searches(self, ada: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with at_home(ada), pytest.raises(QuotaError, match="no searches"):
            quotas.check_long_work()
        limited(monkeypatch, searches=True)
        with at_home(ada):
            quotas.check_long_work()

    def test_maps_at_the_same_time(self, ada: Path, bob: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with at_home(ada):
            run = create_run(CONFIG)
            with run_lock(run.path):
                Session(run).train()
            first, second = plan(run, Spec("encoder", n=50)), plan(run, Spec("encoder", n=60))
            with first.lock(), pytest.raises(QuotaError, match="being computed already"):
                start_job(second)

    def test_a_map_that_was_started_a_moment_ago_counts(self, ada: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jobs, "spawn", lambda *_: subprocess.Popen(["true"]))  # ends before it takes its lock
        with at_home(ada):
            run = create_run(CONFIG)
            with run_lock(run.path):
                Session(run).train()
            first, second = plan(run, Spec("encoder", n=50)), plan(run, Spec("encoder", n=60))
            start_job(first)
            with pytest.raises(QuotaError, match="being computed already"):
                start_job(second)
            told = first.file(".progress.json")
            told.write_text(json.dumps({**json.loads(told.read_text()), "updated": time.time() - START_SECONDS}))
            start_job(second)

    def test_of_several_at_once_as_many_are_queued_as_may_wait(
        self, ada: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        limited(monkeypatch, waiting=2)
        gate = threading.Barrier(6)

        def press() -> bool:
            with at_home(ada):
                gate.wait()
                try:
                    create_run(CONFIG)
                except QuotaError:
                    return False
            return True

        with ThreadPoolExecutor(6) as pool:
            pressed = [pool.submit(press) for _ in range(6)]
        assert sorted(each.result() for each in pressed) == [False] * 4 + [True] * 2

    def test_maps_of_everybody_at_the_same_time(self, ada: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from filelock import FileLock

        common_dir().mkdir(exist_ok=True)
        held = [FileLock(path) for path in quotas.job_slots(settings().limits)]
        with at_home(ada):
            for lock in held:
                quotas.check_job()
                lock.acquire()
            with pytest.raises(QuotaError, match="for others"):
                quotas.check_job()

    def test_the_installation_itself_is_not_limited(self, demo: None, monkeypatch: pytest.MonkeyPatch) -> None:
        limited(monkeypatch, runs=1, waiting=1)
        for _ in range(3):
            create_run(CONFIG)
        assert quotas.most_seconds() is None


class TestTurns:
    def test_each_visitors_first_run_comes_before_anybodys_second(self, ada: Path, bob: Path) -> None:
        first, second = queue(ada, 1.0), queue(ada, 2.0)
        third = queue(bob, 3.0)
        assert [run.id for run in waiting.queued()] == [first.id, third.id, second.id]

    def test_a_single_user_is_served_in_order(self, own_home: Path) -> None:
        runs = [create_run(CONFIG) for _ in range(3)]
        assert [run.id for run in waiting.queued()] == [run.id for run in runs]

    def test_a_worker_trains_for_all(self, ada: Path, bob: Path) -> None:
        runs = [queue(ada, 1.0), queue(bob, 2.0)]
        while worker.train_next(set()):
            pass
        assert [run.status().state for run in runs] == ["finished", "finished"]
        assert runs_dir() == common_dir()  # the worker came home

    def test_homes_at_rest_are_not_looked_at(self, ada: Path, bob: Path) -> None:
        queue(ada)
        with at_home(bob):
            visitors.note_live()
        waiting.forget_homes_at_rest()
        assert visitors.live_homes()[1:] == [ada]

    def test_the_place_and_the_time_of_a_turn(self, ada: Path, bob: Path) -> None:
        by_time = RunConfig(data="digits", model="vae", preset="vae", minutes=2.0, precision="fp32")
        queue(ada, 1.0, by_time)
        run = queue(bob, 2.0, by_time)
        assert waiting.place(run, 1) == waiting.Place(1, 120.0)
        assert waiting.place(run, 2) == waiting.Place(1, 0.0)

    def test_a_longer_budget_counts_as_what_is_allowed(self, ada: Path, bob: Path) -> None:
        queue(ada, 1.0)  # in steps: at most the five minutes of a visitor
        assert waiting.place(queue(bob, 2.0), 1) == waiting.Place(1, 300.0)
