"""A search that was ended goes on as if it had not been, and what may stand in its way."""

import json
import shutil
from dataclasses import replace
from typing import Any

import pytest

from genlab.evaluation.sheet import ScoreSheet
from genlab.runs.search import Search, delete, holding
from genlab.runs.search_plan import (
    TRIALS_FILE,
    Plan,
    Trial,
    read_plan,
    read_trials,
    searches_dir,
)
from genlab.runs.space import SearchError
from genlab.runs.status import Status
from genlab.runs.store import Run, RunError, list_runs
from tests.runs.searching import GRID, PLAN, conduct, fail_at, scored, trained


class Killed(BaseException):
    """What happens to a process that is killed: nothing after it."""


@pytest.mark.parametrize("plan", [PLAN, GRID], ids=["bayes", "grid"])
@pytest.mark.parametrize("moment", ["training", "scoring", "making", "between"])
def test_killed_at_any_moment_it_ends_the_same(plan: Plan, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, _ = conduct(plan)
    shutil.rmtree(whole.path)
    for run in list_runs():
        shutil.rmtree(run.path)

    def killed(*_: object) -> Any:
        raise Killed

    def before_score(run: Run) -> ScoreSheet:
        return killed() if len(read_trials(whole.path)) == 4 else scored(run)

    def making(search: Search, trial: Trial) -> Trial:
        return killed() if trial.number == 4 and trial.run else keep(search, trial)

    def between(trial: Trial) -> None:
        if trial.number == 4 and trial.outcome == "scored":
            killed()

    keep = Search.keep
    train = fail_at(6 + 4, Killed()) if moment == "training" else trained  # numbers of deleted runs are not used again
    score = before_score if moment == "scoring" else scored
    tell = between if moment == "between" else lambda _: None
    with monkeypatch.context() as patch:
        if moment == "making":
            patch.setattr(Search, "keep", making)
        with pytest.raises(Killed):
            conduct(plan, train, score, tell)
    before = read_trials(whole.path)
    assert len(before) == 4
    again, done = conduct(plan)
    assert done
    assert [(trial.values, trial.score) for trial in again.trials] == [
        (trial.values, trial.score) for trial in whole.trials
    ]
    assert len(list_runs()) == 6  # none was made twice
    if moment in ("training", "scoring"):
        assert again.trials[3].run == before[3].run


def test_a_new_search_does_not_take_the_runs_of_an_old_one_of_its_name() -> None:
    old, _ = conduct(replace(PLAN, trials=2))
    shutil.rmtree(old.path)
    new, _ = conduct(replace(PLAN, trials=2))
    assert [trial.values for trial in new.trials] == [trial.values for trial in old.trials]
    assert len({trial.run for trial in [*old.trials, *new.trials]}) == 4


def test_a_paused_training_pauses_the_search() -> None:
    search, done = conduct(train=fail_at(3, Status("paused", step=1)))
    assert not done
    assert [trial.outcome for trial in search.trials] == ["scored", "scored", "open"]
    seen: list[int] = []
    conduct(train=lambda run: seen.append(run.number) or trained(run))  # type: ignore[func-returns-value]
    assert seen == [3, 4, 5, 6]


def test_a_finished_search_has_nothing_left_but_may_be_given_more_trials() -> None:
    conduct()
    again, done = conduct(train=fail_at(7, AssertionError()))
    assert done
    assert len(again.trials) == 6
    more, _ = conduct(replace(PLAN, trials=8))
    assert more.trials[:6] == again.trials
    assert len(more.trials) == 8
    assert read_plan("s") == replace(PLAN, trials=8)


def test_a_deleted_run_is_a_failed_trial_and_told() -> None:
    conduct(train=fail_at(2, Status("paused")))
    shutil.rmtree(list_runs()[0].path)
    search, done = conduct()
    assert done
    assert search.trials[1].outcome == "failed"
    assert "no run" in search.trials[1].why
    assert [trial.outcome for trial in search.trials].count("scored") == 5


def test_a_run_that_is_stopped_by_hand_is_scored_as_it_stands() -> None:
    search, done = conduct(train=fail_at(2, Status("stopped", step=2)))
    assert done
    assert search.trials[1].outcome == "scored"


def test_another_plan_under_the_same_name_is_refused() -> None:
    conduct()
    for other in (replace(PLAN, vary=("lr=1e-4..1e-1",)), replace(PLAN, score="kid"), GRID):
        with pytest.raises(SearchError, match="begun otherwise"):
            conduct(other)
    assert read_plan("s") == PLAN


def test_one_process_at_a_time() -> None:
    with holding("s", PLAN), pytest.raises(SearchError, match="Another process is at the search s"), holding("s", PLAN):
        pass


def test_a_search_is_deleted_and_its_runs_stay() -> None:
    search, _ = conduct()
    delete("s")
    delete("s")  # as by two pages
    assert read_plan("s") is None
    assert not list(searches_dir().iterdir())
    assert {run.id for run in list_runs()} == {trial.run for trial in search.trials}


def test_a_search_at_work_is_not_deleted() -> None:
    with holding("s", PLAN):
        with pytest.raises(SearchError, match="Stop it first"):
            delete("s")
        assert read_plan("s") == PLAN


def test_a_folder_that_cannot_be_written() -> None:
    searches_dir().parent.mkdir(parents=True)
    searches_dir().write_text("a file in its place")
    with pytest.raises(SearchError, match="cannot be written to"), holding("s", PLAN):
        pass


def test_a_run_that_cannot_be_made_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> Run:
        raise RunError("The disk is full.")

    monkeypatch.setattr("genlab.runs.search.create_run", full)
    with pytest.raises(RunError, match="disk is full"):
        conduct()
    assert [trial.outcome for trial in read_trials(searches_dir() / "s")] == ["open"]


@pytest.mark.parametrize("tail", [b'{"number": 4, "val', b"[]\n", b'{"number": 3}\n', b"\xff\n"])
def test_lines_that_are_cut_or_make_no_sense_are_left_out(tail: bytes) -> None:
    search, _ = conduct(replace(PLAN, trials=3))
    file = search.path / TRIALS_FILE
    file.write_bytes(file.read_bytes() + tail)
    assert read_trials(search.path) == search.trials
    again, _ = conduct(replace(PLAN, trials=4))
    assert [trial.outcome for trial in again.trials] == ["scored"] * 4


def test_a_scored_trial_has_a_score(own_home: object) -> None:
    search, _ = conduct(replace(PLAN, trials=2))
    lines = (search.path / TRIALS_FILE).read_text().splitlines()
    ended = json.loads(lines[-1])
    for change in ({"score": None}, {"outcome": "open"}, {"outcome": "lost"}, {"values": 3}, {"number": "2"}):
        (search.path / TRIALS_FILE).write_text("\n".join([*lines[:-1], json.dumps({**ended, **change})]))
        assert [trial.outcome for trial in read_trials(search.path)] == ["scored", "open"]
