"""Experiments are whole, can be trained as they are written, and are judged by a rule that numbers decide."""

import math

import pytest

from genlab.data import find
from genlab.evaluation.sheet import GOOD_END
from genlab.market import claims
from genlab.market.experiments import METRICS, Experiment, config_of, experiment_of, experiments
from genlab.market.judging import judge, reproduces, summary
from genlab.market.loading import HAN
from genlab.market.results import result
from genlab.models import build
from genlab.models.presets import preset

EXPERIMENTS = tuple(experiments().values())
ARM = {"en": "An arm", "zh": "一组", "preset": "gan", "images": 100}
WHOLE = {
    "claim": "unstable",
    "metric": "fid",
    "data": "digits",
    "seeds": 3,
    "question_en": "Is it so?",
    "question_zh": "是这样吗？",
    "expects_en": "Yes.",
    "expects_zh": "是。",
    "arms": {"a": ARM, "b": ARM},
    "pairs": [{"first": "a", "second": "b"}],
}


def made(**change: object) -> Experiment:
    return experiment_of("test", WHOLE | change)


def test_there_are_enough_and_each_tests_a_claim_that_can_be_judged():
    assert len(EXPERIMENTS) >= 14
    assert {experiment.kind for experiment in EXPERIMENTS} == {kind for kind, _ in METRICS.values()}
    tested = {experiment.claim for experiment in EXPERIMENTS}
    asked_for = {
        "gan-harder", "vae-better-quality", "spectral-norm", "gradient-penalty", "periodic-freezing", "no-labels",
        "progressive-training", "adgan", "data-amount", "data-quality", "augmentation", "leaks-data", "hyperparameters",
        "expensive",
    }  # fmt: skip
    assert asked_for <= tested <= set(claims())


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda experiment: experiment.key)
def test_an_experiment_is_whole(experiment: Experiment):
    for text in (experiment.question, experiment.expects):
        assert text["en"].endswith((".", "?", ".)"))
        assert text["zh"].endswith(("。", "？", "）"))
        assert HAN.search(text["zh"])
    for arm in experiment.arms:
        if arm.preset:
            config = config_of(arm, experiment.data, seed=3)
            assert (config.seed, config.preset, config.model) == (3, arm.preset, preset(arm.preset).model)
            assert (arm.seconds or 0) <= 120
            assert (arm.images or 0) <= 400_000
    assert all(experiment.scale == "linear" or experiment.metric in ("fid", "cpu_seconds") for _ in experiment.arms)


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda experiment: experiment.key)
def test_a_stored_result_is_of_this_experiment_and_was_run_with_all_its_seeds(experiment: Experiment):
    found = result(experiment)
    if found is None:
        pytest.skip("not run yet")
    assert found.seeds == tuple(range(experiment.seeds))
    assert found.commit


def test_a_fingerprint_follows_what_is_trained_and_nothing_else():
    assert made().fingerprint == made(question_en="Otherwise?", seeds=4, pairs=[]).fingerprint
    assert made().fingerprint != made(metric="kid").fingerprint
    assert made().fingerprint != made(arms={"a": ARM | {"images": 101}, "b": ARM}).fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"claim": "nobody-says-so"},
        {"metric": "density"},
        {"metric": "beauty"},
        {"seeds": 1},
        {"arms": {}},
        {"arms": {"a": ARM}},
        {"arms": {"a": ARM | {"seconds": 3}, "b": ARM}},
        {"arms": {"a": ARM | {"images": 0}, "b": ARM}},
        {"arms": {"a": {"en": "x", "zh": "字"}, "b": ARM}},
        {"arms": {"a": ARM | {"flaw": "ugly"}, "b": ARM}},
        {"pairs": [{"first": "a", "second": "a"}]},
        {"statistic": "mode"},
        {"scale": "square"},
        {"extra": 1},
    ],
)
def test_an_experiment_that_is_not_whole_is_refused(change):
    with pytest.raises(ValueError, match="test"):
        made(**change)


