"""An experiment from the definition to the stored file, with models that train in a moment."""

import json
from pathlib import Path

import pytest
import torch

from genlab.cli import main
from genlab.commands import market
from genlab.data import load
from genlab.data.pictures import DataError, Pictures
from genlab.errors import GenlabError
from genlab.market import experiments as definitions
from genlab.market import results, run
from genlab.market.experiments import Arm, Experiment
from genlab.market.keeping import ExperimentError, folder_of
from genlab.market.material import evenly, flawed, material
from genlab.market.measures import MeasureError, membership, sharpness, taught
from genlab.market.results import Result, result, store
from genlab.runs.store import list_runs
from tests.market.tiny import NAMED, TITLE, VAE, go, made


def test_arms_become_ordinary_runs_and_the_result_is_kept_and_read_back(tmp_path: Path):
    experiment = made()
    told: list[tuple[str, int, float | None]] = []
    found = run.run_experiment(experiment, (0, 1), lambda *each: told.append(each), drawn=100)
    assert [(arm, seed) for arm, seed, _ in told] == [("all", 0), ("few", 0), ("all", 1), ("few", 1)]
    assert found.values == {arm: tuple(value for each, _, value in told if each == arm) for arm in ("all", "few")}
    runs = list(reversed(list_runs()))
    assert [each.config.data for each in runs] == ["digits", "own:market-digits-90-noisy"] * 2
    assert [each.config.seed for each in runs] == [0, 0, 1, 1]
    assert {each.status().state for each in runs} == {"finished"}
    assert result(experiment, tmp_path) is None
    path = store(experiment, found, tmp_path)
    assert result(experiment, tmp_path) == found
    assert result(made(metric="kid"), tmp_path) is None
    assert result(experiment, folder_of(experiment)) == found
    assert found.runs == {"all": (runs[0].id, runs[2].id), "few": (runs[1].id, runs[3].id)}
    written = json.loads(path.read_text())
    assert written["summaries"]["all"]["mean"] == pytest.approx(sum(found.values["all"]) / 2)
    assert written["pairs"][0]["first"] == "all"


def test_the_same_seed_gives_the_same_value():
    experiment = made(arms={"all": VAE}, pairs=[])
    assert go(experiment).values == go(experiment).values


@pytest.mark.parametrize("metric", ["recall", "sharpness", "cpu_seconds", "membership"])
def test_each_kind_of_metric_comes_to_a_number(metric: str):
    (value,) = go(made(metric=metric, arms={"all": VAE}, pairs=[])).values["all"]
    assert value is not None
    assert value >= 0


def test_label_accuracy_asks_for_classes():
    (value,) = go(made(metric="label_accuracy", arms={"all": NAMED}, pairs=[])).values["all"]
    assert value is not None
    assert 0 <= value <= 1
    with pytest.raises(MeasureError, match="no label accuracy"):
        go(made(metric="label_accuracy", arms={"all": VAE}, pairs=[]))


