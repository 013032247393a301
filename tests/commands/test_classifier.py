"""``python -m genlab classifier``."""

from pathlib import Path

import pytest

from genlab.cli import main
from genlab.data.own.store import save as save_own
from genlab.data.pictures import Pictures
from genlab.evaluation.classifier import load_classifier
from genlab.evaluation.extractor import classifier_file, extractor_for
from tests.helpers import pictures

Capture = pytest.CaptureFixture[str]


def test_it_trains_where_the_scores_look_for_it_and_says_how_good_it_is(capsys: Capture) -> None:
    save_own("squares", pictures(n=200), "squares", "a test", 0)
    assert main(["classifier", "--data", "own:squares", "--epochs", "20", "--seed", "5"]) == 0
    printed = capsys.readouterr().out
    path = classifier_file("own:squares")
    _, about, digest = load_classifier(path)
    assert "100.00% of 20 held-out pictures of own:squares" in printed
    assert str(path) in printed
    assert digest in printed
    assert (about.data, about.epochs, about.seed, about.accuracy) == ("own:squares", 20, 5, 1.0)
    assert extractor_for("own:squares").hash == digest


def test_it_writes_where_it_is_told(tmp_path: Path) -> None:
    out = tmp_path / "one.safetensors"
    assert main(["classifier", "--data", "digits", "--epochs", "1", "--out", str(out)]) == 0
    assert load_classifier(out)[1].classes == tuple("0123456789")
    assert not classifier_file("digits").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--data", "own:plain"], "has no classes to learn"),
        (["--data", "nothing"], "There is no data set 'nothing'"),
        (["--data", "digits", "--epochs", "0"], "--epochs is a whole number from 1 on, not 0"),
    ],
)
def test_what_cannot_be_trained_ends_in_a_sentence(capsys: Capture, arguments: list[str], sentence: str) -> None:
    save_own("plain", Pictures("plain", pictures().images, None), "plain", "a test", 0)
    assert main(["classifier", *arguments]) == 1
    assert sentence in capsys.readouterr().err
