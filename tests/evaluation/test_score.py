"""All scores of a set of pictures, their floor, and what is kept of the real side."""

import json
from pathlib import Path

import pytest
import torch

from genlab.data import load
from genlab.data.own.store import save as save_own
from genlab.data.pictures import Pictures
from genlab.evaluation import real as real_module
from genlab.evaluation.extractor import Extractor, Features, extractor_for, random_extractor
from genlab.evaluation.real import real_side
from genlab.evaluation.score import ScoreError, score
from genlab.evaluation.sheet import ScoreSheet
from genlab.paths import cache_dir
from tests.helpers import pictures

CLASSIFIED = {
    "fid", "kid", "kid_error", "precision", "recall", "density", "coverage", "inception_score", "balance",
    "classes_missed", "memorised", "label_accuracy",
}  # fmt: skip


def digits(images: torch.Tensor, **values: object) -> ScoreSheet:
    return score(images, "digits", extractor_for("digits"), step=7, seed=3, kind="quick", **values)


@pytest.fixture(scope="module")
def train() -> Pictures:
    return load("digits", "train")


def test_a_sheet_says_what_it_was_measured_with(train: Pictures) -> None:
    asked = {label: train.images[train.labels == label][:9] for label in range(10)}
    sheet = digits(train.images[:300], by_class=asked)
    used = extractor_for("digits")
    assert (sheet.step, sheet.seed, sheet.kind, sheet.n, sheet.n_real, sheet.split) == (7, 3, "quick", 300, 359, "test")
    assert (sheet.extractor, sheet.extractor_hash) == (used.name, used.hash)
    assert sheet.created > 1e9
    assert sheet.cost_seconds > 0
    assert set(sheet.scores) == set(sheet.floor) == CLASSIFIED
    assert sheet.scores["label_accuracy"] > 0.95
    wrong = {(label + 1) % 10: images for label, images in asked.items()}
    assert digits(train.images[:300], by_class=wrong).scores["label_accuracy"] < 0.05
    json.dumps(sheet.scores, allow_nan=False)
    assert set(digits(train.images[:300]).floor) == CLASSIFIED - {"label_accuracy"}


def test_real_pictures_score_near_the_floor_and_worse_ones_worse(train: Pictures) -> None:
    sheet = digits(train.images[:700])
    noise = digits(torch.randint(0, 256, (700, 1, 8, 8), generator=torch.Generator().manual_seed(0)).to(torch.uint8))
    only_ones = digits(train.images[train.labels == 1].repeat(5, 1, 1, 1)[:700])
    for name in ("fid", "kid", "balance"):
        assert sheet.scores[name] <= sheet.floor[name] + 0.1 * noise.scores[name]
    assert noise.scores["fid"] > 20 * sheet.floor["fid"]
    assert noise.scores["precision"] < 0.4 < 0.8 < sheet.scores["precision"]
    assert only_ones.scores["classes_missed"] == 9
    assert only_ones.scores["balance"] == pytest.approx(0.9, abs=0.02)
    assert only_ones.scores["recall"] < 0.2 < 0.8 < sheet.scores["recall"]
    assert only_ones.scores["inception_score"] < 1.5 < 8 < sheet.scores["inception_score"]


def test_copies_of_training_pictures_are_found_out_and_the_floor_is_a_half(train: Pictures) -> None:
    copies = digits(train.images[:300])
    assert copies.scores["memorised"] > 0.95
    assert copies.floor["memorised"] == pytest.approx(0.5, abs=0.1)
    honest = digits(load("digits", "test").images)
    assert honest.scores["memorised"] == pytest.approx(0.5, abs=1e-3)
    assert honest.scores["fid"] == pytest.approx(0.0, abs=1e-6)


def test_the_real_side_is_computed_once_and_again_where_it_is_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    plain = extractor_for("digits")

    def counted(images: torch.Tensor) -> Features:
        seen.append(len(images))
        return plain.compute(images)

    counting = Extractor(plain.name, plain.hash, plain.classes, counted)
    first = real_side("digits", counting)
    assert sum(seen) == 1438 + 359
    again = real_side("digits", counting)
    assert sum(seen) == 1438 + 359
    assert torch.equal(again.held_out.features, first.held_out.features)
    assert again.held_out.logits is not None
    assert again.label_accuracy == first.label_accuracy is not None
    (path,) = (cache_dir() / "evaluation").glob("*.safetensors")
    path.write_bytes(b"damaged")
    assert torch.equal(real_side("digits", counting).training.features, first.training.features)
    assert sum(seen) == 2 * (1438 + 359)
    other = Extractor(plain.name, "other", plain.classes, counted)
    assert real_side("digits", other).key != first.key


def test_the_floor_is_kept_by_the_number_of_pictures_and_computed_again_where_it_is_damaged(train: Pictures) -> None:
    sheet = digits(train.images[:100])
    (path,) = (cache_dir() / "evaluation").glob("*-floor-100.json")
    path.write_text("[")
    assert digits(train.images[:100]).floor == sheet.floor
    values = json.loads(path.read_text())
    path.write_text(json.dumps({**values, "fid": 123.0}))
    assert digits(train.images[:100]).floor["fid"] == 123.0
    assert digits(train.images[:200]).floor["fid"] < sheet.floor["fid"]


def test_a_cache_that_cannot_be_written_does_not_matter(train: Pictures) -> None:
    cache_dir().write_bytes(b"a file where a folder should be")
    assert digits(train.images[:50]).scores["fid"] > 0


def test_unlabelled_pictures_have_scores_without_classes() -> None:
    data = pictures((3, 8, 8), n=400)
    save_own("plain", Pictures("plain", data.images, None), "plain", "a test", 0)
    sheet = score(data.images[:60], "own:plain", extractor_for("own:plain"), step=1, seed=0, kind="full")
    assert sheet.extractor == "random-conv"
    assert set(sheet.scores) == CLASSIFIED - {"inception_score", "balance", "classes_missed", "label_accuracy"}
    assert sheet.n_real == 40


def test_ones_own_pictures_of_the_same_name_are_not_taken_for_others(own_home: Path) -> None:
    import shutil

    keys = []
    for n in (300, 310):
        save_own("squares", pictures(n=n), "squares", "a test", 0)
        keys.append(real_side("own:squares", random_extractor((1, 8, 8))).key)
        shutil.rmtree(own_home / "datasets" / "squares")
    assert keys[0] != keys[1]


def test_what_cannot_be_scored_says_why(train: Pictures) -> None:
    with pytest.raises(ScoreError, match=r"shape \(1, 9, 9\), but those of digits are \(1, 8, 8\)"):
        digits(torch.zeros(50, 1, 9, 9, dtype=torch.uint8))
    with pytest.raises(ScoreError, match="19 pictures are too few"):
        digits(train.images[:19])
    save_own("few", pictures(n=50), "few", "a test", 0)
    with pytest.raises(ScoreError, match="own:few has 5; 20 are the least"):
        score(pictures().images, "own:few", extractor_for("own:few"), step=1, seed=0, kind="full")


def test_held_out_pictures_are_shuffled_and_no_more_than_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real_module, "HELD_OUT_MAX", 100)
    real = real_side("digits", random_extractor((1, 8, 8)))
    assert len(real.held_out.features) == 100
    ordered = random_extractor((1, 8, 8))(load("digits", "test").images[:100])
    assert not torch.equal(real.held_out.features, ordered.features)