def test_augmentation_compares_with_and_without(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("genlab.market.measures.CLASSIFIER_STEPS", 20)
    arms = {"real": {**TITLE, "n": 90}, "more": NAMED | {"n": 90}}
    values = go(made(metric="accuracy", arms=arms, pairs=[])).values
    assert all(0 < value <= 1 for (value,) in values.values() if value is not None)
    assert values["real"] != values["more"]
    assert len(list_runs()) == 1
    with pytest.raises(MeasureError, match="asked for each class"):
        go(made(metric="accuracy", arms={"more": VAE}, pairs=[]))


def test_a_training_that_diverges_has_no_value():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("genlab.training.trainer.Trainer.step", _diverge)
        assert go(made(arms={"all": VAE}, pairs=[])).values == {"all": (None,)}


def test_a_training_that_cannot_be_is_no_result():
    unbounded = {**TITLE, "preset": "gan", "images": 640, "options": {"objective": "wasserstein", "r1_gamma": 0.0}}
    with pytest.raises(ExperimentError, match=r"is failed.*slope is bounded"):
        go(made(arms={"all": unbounded}, pairs=[]))


def _diverge(_trainer: object) -> None:
    from genlab.training.trainer import DivergedError

    raise DivergedError("The loss is no number any more.")


def test_a_paused_training_ends_the_experiment():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("genlab.runs.session.Session._end_early", lambda _: None)
        patch.setattr("genlab.runs.session.read_orders", _pausing)
        with pytest.raises(ExperimentError, match="is paused"):
            go(made(arms={"all": VAE | {"images": 640_000}}, pairs=[]))


def _pausing(_folder: Path) -> object:
    from genlab.runs.orders import Orders

    return Orders("pause")


class TestMaterial:
    def test_classes_come_evenly_and_a_tenth_is_held_out(self):
        key = material(Arm("a", TITLE, "gan", images=1, n=100), "digits")
        assert key == "own:market-digits-100-plain"
        train, test = load(key, "train"), load(key, "test")
        assert (len(train), len(test)) == (100, 11)
        counts = torch.bincount(torch.cat([train.labels, test.labels]))  # type: ignore[list-item]
        assert counts.max() - counts.min() <= 1
        assert material(Arm("a", TITLE, "gan", images=1, n=100), "digits") == key

    def test_all_of_it_unflawed_is_the_data_set_itself(self):
        assert material(Arm("a", TITLE, "gan", images=1), "digits") == "digits"

    def test_one_sided_leaves_the_upper_half_of_the_classes_out(self):
        pictures = evenly(load("digits"), None, one_sided=True)
        assert set(pictures.labels.tolist()) == {0, 1, 2, 3, 4}

    def test_too_many_or_unlabelled_are_refused(self):
        with pytest.raises(DataError, match="too few"):
            evenly(load("digits"), 5000, one_sided=False)
        with pytest.raises(DataError, match="no classes"):
            evenly(Pictures("x", torch.zeros(9, 1, 8, 8, dtype=torch.uint8), None), 3, one_sided=False)

    def test_a_name_that_is_taken_by_other_pictures_is_refused(self):
        from genlab.data.own.store import save

        save("market-digits-9-plain", load("digits").subset(range(20)), "mine", "my folder", 0)
        with pytest.raises(DataError, match="Rename or delete"):
            material(Arm("a", TITLE, "gan", images=1, n=9), "digits")

    def test_flaws_change_what_they_say(self):
        pictures = load("digits")
        noisy = (flawed(pictures, "noisy").images != pictures.images).float().mean()
        assert 0.09 < float(noisy) < 0.101
        flat = Pictures("x", torch.full((2, 1, 5, 5), 77, dtype=torch.uint8), None)
        assert torch.equal(flawed(flat, "blurred").images, flat.images)
        dot = torch.zeros(1, 1, 5, 5, dtype=torch.uint8)
        dot[0, 0, 2, 2] = 90
        assert flawed(Pictures("x", dot, None), "blurred").images[0, 0, 1:4, 1:4].flatten().tolist() == [10] * 9
        assert flawed(pictures, "") == pictures


class TestMeasures:
    def test_sharpness_of_a_dot_by_hand(self):
        """A white dot on black in 3 x 3: the one Laplacian is 4 * (1 - (-1)) = 8."""
        dot = torch.zeros(1, 1, 3, 3, dtype=torch.uint8)
        dot[0, 0, 1, 1] = 255
        assert sharpness(dot) == pytest.approx(64)
        assert sharpness(torch.full((1, 1, 3, 3), 200, dtype=torch.uint8)) == pytest.approx(0, abs=1e-9)

    def test_copies_give_members_away_and_fresh_pictures_do_not(self):
        pictures = load("digits").images
        members, others, fresh = pictures[:200], pictures[200:400], pictures[400:800]
        assert membership(members, members, others) > 0.99
        assert 0.4 < membership(fresh, members, others) < 0.6
        assert membership(others, members, others) < 0.01

    def test_a_classifier_learns_as_many_steps_with_and_without(self, monkeypatch: pytest.MonkeyPatch):
        steps = []
        monkeypatch.setattr("genlab.market.measures.CLASSIFIER_STEPS", 6)
        from genlab.evaluation import learning

        whole = learning.train_classifier

        def counted(pictures, seed, epochs):
            steps.append(epochs * max(1, len(pictures) // learning.BATCH))
            return whole(pictures, seed, epochs)

        monkeypatch.setattr(learning, "train_classifier", counted)
        for n in (50, 400):
            taught(load("digits").subset(range(n)), None, load("digits", "test"), 0, 10)
        assert steps == [6, 6]


class TestCommand:
    @pytest.fixture(autouse=True)
    def tiny(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
        def known() -> dict[str, Experiment]:
            return {"tiny": made()}

        monkeypatch.setattr(definitions, "experiments", known)
        monkeypatch.setattr(run, "experiments", known)
        monkeypatch.setattr(run.run_experiment, "__defaults__", (100,))
        for function in (results.result, results.store):
            monkeypatch.setattr(function, "__defaults__", (tmp_path,))
        return tmp_path

    def test_running_shows_stores_and_reproduces(self, capsys: pytest.CaptureFixture[str], tiny: Path):
        assert main(["market", "list"]) == 0
        assert "tiny (claim unstable): not run yet" in capsys.readouterr().out
        assert main(["market", "run", "unstable", "--store"]) == 0
        printed = capsys.readouterr().out
        assert "few, seed 1: " in printed
        assert "no stored result" in printed
        assert (tiny / "tiny.json").exists()
        assert main(["market", "run", "tiny"]) == 0
        assert capsys.readouterr().out.count("reproduced") == 2
        assert main(["market", "list"]) == 0
        printed = capsys.readouterr().out
        assert any(words in printed for words in market.WORDS.values())

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [(["nothing"], "No experiment and no tested claim"), (["tiny", "--seeds", "1", "1"], "each once")],
    )
    def test_nonsense_is_answered_in_a_sentence(self, arguments, sentence, capsys: pytest.CaptureFixture[str]):
        assert main(["market", "run", *arguments]) == 1
        assert sentence in capsys.readouterr().err


def test_a_damaged_result_is_refused_and_a_folder_that_takes_nothing_is_told(tmp_path: Path):
    experiment = made()
    (tmp_path / "tiny.json").write_text("{}")
    with pytest.raises(ValueError, match="no result"):
        result(experiment, tmp_path)
    values = dict.fromkeys(("all", "few"), (1.0,))
    found = Result("tiny", experiment.fingerprint, (0,), values, 100, 1.0, {}, "2026-01-01", "abc")
    with pytest.raises(GenlabError, match="cannot be written"):
        store(experiment, found, tmp_path / "tiny.json" / "below")
