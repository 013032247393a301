"""Searches in processes of their own: how they stand, and what becomes of them when they are stopped or killed."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from genlab.errors import GenlabError
from genlab.runs import conducted, control, search_jobs
from genlab.runs.conducted import LOG_FILE, STATE_FILE, STOP_FILE
from genlab.runs.processes import interrupted_when
from genlab.runs.scores import read_scores
from genlab.runs.search import holding
from genlab.runs.search_jobs import (
    begin,
    conducting,
    go_on,
    is_awaited,
    list_searches,
    read_status,
    search_of,
    stop,
)
from genlab.runs.search_plan import PLAN_FILE, Plan, Trial, read_plan, read_trials, searches_dir
from genlab.runs.space import SearchError
from genlab.runs.store import list_runs
from tests.helpers import BY_NAME, config, wait_until

PLAN = Plan(
    config("vae", options=BY_NAME["vae"].options, steps=3), ("lr=1e-4..1e-2",), "bayes", 2, "fid", True, "quick"
)


def work() -> None:
    """Do something for half a minute."""
    deadline = time.monotonic() + 30.0
    while time.monotonic() < deadline:
        time.sleep(0.02)


class Process:
    """What a page starts, in place of a real one."""

    def wait(self) -> int:
        return 0


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What was started, none of which does anything."""
    calls: list[list[str]] = []

    def spawn(arguments: list[str], log: Path) -> Process:
        calls.append(arguments)
        return Process()

    monkeypatch.setattr(conducted, "spawn", spawn)
    return calls


# --- beginning, and how it stands ---


def test_a_search_is_written_and_started_once(started: list[list[str]]) -> None:
    name = begin(PLAN)
    assert read_plan(name) == PLAN
    assert read_status(name).state == "starting"
    go_on(name)
    assert started == [["search", "--name", "1", "--queue"]]
    assert begin(PLAN) == "2"
    assert list_searches() == ["2", "1"]


