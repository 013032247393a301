"""Scores of a run's checkpoints."""

import shutil
from pathlib import Path

import pytest
import torch

from genlab.runs import evaluating
from genlab.runs.evaluating import evaluate
from genlab.runs.sampling import generate, load_checkpoint
from genlab.runs.scores import read_scores
from genlab.runs.store import Run, RunError
from tests.helpers import BY_NAME, config, train_run


def trained(case: str = "vae") -> Run:
    return train_run(config("vae", options=BY_NAME[case].options, steps=20))[0]


def test_the_same_checkpoint_has_the_same_scores_and_global_randomness_is_left_alone() -> None:
    run = trained()
    before = torch.get_rng_state()
    first, second, other = evaluate(run, n=60), evaluate(run, 20, n=60), evaluate(run, n=60, seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert first.scores == second.scores != other.scores
    assert first.floor == other.floor
    assert read_scores(run.path) == [first, second, other]
    assert first.cost_seconds > 0


def test_the_kind_says_how_many_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    run = trained()
    monkeypatch.setattr(evaluating, "SIZES", {"quick": 30, "full": 40})
    assert [evaluate(run, kind="quick").n, evaluate(run).n] == [30, 40]


def test_a_model_that_knows_classes_is_asked_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    run = trained("vae per-class")
    model = load_checkpoint(run)[0].model
    assert "label_accuracy" not in evaluate(trained(), n=60).scores
    sheet = evaluate(run, n=600)
    from genlab.evaluation.extractor import extractor_for

    right = [
        extractor_for("digits")(generate(model, 6, 0, label=label)).logits.argmax(1) == label for label in range(10)
    ]
    assert sheet.scores["label_accuracy"] == pytest.approx(float(torch.cat(right).double().mean()))
    assert "label_accuracy" not in evaluate(run, n=60, extractor="random-conv").scores


def test_a_run_deleted_meanwhile_does_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    run = trained()
    score = evaluating.score

    def delete_first(*values: object, **more: object) -> object:
        shutil.rmtree(run.path)
        return score(*values, **more)

    monkeypatch.setattr(evaluating, "score", delete_first)
    with pytest.raises(RunError, match="was deleted"):
        evaluate(run, n=60)
    assert not run.path.exists()


def test_a_checkpoint_thinned_out_meanwhile_is_told(tmp_path: Path) -> None:
    run = trained()
    with pytest.raises(RunError, match="no checkpoint of step 21; the one before is of step 20"):
        evaluate(run, 21, n=60)
