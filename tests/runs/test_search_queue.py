"""Trials that a worker trains: queued, waited for, paused and gone on with."""

import threading
from collections.abc import Callable

import pytest

from genlab.runs import control, search_jobs
from genlab.runs.search_jobs import (
    train_by_worker,
)
from genlab.runs.status import Status, run_lock, write_status
from genlab.runs.store import Run, RunError, create_run
from tests.helpers import BY_NAME, config, train_run


@pytest.fixture
def paused() -> Run:
    return create_run(config("vae", options=BY_NAME["vae"].options, steps=3), state="paused")


def worker_does(monkeypatch: pytest.MonkeyPatch, what: Callable[[], object]) -> None:
    """In place of a worker, this happens when one is looked for."""
    monkeypatch.setattr(control, "ensure_workers", lambda: None)
    monkeypatch.setattr(search_jobs, "ensure_workers", what)


def test_a_run_is_queued_and_waited_for(paused: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def work() -> None:
        assert paused.status().state == "queued"
        train_run(run=paused)

    worker_does(monkeypatch, work)
    assert train_by_worker(paused).state == "finished"


@pytest.mark.parametrize(
    ("happens", "state", "why"),
    [
        (control.pause, "paused", ""),
        (control.stop, "stopped", ""),
        (lambda run: write_status(run.path, Status("running", step=2)), "failed", "ended without a word"),
        (control.delete, "failed", "was deleted"),
    ],
    ids=["paused", "stopped", "died", "deleted"],
)
def test_what_else_may_become_of_it(
    happens: Callable[[Run], None], state: str, why: str, paused: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker_does(monkeypatch, lambda: happens(paused))
    status = train_by_worker(paused)
    assert status.state == state
    assert why in status.why


def test_a_run_that_is_being_trained_already_is_only_waited_for(paused: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write_status(paused.path, Status("running"))
    worker_does(monkeypatch, lambda: pytest.fail("it has a worker"))
    with run_lock(paused.path):
        ending = threading.Timer(0.3, write_status, (paused.path, Status("finished", step=3)))
        ending.start()
        assert train_by_worker(paused).state == "finished"
        ending.join()


def test_one_that_died_before_goes_on(paused: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write_status(paused.path, Status("running", step=2))
    worker_does(monkeypatch, lambda: train_run(run=paused))
    assert train_by_worker(paused).state == "finished"


def test_interrupted_it_pauses_the_run(paused: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    worker_does(monkeypatch, interrupt)
    with pytest.raises(KeyboardInterrupt):
        train_by_worker(paused)
    assert paused.status().state == "paused"


def test_a_run_that_cannot_be_queued_ends_the_search(paused: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise RunError("The disk is full.")

    monkeypatch.setattr(control, "resume", full)
    with pytest.raises(RunError, match="disk is full"):
        train_by_worker(paused)
