"""The gate: when a target is met, by which sheet, and what is tried after it was missed."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlab.evaluation.sheet import GOOD_END, ScoreSheet
from genlab.runs import branching, control
from genlab.runs.gate import (
    SCORES,
    TARGET_FILE,
    Target,
    TargetError,
    judge,
    next_attempt,
    parse_target,
    read_target,
    set_target,
    write_target,
)
from genlab.runs.store import RunError, create_run
from genlab.runs.verdicts import Action, Case
from genlab.training.config import RunConfig

GAN = RunConfig("digits", "gan", steps=100)


def sheet(step: int, fid: float, **other: object) -> ScoreSheet:
    values = {
        "step": step, "kind": "full", "extractor": "digits classifier", "extractor_hash": "a", "n": 10_000,
        "n_real": 359, "split": "test", "seed": 0, "scores": {"fid": fid, "recall": fid / 100},
        "created": float(step),
    }  # fmt: skip
    return ScoreSheet(**{**values, **other})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("score", "bound", "value", "met"),
    [("fid", 15.0, 15.0, True), ("fid", 15.0, 15.01, False), ("recall", 0.5, 0.5, True), ("recall", 0.5, 0.49, False)],
)
def test_a_target_is_met_from_the_good_end(score: str, bound: float, value: float, met: bool) -> None:
    assert Target(score, bound).is_met(value) is met


def test_targets_are_set_on_every_score_that_has_a_good_end_and_on_no_other() -> None:
    assert set(SCORES) == {score for score, end in GOOD_END.items() if end}
    for score in ("memorised", "density", "kid_error", "", "../fid"):
        with pytest.raises(TargetError, match="A target is set on one of fid"):
            Target(score, 1.0)


@pytest.mark.parametrize("bound", [-0.1, float("nan"), float("inf"), "15", None, True])
def test_a_target_is_a_number(bound: object) -> None:
    with pytest.raises(TargetError, match="A target is a number from 0 on"):
        Target("fid", bound)  # type: ignore[arg-type]


def test_the_best_full_sheet_of_a_checkpoint_that_is_there_counts() -> None:
    target = Target("fid", 10.0)
    sheets = [sheet(100, 12.0), sheet(200, 9.0), sheet(300, 11.0)]
    judged = judge(target, sheets, [100, 200, 300])
    assert (judged.passed, judged.value, judged.sheet) == (True, 9.0, sheets[1])
    gone = judge(target, sheets, [100, 300])
    assert (gone.passed, gone.value) == (False, 11.0)
    high = judge(Target("recall", 0.115), sheets, [100, 200, 300])
    assert (high.passed, high.value) == (True, 0.12)


def test_quick_scores_and_other_features_do_not_count() -> None:
    target = Target("fid", 10.0)
    quick, other = sheet(100, 1.0, kind="quick", n=2_000), sheet(100, 1.0, extractor_hash="b")
    assert judge(target, [quick], [100]).passed is None
    assert judge(target, [], [100]).passed is None
    assert judge(target, [quick, other, sheet(200, 20.0)], [100, 200]).value == 20.0
    assert judge(target, [sheet(100, 1.0, scores={"recall": 0.5})], [100]).passed is None


@given(st.sampled_from(SCORES), st.floats(0, 1e6))
def test_a_target_survives_its_file(tmp_path_factory: pytest.TempPathFactory, score: str, bound: float) -> None:
    folder = tmp_path_factory.mktemp("run")
    write_target(folder, Target(score, bound))
    assert read_target(folder) == Target(score, bound)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"score": "fid"}', '{"score": "x", "bound": 1}', "\xff", "null"])
def test_a_file_that_makes_no_sense_is_no_target(tmp_path: Path, text: str) -> None:
    assert read_target(tmp_path) is None
    (tmp_path / TARGET_FILE).write_text(text, encoding="latin-1")
    assert read_target(tmp_path) is None


@pytest.mark.usefixtures("own_home")
def test_a_target_is_set_changed_and_taken_away() -> None:
    run = create_run(GAN)
    assert read_target(run.path) is None
    for target in (Target("fid", 15.0), Target("recall", 0.9), None, None):
        set_target(run, target)
        assert read_target(run.path) == target
    run.path.rename(run.path.with_name(".trash"))
    with pytest.raises(RunError, match="deleted"):
        set_target(run, Target("fid", 1.0))


@pytest.mark.usefixtures("own_home")
def test_a_run_is_started_with_its_target_and_hands_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (branching, control):
        monkeypatch.setattr(module, "ensure_workers", lambda: None)
    run = control.start(GAN, target=Target("fid", 7.0))
    assert json.loads((run.path / TARGET_FILE).read_text()) == {"score": "fid", "bound": 7.0}
    made = branching.branch(run, Action({}, None, 2.0))
    assert read_target(made.path) == Target("fid", 7.0)
    assert made.config.steps == 200
    assert read_target(control.start(GAN).path) is None


def critic_always_right(rows: int) -> list[dict[str, float]]:
    right = {"critic/real right": 1.0, "critic/fake right": 0.999}
    return [{"step": 10 * (i + 1), "seconds": i, "generator/gradient norm": 1.0, **right} for i in range(rows)]


def test_what_was_missed_is_tried_again_as_the_doctor_says() -> None:
    ill = Case(critic_always_right(10), GAN, checkpoints=[50], ended=True)
    action = next_attempt(ill)
    assert action.options
    assert action.longer == 1.0


def test_what_nothing_ails_is_trained_for_longer() -> None:
    assert next_attempt(Case([], GAN, checkpoints=[50, 100], ended=True)) == Action({}, 100)
    assert next_attempt(Case([], GAN, ended=True)) == Action({}, None, 2.0)


@pytest.mark.parametrize(
    ("budget", "times", "then"),
    [
        ({"steps": 3}, 2.0, {"steps": 6}),
        ({"minutes": 0.5}, 2.0, {"minutes": 1.0}),
        ({"images": 10**10}, 2.0, {"images": 10**10}),
    ],
)
def test_a_budget_grows_up_to_the_most_there_may_be(
    budget: dict[str, float], times: float, then: dict[str, float]
) -> None:
    config = RunConfig("digits", "vae", **budget)  # type: ignore[arg-type]
    assert config.longer(times) == RunConfig("digits", "vae", **then)  # type: ignore[arg-type]
    assert config.longer(1.0) == config


class Told:
    """A scorer that only remembers."""

    def __init__(self) -> None:
        self.full_ones: list[int] = []

    def quick(self, step: int) -> None:
        pass

    def full(self, step: int) -> None:
        self.full_ones.append(step)


@pytest.mark.usefixtures("own_home")
def test_the_best_checkpoint_gets_a_full_score_beside_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    from genlab.runs import recorder
    from genlab.runs.scores import append_scores
    from genlab.runs.session import Session
    from genlab.runs.status import run_lock

    monkeypatch.setattr(recorder, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(recorder, "COST_SHARE", 1e9)
    monkeypatch.setattr(recorder, "LOG_SECONDS", 0.0)
    run = create_run(RunConfig("digits", "vae", steps=40, precision="fp32"), state="paused")
    scorer = Told()
    with run_lock(run.path):
        Session(run, scorer=scorer).train()  # type: ignore[arg-type]
    assert scorer.full_ones == [40]
    first = run.checkpoints()[0][0]
    assert first < 40
    again = create_run(RunConfig("digits", "vae", steps=40, precision="fp32"), state="paused")
    original = recorder.Recorder.checkpoint

    def checkpoint(self: recorder.Recorder, fit_on: int) -> None:
        original(self, fit_on)
        step = self.trainer.step_count
        append_scores(again.path, sheet(step, 1.0 + step, kind="quick", n=2_000, created=time.time()))

    monkeypatch.setattr(recorder.Recorder, "checkpoint", checkpoint)
    scorer = Told()
    with run_lock(again.path):
        Session(again, scorer=scorer).train()  # type: ignore[arg-type]
    assert scorer.full_ones == [40, again.checkpoints()[0][0]]


def test_a_target_is_written_as_a_score_and_a_bound() -> None:
    assert parse_target("fid=15") == Target("fid", 15.0)
    for text, says in (
        ("fid", "written as in fid=15"),
        ("fid=", "written as"),
        ("fid=a", "written as"),
        ("=3", "not on"),
    ):
        with pytest.raises(TargetError, match=says):
            parse_target(text)