def test_every_score_with_a_good_end_can_be_measured():
    assert {name for name, end in GOOD_END.items() if end} == {
        n for n, (kind, _) in METRICS.items() if kind == "scores"
    }


def test_welchs_interval_by_hand():
    """Means 2 and 5, variances 1 each, three values a side: error sqrt(2/3), 4 degrees of freedom, t = 2.776."""
    ((pair,), said) = judge(made(), {"a": [1, 2, 3], "b": [4, 5, 6]})
    half = 2.7764451 * math.sqrt(2 / 3)
    assert (pair.difference, pair.low, pair.high) == pytest.approx((3, 3 - half, 3 + half))
    assert (pair.outcome, said) == ("holds", "supported")


@pytest.mark.parametrize(
    ("change", "a", "b", "said"),
    [
        ({}, [4, 5, 6], [1, 2, 3], "refuted"),
        ({"metric": "recall"}, [4, 5, 6], [1, 2, 3], "supported"),
        ({}, [1, 2, 6], [2, 3, 6], "open"),
        ({}, [1, 1], [1, 1], "open"),
        ({}, [1], [9], "open"),
        ({}, [1, 2, None], [4, 5, 6], "refuted"),
        ({}, [1, 2, 3], [4, None, None], "supported"),
        ({}, [1, None], [4, None], "open"),
        ({"pairs": []}, [1, 2], [3, 4], "measured"),
        ({"pairs": [{"first": "a", "second": "b", "margin": 9.0}]}, [1, 2, 3], [4, 5, 6], "refuted"),
        ({"pairs": [{"first": "a", "second": "b", "margin": -9.0}]}, [4, 5, 6], [1, 2, 3], "supported"),
        ({"statistic": "spread"}, [50, 50.1, 49.9, 50], [0, 10, 20, 30, 40, 50], "supported"),
        ({"statistic": "spread", "metric": "recall"}, [5, 5.1, 4.9, 5], [0, 10, 20, 30, 40, 50], "supported"),
        ({"scale": "log"}, [10, 11, 12], [100, 110, 120], "supported"),
    ],
)
def test_the_rule(change, a, b, said):
    assert judge(made(**change), {"a": a, "b": b})[1] == said


def test_pairs_that_disagree_are_mixed_and_open_ones_leave_it_partly():
    pairs = [{"first": "a", "second": "b"}, {"first": "b", "second": "a"}]
    assert judge(made(pairs=pairs), {"a": [1, 2, 3], "b": [4, 5, 6]})[1] == "mixed"
    three = made(arms={"a": ARM, "b": ARM, "c": ARM}, pairs=[*pairs[:1], {"first": "a", "second": "c"}])
    assert judge(three, {"a": [1, 2, 3], "b": [4, 5, 6], "c": [1, 2, 4]})[1] == "partly"


def test_a_logarithm_makes_a_factor_a_difference():
    ((pair,), _) = judge(made(scale="log"), {"a": [10, 10], "b": [20, 20]})
    assert pair.difference == pytest.approx(math.log(2))


def test_summaries_leave_failures_out_and_count_them():
    assert summary([1.0, None, 3.0]) == pytest.approx(summary([1.0, 3.0, None]))
    told = summary([1.0, None, 3.0])
    assert (told.mean, told.spread, told.failed) == (2.0, pytest.approx(math.sqrt(2)), 1)
    assert summary([None]).mean is None


def test_reproducing_is_within_two_standard_errors():
    stored = [1.0, 2.0, 3.0]  # spread 1; against three values the error is sqrt(2/3) = 0.816
    assert reproduces(stored, [3.6, 3.6, 3.6]) is True
    assert reproduces(stored, [3.7, 3.7, 3.7]) is False
    assert reproduces([1.0], [1.0]) is None
    assert reproduces(stored, [None]) is None


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda experiment: experiment.key)
def test_every_arm_can_be_built(experiment: Experiment):
    source = find(experiment.data)
    for arm in experiment.arms:
        if arm.preset:
            config = config_of(arm, experiment.data, seed=0)
            model = build(config.model, source.shape, config.options, source.n_classes)
            assert tuple(model.shape) == source.shape
