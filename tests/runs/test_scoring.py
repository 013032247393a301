"""Scores while a training goes on: when they are taken, and that nothing else changes by them."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from genlab.errors import GenlabError
from genlab.runs import control, scoring
from genlab.runs.orders import Orders, write_orders
from genlab.runs.scores import read_scores
from genlab.runs.scoring import Scorer, scores_wanted, scoring_slot
from genlab.runs.session import Session
from genlab.runs.status import run_lock
from genlab.runs.store import Run, create_run
from genlab.runs.worker import ensure_workers
from tests.helpers import BY_NAME, config, train_run, wait_until
from tests.runs.conftest import QUICK

MODEL = BY_NAME["vae"]


class Processes:
    """Processes that end when they are told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.started: list[list[str]] = []
        self.ended = threading.Semaphore(0)
        self.code, self.pid = 0, 10**9
        monkeypatch.setattr(scoring, "_spawn", self._spawn)

    def _spawn(self, arguments: list[str]) -> "Processes":
        self.started.append(arguments)
        return self

    def wait(self) -> int:
        self.ended.acquire()
        return self.code

    def end(self, scorer: Scorer, code: int = 0) -> None:
        self.code = code
        self.ended.release()
        while scorer._running:
            pass


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Processes:
    return Processes(monkeypatch)


def test_quick_scores_are_one_at_a_time(processes: Processes) -> None:
    scorer = Scorer("00001-digits-vae")
    scorer.quick(200)
    assert processes.started == [["evaluate", "00001-digits-vae", "--step", "200", "--quick"]]
    scorer.quick(300)  # the first is still at work
    assert len(processes.started) == 1
    processes.end(scorer)
    scorer.quick(400)
    assert processes.started[1:] == [["evaluate", "00001-digits-vae", "--step", "400", "--quick"]]
    processes.end(scorer)


def test_a_score_that_fails_is_told_and_not_tried_again_but_at_the_end(
    processes: Processes, caplog: pytest.LogCaptureFixture
) -> None:
    scorer = Scorer("00001-digits-vae")
    scorer.quick(1)
    processes.end(scorer, 1)
    scorer.quick(2)
    assert len(processes.started) == 1
    scorer.full(3)
    assert processes.started[-1] == ["evaluate", "00001-digits-vae", "--step", "3"]
    processes.end(scorer)
    assert "could not be computed" in caplog.text


