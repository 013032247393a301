"""Searches: trials one after the other, on disk, through pauses, failures and deaths."""

from dataclasses import replace
from typing import Any

import pytest

from genlab.errors import GenlabError
from genlab.evaluation.sheet import ScoreSheet
from genlab.runs.evaluating import evaluate
from genlab.runs.search import check_scorable, holding
from genlab.runs.search_plan import (
    PLAN_FILE,
    Trial,
    check_name,
    new_name,
    read_plan,
    read_trials,
    searches_dir,
)
from genlab.runs.space import SearchError
from genlab.runs.status import Status
from genlab.runs.store import Run, list_runs, open_run
from tests.helpers import config, train_run
from tests.runs.searching import GRID, PLAN, conduct, fail_at, scored, sheet

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
