"""Trainings whose process is asked to end: by a person, or by a system that goes down."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from genlab.runs import conducted
from genlab.runs.conducted import Standing
from genlab.runs.interrupts import pausing_on_signals, requeueing_on_shutdown
from genlab.runs.orders import Orders, write_orders
from genlab.runs.processes import interrupted_when
from genlab.runs.session import INTERRUPTED, Session
from genlab.runs.status import run_lock
from genlab.runs.store import LOG_FILE, Run, create_run
from genlab.runs.waiting import queued
from tests.helpers import BY_NAME, config, train_run, wait_until
from tests.runs.conftest import DRIVER, Spawn

LONG = config("vae", options=BY_NAME["vae"].options, steps=10**6)


def weights(run: Run) -> dict[str, bytes]:
    step, folder = run.checkpoints()[-1]
    return {"step": b"%d" % step} | {path.name: path.read_bytes() for path in folder.glob("*.safetensors")}


def test_a_signal_pauses_and_a_second_one_insists() -> None:
    session = Session(create_run(LONG))
    before = signal.getsignal(signal.SIGTERM)
    with pausing_on_signals(session):
        os.kill(os.getpid(), signal.SIGTERM)
        assert session.interrupted == "paused"
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGTERM) is before


def test_of_a_worker_ctrl_c_pauses_and_the_shutdown_may_be_told_any_number_of_times() -> None:
    session = Session(create_run(LONG), from_queue=True)
    with requeueing_on_shutdown(session):
        os.kill(os.getpid(), signal.SIGINT)
        assert session.interrupted == "paused"
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        assert session.interrupted == "queued"
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_what_a_person_asked_for_counts_before_the_shutdown() -> None:
    run = create_run(LONG)
    write_orders(run.path, Orders("stop"))
    with run_lock(run.path):
        session = Session(run, from_queue=True)
        session.interrupted = "queued"
        assert session.train().state == "stopped"


def test_an_interrupted_run_waits_before_those_that_came_after_it() -> None:
    first, second, third = (create_run(LONG) for _ in range(3))
    with run_lock(second.path):  # as where two workers are at it
        session = Session(second, from_queue=True)
        session.interrupted = "queued"
        status = session.train()
    assert (status.state, status.why, status.step) == ("queued", INTERRUPTED, 1)
    assert [run.id for run in queued()] == [first.id, second.id, third.id]
    assert second.checkpoints()[-1][0] == 1


@pytest.mark.parametrize("name", ["vae", "gan", "hybrid"])
def test_ended_by_the_system_a_run_goes_on_by_itself_to_the_very_weights(name: str, spawn: Spawn) -> None:
    asked = config(name, options=BY_NAME[name].options, steps=600)
    whole, _ = train_run(asked)
    run = create_run(asked)
    place = run.status().queued_at
    process = spawn()
    wait_until(lambda: run.status().state == "running" and run.status().step > 0)
    process.send_signal(signal.SIGTERM)
    assert process.wait(120) == 0
    status = run.status()
    assert (status.state, status.why, status.queued_at) == ("queued", INTERRUPTED, place)
    assert 0 < status.step == run.checkpoints()[-1][0] < 600
    assert spawn().wait(120) == 0
    assert run.status().state == "finished"
    assert f"from step {status.step}" in (run.path / LOG_FILE).read_text()
    assert weights(run) == weights(whole)


SLOW = """
import time
from genlab.runs import interrupts, recorder
interrupts.GRACE_SECONDS = 0.5
recorder.save_checkpoint = lambda *_: time.sleep(600)
recorder.CHECKPOINT_SECONDS = 1e9
"""


def test_a_shutdown_does_not_wait_for_a_checkpoint_that_takes_long(own_home: Path) -> None:
    run = create_run(LONG)
    process = subprocess.Popen([sys.executable, "-c", DRIVER.replace("sys.exit(", SLOW + "sys.exit("), "0"])
    try:
        wait_until(lambda: run.status().state == "running" and run.status().step > 0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
    status = run.status()
    assert (status.state, status.why, run.checkpoints()) == ("queued", INTERRUPTED, [])


def test_a_shutdown_interrupts_work_once_and_lets_it_write_how_it_ended() -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(KeyboardInterrupt), interrupted_when(lambda: False):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)  # as systemd does, and the server too
    finally:
        signal.signal(signal.SIGTERM, before)
    with interrupted_when(lambda: False):
        pass
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.usefixtures("own_home")
def test_a_search_whose_system_goes_down_is_paused(tmp_path: Path) -> None:
    conducted.write(tmp_path, Standing("running"))
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(KeyboardInterrupt), conducted.at_work(tmp_path, lambda: False):
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert conducted.standing(tmp_path).state == "paused"
