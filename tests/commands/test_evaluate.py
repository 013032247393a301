"""``python -m genlab evaluate``."""

from dataclasses import replace

import pytest

from genlab.cli import main
from genlab.commands.evaluate import WORDS, table
from genlab.evaluation.extractor import SHIPPED
from genlab.evaluation.sheet import GOOD_END
from genlab.runs.gate import Target, set_target
from genlab.runs.scores import read_scores
from genlab.runs.store import Run
from tests.helpers import config, train_run

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def at_full_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genlab.training.device.be_nice", lambda: None)


@pytest.fixture
def run() -> Run:
    return train_run(config("vae", options={"latent": 4, "width": 2, "prior": "per-class"}, steps=3))[0]


def test_scores_are_kept_and_shown_beside_their_floor(run: Run, capsys: Capture) -> None:
    assert main(["evaluate", "1", "--n", "50", "--seed", "4"]) == 0
    printed = capsys.readouterr().out
    (sheet,) = read_scores(run.path)
    assert (sheet.step, sheet.n, sheet.seed, sheet.kind) == (3, 50, 4, "full")
    assert "step 3: 50 pictures of seed 4" in printed
    assert "against 359 real pictures of the test split" in printed
    assert f"digits classifier, SHA-256 {SHIPPED['digits'][:12]}" in printed
    rows = {name: line for name, words in WORDS.items() for line in printed.splitlines() if line.startswith(words)}
    assert set(rows) == set(GOOD_END) == set(WORDS)
    assert set(sheet.scores) == {*rows, "kid_error"}
    assert f"{sheet.scores['fid']:.4g}" in rows["fid"]
    assert f"{sheet.floor['fid']:.4g}" in rows["fid"]


def test_what_was_not_measured_has_no_row_and_no_floor_a_dash(run: Run) -> None:
    main(["evaluate", "1", "--n", "50", "--quick", "--extractor", "random-conv"])
    (sheet,) = read_scores(run.path)
    assert (sheet.kind, sheet.extractor) == ("quick", "random-conv")
    text = table(replace(sheet, floor={}), "x")
    assert "inception score" not in text
    assert text.count(" -  ") == len(sheet.scores) - 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["2"], "no run '2'"),
        (["1", "--step", "2"], "no checkpoint"),
        (["1", "--step", "9"], "no checkpoint of step 9; the one before is of step 3"),
        (["1", "--n", "5"], "At least 20 pictures"),
        (["1", "--n", "10001"], "Between 1 and 10000"),
        (["1", "--seed", "-1"], "A seed is a whole number"),
        (["1", "--extractor", "vgg"], "one of auto, random-conv, inception, not 'vgg'"),
        (["1", "--extractor", "inception"], "Inception features need"),
    ],
)
def test_what_cannot_be_scored_ends_in_a_sentence(
    run: Run, capsys: Capture, arguments: list[str], sentence: str
) -> None:
    assert main(["evaluate", *arguments]) == 1
    assert sentence in capsys.readouterr().err
    assert read_scores(run.path) == []


def test_a_target_is_told_to_be_met_or_missed(run: Run, capsys: Capture) -> None:
    for bound, says in ((0.0, "is missed: "), (1e9, "is met: ")):
        set_target(run, Target("fid", bound))
        assert main(["evaluate", "1", "--n", "50"]) == 0
        assert f"The target, fid at most {bound:g}, {says}" in capsys.readouterr().out
    set_target(run, Target("label_accuracy", 1.0))
    assert main(["evaluate", "1", "--n", "50", "--extractor", "random-conv"]) == 0
    assert "The target, label_accuracy at least 1, is missed" in capsys.readouterr().out  # by the sheets before