def test_a_process_that_never_came_is_dead_and_can_be_started_again(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = begin(PLAN)
    monkeypatch.setattr(conducted, "START_SECONDS", -1.0)
    assert read_status(name).state == "died"
    go_on(name)
    assert len(started) == 2


@pytest.mark.parametrize("name", ["../x", "", "A", "nobody"])
@pytest.mark.parametrize("do", [read_status, go_on, stop])
def test_names_that_are_none(do: Callable[[str], object], name: str) -> None:
    with pytest.raises(SearchError, match=r"1 to 40 small letters|no search"):
        do(name)
    assert not searches_dir().exists()


def test_a_search_that_cannot_be_written_or_started_says_so(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    name = begin(PLAN)
    monkeypatch.setattr(conducted, "START_SECONDS", -1.0)
    monkeypatch.setattr(conducted, "spawn", refuse)
    with pytest.raises(SearchError, match="Cannot allocate memory"):
        go_on(name)
    monkeypatch.setattr(search_jobs, "new_name", lambda: "x/y")
    (searches_dir() / "x").write_text("a file in its place")
    with pytest.raises(SearchError, match="cannot be written"):
        begin(PLAN)


def test_whoever_holds_the_lock_is_at_work_and_whoever_wrote_that_and_does_not_is_dead() -> None:
    with holding("s", PLAN):
        assert read_status("s").state == "running"
    assert read_status("s").state == "paused"  # it wrote nothing, as earlier versions did
    with suppress(SystemExit), conducting("s", PLAN) as search:
        kept = (search.path / STATE_FILE).read_bytes()
        assert read_status("s").state == "running"
    (search.path / STATE_FILE).write_bytes(kept)
    assert read_status("s").state == "died"


@pytest.mark.parametrize("text", ["", "[]", '{"state": "gone", "why": "", "updated": 0}', '{"state": "running"}'])
def test_a_damaged_state_is_a_pause(text: str) -> None:
    with conducting("s", PLAN):
        pass
    (searches_dir() / "s" / STATE_FILE).write_text(text)
    assert read_status("s").state == "paused"


@pytest.mark.parametrize(
    ("error", "state", "why"),
    [
        (GenlabError("The disk is full."), "failed", "The disk is full."),
        (ZeroDivisionError("one by none"), "failed", "A fault in the program ended it: ZeroDivisionError: one by none"),
        (KeyboardInterrupt(), "paused", ""),
    ],
    ids=["error", "fault", "interrupted"],
)
def test_how_it_ended_is_told(error: BaseException, state: str, why: str) -> None:
    with pytest.raises(type(error)), conducting("s", PLAN):
        raise error
    assert (read_status("s").state, read_status("s").why) == (state, why)


@pytest.mark.parametrize(("outcome", "state"), [("open", "paused"), ("failed", "finished"), (None, "paused")])
def test_a_search_is_over_when_its_last_trial_is(outcome: str | None, state: str) -> None:
    with conducting("s", PLAN) as search:
        if outcome is not None:
            search.keep(Trial(1, {"lr": 1e-3}, outcome=outcome))  # type: ignore[arg-type]
    assert read_status("s").state == state


def test_a_page_stops_it() -> None:
    def press() -> None:
        wait_until(lambda: list_searches() and read_status("s").state == "running")
        stop("s")

    thread = threading.Thread(target=press)
    thread.start()
    with pytest.raises(KeyboardInterrupt), conducting("s", PLAN) as search:
        work()
    thread.join()
    assert read_status("s").state == "paused"
    assert not (search.path / STOP_FILE).exists()
    stop("s")  # nobody is at it
    assert not (search.path / STOP_FILE).exists()


def test_an_interruption_comes_only_when_it_was_asked_for() -> None:
    asked: list[int] = []
    with interrupted_when(lambda: bool(asked.append(1))):  # type: ignore[func-returns-value]
        wait_until(lambda: len(asked) > 1)
    with pytest.raises(KeyboardInterrupt), interrupted_when(lambda: True):
        work()


def test_the_search_of_a_run() -> None:
    assert search_of("00001-digits-vae") is None
    with conducting("s", PLAN) as search:
        search.keep(Trial(1, {}, "00001-digits-vae", "failed"))
        search.keep(Trial(2, {}, "00002-digits-vae"))
        assert is_awaited("00002-digits-vae")
        assert not is_awaited("00003-digits-vae")
    assert search_of("00002-digits-vae") == ("s", 2)
    assert not is_awaited("00002-digits-vae")  # nobody would score it
    (searches_dir() / "file").write_text("no search")
    (searches_dir() / "Empty").mkdir()
    assert list_searches() == ["s"]


# --- with real processes ---


@pytest.fixture
def processes(own_home: Path) -> Iterator[Callable[[str], list[psutil.Process]]]:
    """The processes of this home that run a command; they are gone when the test ends."""

    def running(command: str) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get("GENLAB_HOME") == str(own_home) and command in process.cmdline():
                    found.append(process)
        return found

    yield running
    for process in [*running("search"), *running("worker")]:
        with suppress(psutil.Error):
            process.kill()


@pytest.mark.slow
def test_a_search_is_stopped_and_killed_and_goes_on_with_the_same_run(
    processes: Callable[[str], list[psutil.Process]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENLAB_SCORES", "on")  # which the worker leaves to the search
    name = begin(replace(PLAN, config=replace(PLAN.config, steps=10**7), trials=1))

    def trains() -> bool:
        return bool(list_runs()) and list_runs()[0].status().state == "running" and list_runs()[0].status().step > 0

    def log() -> str:
        return (searches_dir() / name / LOG_FILE).read_text()

    wait_until(trains)
    assert read_status(name).state == "running"
    (run,) = list_runs()
    stop(name)
    wait_until(lambda: not read_status(name).is_live)
    assert (read_status(name).state, run.status().state) == ("paused", "paused"), log()

    go_on(name)
    wait_until(trains)
    (conductor,) = processes("search")
    conductor.kill()
    wait_until(lambda: read_status(name).state == "died")
    assert run.status().state == "running"  # it is the worker's

    go_on(name)
    wait_until(lambda: read_status(name).state == "running")
    control.stop(run)
    wait_until(lambda: not read_status(name).is_live)
    assert read_status(name).state == "finished", log()
    assert [other.id for other in list_runs()] == [run.id]
    (trial,) = read_trials(searches_dir() / name)
    assert (trial.run, trial.outcome) == (run.id, "scored")
    assert [sheet.kind for sheet in read_scores(run.path)] == ["quick"]


def test_a_search_that_cannot_be_conducted_says_why(started: list[list[str]]) -> None:
    name = begin(replace(PLAN, score="beauty"))
    ended = subprocess.run([sys.executable, "-m", "genlab", *started[0]], capture_output=True, check=False, text=True)
    assert ended.returncode == 1, ended.stderr
    assert "no score beauty of digits" in read_status(name).why
    assert read_status(name).state == "failed"
    assert json.loads((searches_dir() / name / PLAN_FILE).read_text())["score"] == "beauty"