def test_a_system_that_refuses_the_process_costs_no_more_than_the_score(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(arguments: list[str]) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(scoring, "_spawn", refused)
    Scorer("x").full(7)
    assert "step 7 is not scored: Cannot allocate memory" in caplog.text


def test_scores_are_turned_off_by_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not scores_wanted()  # in all tests
    monkeypatch.delenv("GENLAB_SCORES")
    assert scores_wanted()
    monkeypatch.setenv("GENLAB_SCORES", "perhaps")
    with pytest.raises(GenlabError, match="GENLAB_SCORES is 'perhaps', but must be on or off"):
        scores_wanted()
    ensure_workers()  # nothing waits
    create_run(config())
    with pytest.raises(GenlabError, match="must be on or off"):
        ensure_workers()


def test_one_scoring_at_a_time() -> None:
    order: list[str] = []
    inside, waits = threading.Event(), threading.Event()

    def second() -> None:
        inside.wait()
        with scoring_slot(waits.set):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with scoring_slot(lambda: order.append("never")):
        inside.set()
        assert waits.wait(10)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_waiting_for_the_turn_needs_no_torch() -> None:
    code = "import sys, genlab.runs.scoring; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- what a training tells its scorer ---


class Noted(Scorer):
    """Starts nothing."""

    def __init__(self) -> None:
        super().__init__("x")
        self.told: list[tuple[str, int]] = []

    def quick(self, step: int) -> None:
        self.told.append(("quick", step))

    def full(self, step: int) -> None:
        self.told.append(("full", step))


def session(run: Run, scorer: Scorer) -> None:
    with run_lock(run.path):
        Session(run, scorer=scorer).train()


def test_checkpoints_are_told_as_they_are_written_and_the_last_one_at_the_end(quick: None) -> None:
    run, scorer = create_run(config("vae", options=MODEL.options, steps=200)), Noted()
    session(run, scorer)
    steps = [step for step, _ in run.checkpoints()]
    quick_ones = [step for kind, step in scorer.told if kind == "quick"]
    assert scorer.told == [*(("quick", step) for step in quick_ones), ("full", 200)]
    assert set(steps[:-1]) <= set(quick_ones)
    assert len(steps) > 1


@pytest.mark.parametrize(("command", "told"), [("stop", 1), ("pause", 0)])
def test_a_pause_is_no_end(command: str, told: int, quick: None) -> None:
    run, scorer = create_run(config("vae", options=MODEL.options, steps=10**6)), Noted()
    write_orders(run.path, Orders(command))
    session(run, scorer)
    assert [kind for kind, _ in scorer.told].count("full") == told


# --- real processes ---

DRIVER = f"""
import sys
from genlab.cli import main
from genlab.runs import recorder, scoring
from genlab.training import device
device.be_nice = lambda: None  # other tests want the processor too, and these are waited for
scoring.give_way = lambda pid: None
vars(recorder).update({QUICK!r})
sys.exit(main(["worker", "--linger", "0"]))
"""


@pytest.fixture
def nothing_scored_afterwards() -> Iterator[None]:
    """Wait until no scoring is at work any more."""
    yield
    with scoring_slot():
        pass


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_scored_afterwards")
def test_a_training_that_is_scored_ends_in_the_weights_of_one_that_is_not() -> None:
    asked = config("vae", options=MODEL.options, steps=1000)
    alone, _ = train_run(asked)
    run = create_run(asked)
    subprocess.run([sys.executable, "-c", DRIVER], env={**os.environ, "GENLAB_SCORES": "on"}, check=True, timeout=120)
    wait_until(lambda: len(read_scores(run.path)) == 2, 120)
    early, last = read_scores(run.path)
    assert (early.kind, early.step, early.n) == ("quick", run.checkpoints()[0][0], 2000)
    assert (last.kind, last.step, last.n, last.extractor) == ("full", 1000, 10_000, "digits classifier")
    (_, one), (_, other) = alone.checkpoints()[-1], run.checkpoints()[-1]
    for name in ("model.safetensors", "trainer.safetensors"):
        assert (one / name).read_bytes() == (other / name).read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="others know no such policy")
def test_a_scoring_gives_way_to_everything_else() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        scoring.give_way(process.pid)
        assert os.sched_getscheduler(process.pid) == os.SCHED_IDLE
        process.kill()
    scoring.give_way(process.pid)  # it has ended


def scoring_of(run: Run, begun: Callable[[], bool]) -> "subprocess.Popen[bytes]":
    process = scoring._spawn(["evaluate", run.id, "--n", "2000"])
    wait_until(begun)
    return process


def taken() -> bool:
    """Whether a scoring is at work."""
    waits = []
    done = threading.Event()

    def probe() -> None:
        with scoring_slot(lambda: waits.append(1)):
            done.set()

    threading.Thread(target=probe, daemon=True).start()
    done.wait(0.3)
    return bool(waits)


@pytest.mark.slow
def test_a_killed_scoring_leaves_nothing_behind() -> None:
    run, _ = train_run(config("vae", options=MODEL.options, steps=3))
    process = scoring_of(run, taken)
    assert os.getsid(process.pid) == os.getsid(0)
    assert os.getpgid(process.pid) != os.getpgid(0)
    before = sorted(path.name for path in run.path.rglob("*"))
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert sorted(path.name for path in run.path.rglob("*")) == before
    process = scoring._spawn(["evaluate", run.id, "--n", "50"])
    assert process.wait(60) == 0
    assert [sheet.n for sheet in read_scores(run.path)] == [50]


def test_a_run_deleted_while_it_is_scored_does_not_come_back() -> None:
    run, _ = train_run(config("vae", options=MODEL.options, steps=3))
    process = scoring_of(run, taken)
    control.delete(run)
    assert process.wait(60) == 1
    assert not run.path.exists()
    assert "run" in (run.path.parent / ".workers" / scoring.LOG_FILE).read_text()
