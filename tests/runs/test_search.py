"""Searches: trials one after the other, on disk, through pauses, failures and deaths."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from genlab.errors import GenlabError
from genlab.evaluation.sheet import ScoreSheet
from genlab.runs.evaluating import evaluate
from genlab.runs.search import Search, check_scorable, delete, holding
from genlab.runs.search_plan import (
    PLAN_FILE,
    TRIALS_FILE,
    Plan,
    Trial,
    check_name,
    new_name,
    read_plan,
    read_trials,
    searches_dir,
)
from genlab.runs.space import SearchError
from genlab.runs.status import Status, write_status
from genlab.runs.store import Run, RunError, list_runs, open_run
from tests.helpers import BY_NAME, config, train_run

VARY = ("lr=1e-4..1e-2", "prior=normal,mixture")
PLAN = Plan(config("vae", options=BY_NAME["vae"].options, steps=3), VARY, "bayes", 6, "fid", True, "quick")
GRID = replace(PLAN, vary=("lr=1e-4..1e-2/3", "prior=normal,mixture"), method="grid", trials=None)


class Killed(BaseException):
    """What happens to a process that is killed: nothing after it."""


def trained(run: Run) -> Status:
    """A training that only says so."""
    status = Status("finished", step=3, progress=1.0)
    write_status(run.path, status)
    return status


def sheet(score: float, extractor_hash: str = "abc", name: str = "fid") -> ScoreSheet:
    return ScoreSheet(3, "quick", "eyes", extractor_hash, 50, 60, "test", 0, {name: score}, {name: 1.5})


def scored(run: Run) -> ScoreSheet:
    """Low rates are good, and so are mixtures."""
    options = run.config.options
    return sheet(1e4 * options["lr"] + (options["prior"] == "normal"))


def conduct(
    plan: Plan = PLAN,
    train: Callable[[Run], Status] = trained,
    score: Callable[[Run], ScoreSheet] = scored,
    tell: Callable[[Trial], None] = lambda _: None,
) -> tuple[Search, bool]:
    with holding("s", plan) as search:
        return search, search.conduct(train, score, tell)


def fail_at(number: int, ending: Exception | BaseException | Status) -> Callable[[Run], Status]:
    """Train, but the run of this number comes to another end."""

    def train(run: Run) -> Status:
        if run.number != number:
            return trained(run)
        if not isinstance(ending, Status):
            raise ending
        write_status(run.path, ending)
        return ending

    return train


# --- plans ---


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"vary": ()}, "something to vary"),
        ({"vary": ("colour=1,2",)}, "colour"),
        ({"trials": 0}, "1 to 1000 trials"),
        ({"trials": 1001}, "1 to 1000 trials"),
        ({"trials": None}, "1 to 1000 trials"),
        ({"method": "grid"}, "leave --trials out"),
        ({"method": "grid", "trials": None}, "needs a number of points"),
        ({"method": "luck"}, "a grid or bayes"),
        ({"kind": "slow"}, "quick or full"),
    ],
    ids=str,
)
def test_what_makes_no_plan(change: dict[str, Any], says: str) -> None:
    with pytest.raises(SearchError, match=says):
        replace(PLAN, **change)


def test_a_plan_comes_back_from_its_file() -> None:
    assert read_plan("s") is None
    with holding("s", GRID):
        assert read_plan("s") == GRID


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"config": {}, "vary": []}', '{"config": 3}'])
def test_a_damaged_plan_is_one_sentence(text: str) -> None:
    with holding("s", PLAN):
        pass
    (searches_dir() / "s" / PLAN_FILE).write_text(text)
    with pytest.raises(SearchError, match="search s cannot be gone on with"):
        read_plan("s")


@pytest.mark.parametrize("name", ["", "A", "../x", "a b", "-a", "a" * 41])
def test_names(name: str) -> None:
    with pytest.raises(SearchError, match="1 to 40"):
        check_name(name)


def test_new_names_are_numbers_that_rise() -> None:
    assert new_name() == "1"
    for name in ("9", "10", "mine"):
        (searches_dir() / name).mkdir(parents=True)
    assert new_name() == "11"


# --- trials ---


def test_a_search_makes_ordinary_runs_and_ranks_them() -> None:
    told: list[Trial] = []
    search, done = conduct(tell=told.append)
    assert done
    assert [trial.number for trial in search.trials] == [1, 2, 3, 4, 5, 6]
    assert [run.title for run in reversed(list_runs())] == [f"search s, trial {number}" for number in range(1, 7)]
    for trial in search.trials:
        run = open_run(trial.run)
        assert run.config == replace(PLAN.config, options={**PLAN.config.options, **trial.values})
        assert (trial.score, trial.floor, trial.extractor) == (scored(run).scores["fid"], 1.5, "eyes")
    scores = [trial.score for trial in search.ranked()]
    assert scores == sorted(scores)
    assert [(trial.number, trial.outcome) for trial in told[:4]] == [
        (1, "open"), (1, "scored"), (2, "open"), (2, "scored"),
    ]  # fmt: skip
    assert read_trials(search.path) == search.trials


def test_a_score_that_is_better_high_is_ranked_from_the_top() -> None:
    plan = replace(PLAN, score="recall", lower=False)
    search, _ = conduct(plan, score=lambda run: sheet(run.config.options["lr"], name="recall"))
    scores = [trial.score for trial in search.ranked()]
    assert scores == sorted(scores, reverse=True)


def test_a_grid_tries_each_point_once() -> None:
    search, done = conduct(GRID)
    assert done
    assert [(trial.values["lr"], trial.values["prior"]) for trial in search.trials] == [
        (1e-4, "normal"), (1e-4, "mixture"), (1e-3, "normal"), (1e-3, "mixture"), (1e-2, "normal"), (1e-2, "mixture"),
    ]  # fmt: skip


def test_a_training_that_fails_is_a_trial_that_failed() -> None:
    search, done = conduct(train=fail_at(2, Status("failed", why="It diverged.")))
    assert done
    failed = search.trials[1]
    assert (failed.outcome, failed.why, failed.score) == ("failed", "It diverged.", None)
    assert search.ranked()[-1] == failed
    assert len(search.trials) == 6


def test_a_run_that_cannot_be_scored_is_a_trial_that_failed() -> None:
    def score(run: Run) -> ScoreSheet:
        if run.number == 1:
            raise GenlabError("Too few.")
        return sheet(1.0, name="kid") if run.number == 2 else scored(run)

    search, done = conduct(score=score)
    assert done
    assert [trial.why for trial in search.trials] == [
        "Too few.",
        "Its scores lack fid; there are: kid.",
        "",
        "",
        "",
        "",
    ]


def test_a_fault_is_no_failed_trial() -> None:
    with pytest.raises(ZeroDivisionError):
        conduct(score=lambda run: 1 / 0)  # type: ignore[arg-type, return-value]
    assert read_trials(searches_dir() / "s")[0].outcome == "open"


def test_scores_of_other_features_are_not_compared() -> None:
    with pytest.raises(SearchError, match="other features"):
        conduct(score=lambda run: sheet(1.0, str(run.number)))
    assert [trial.outcome for trial in read_trials(searches_dir() / "s")] == ["scored", "open"]


# --- going on ---


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


# --- scores ---


def test_what_cannot_be_scored_is_told_before_anything_is_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    check_scorable(PLAN)
    with pytest.raises(SearchError, match=r"no score beauty of digits\. There are: fid, kid"):
        check_scorable(replace(PLAN, score="beauty"))
    monkeypatch.setattr("genlab.runs.search.FEWEST", 400)
    with pytest.raises(SearchError, match="of which digits has 359; 400 are the least"):
        check_scorable(PLAN)


def test_one_true_trial() -> None:
    search, done = conduct(
        replace(PLAN, trials=1), lambda run: train_run(run=run)[1], lambda run: evaluate(run, kind="quick", n=40)
    )
    assert done
    (trial,) = search.trials
    assert trial.score is not None
    assert trial.floor is not None
    assert 0 < trial.floor < trial.score
    assert trial.extractor == "digits classifier"


def test_a_true_training_that_fails_is_a_failed_trial() -> None:
    plan = replace(
        PLAN,
        config=config("vae", options={"latent": 4, "width": 4}, steps=3, device="cuda"),
        trials=2,
    )
    search, done = conduct(plan, lambda run: train_run(run=run)[1])
    assert done
    assert [trial.outcome for trial in search.trials] == ["failed", "failed"]
    assert "no cuda device" in search.trials[0].why
