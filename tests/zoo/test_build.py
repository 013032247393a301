"""Making a shipped model: from a recipe to a folder that holds what pages need, and no more."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import genlab.runs.shelf
from genlab.cli import main
from genlab.errors import GenlabError
from genlab.latent.film import load as load_film
from genlab.latent.spec import Spec
from genlab.models.presets import PRESETS
from genlab.models.storage import read_tensors
from genlab.paths import at_home, home
from genlab.runs import films, maps
from genlab.runs.scores import read_scores
from genlab.runs.session import Session
from genlab.runs.status import Status, run_lock
from genlab.runs.store import Run, create_run, list_runs
from genlab.training.checkpoint import MODEL_FILE
from genlab.training.config import RunConfig
from genlab.zoo import build as making
from genlab.zoo import packing, training
from genlab.zoo.card import CARD_FILE, read_card
from genlab.zoo.recipes import Recipe, recipes

RECIPE = Recipe(
    "small-vae",
    RunConfig("digits", "vae", PRESETS["vae"].options, "vae", images=6_400, precision="fp32"),
    ("pca",),
)


train = Session.train


def interrupted(session: Session) -> Status:
    """Train one step, as after Ctrl-C."""
    session.interrupted = "paused"
    return train(session)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the shipped folders of this test go."""
    monkeypatch.setattr(genlab.runs.shelf, "ZOO", tmp_path / "shelf")
    return tmp_path / "shelf"


@pytest.fixture
def built(shelf: Path) -> Run:
    making.build(RECIPE, lambda _: None)
    return Run(shelf / RECIPE.name)


def test_it_holds_what_pages_need_and_no_more(built: Run, own_home: Path) -> None:
    files = {str(path.relative_to(built.path)) for path in built.path.rglob("*") if path.is_file()}
    last = built.checkpoints()[-1][1].name
    assert {"config.json", "status.json", "metrics.jsonl", "evaluation.jsonl", CARD_FILE} < files
    assert f"checkpoints/{last}/{MODEL_FILE}" in files
    kinds = {name.split("/")[0] + "/" + Path(name).suffix for name in files if "/" in name}
    assert kinds == {
        "samples/.png",
        "checkpoints/.safetensors",
        "films/.npz",
        "films/.json",
        "projections/.npz",
        "projections/.json",
    }
    tensors, _ = read_tensors(built.checkpoints()[-1][1] / MODEL_FILE)
    assert {str(tensor.dtype) for tensor in tensors.values() if tensor.is_floating_point()} == {"torch.float16"}
    assert str(own_home) not in "".join((built.path / name).read_text() for name in files if name.endswith("json"))


def test_its_card_says_what_its_files_say(built: Run) -> None:
    card = read_card(built.path)
    sheet = next(sheet for sheet in read_scores(built.path) if sheet.kind == "full" and sheet.step == card.step)
    assert card.scores == sheet.scores
    assert (card.n, card.n_real, card.extractor_hash) == (sheet.n, sheet.n_real, sheet.extractor_hash)
    assert (card.images, card.steps, card.parameters > 1000) == (6_400, 100, True)
    assert 0 < card.cpu_seconds < 1000
    assert card.command == "python -m genlab train --preset vae --data digits --images 6400 --seed 0 --precision fp32"


def test_the_maps_were_made_of_the_weights_that_are_shipped(built: Run) -> None:
    wanted = maps.plan(built, Spec("encoder"))
    assert wanted.is_done()
    assert len(wanted.load()) == 1438
    (film,) = (built.path / "films").glob("*.npz")
    assert load_film(film).frames[-1].weights == films.plan(built).takes[-1].weights


def test_what_is_there_is_kept(built: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("genlab.zoo.recipes.recipes", lambda: {RECIPE.name: RECIPE})
    monkeypatch.setattr(making, "build", lambda *_: pytest.fail("it is built again"))
    assert main(["zoo", "build"]) == 0
    assert f"{RECIPE.name}: there already" in capsys.readouterr().out
    assert main(["zoo", "list"]) == 0
    assert "zoo-small-vae" in capsys.readouterr().out


def test_another_recipe_makes_it_again(built: Run) -> None:
    assert making.is_built(RECIPE)
    assert not making.is_built(replace(RECIPE, config=replace(RECIPE.config, seed=1)))
    assert not making.is_built(replace(RECIPE, name="other"))


def test_an_interrupted_build_goes_on_with_its_training(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Session, "train", interrupted)
        with pytest.raises(GenlabError, match="is paused"):
            making.build(RECIPE, lambda _: None)
    with at_home(home() / "zoo"):
        (run,) = list_runs()
        assert run.status().step == 1
        before = training.cpu_seconds(run)
    card = making.build(RECIPE, lambda _: None)
    with at_home(home() / "zoo"):
        assert [each.id for each in list_runs()] == [run.id]
    assert before > 0
    assert card.cpu_seconds > round(before, 1)
    assert card.steps == 100


def test_a_training_that_another_build_is_at_is_told(shelf: Path) -> None:
    with at_home(home() / "zoo"):
        run = create_run(RECIPE.config, state="paused")
        with run_lock(run.path), pytest.raises(GenlabError, match="is being trained by another process"):
            training.trained(RECIPE.config)


def test_unknown_names_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["zoo", "build", "--only", "lion"]) == 1
    assert "no recipe called 'lion'" in capsys.readouterr().err


def test_the_recipes_are_trainings_that_the_command_line_can_repeat() -> None:
    from genlab.cli import build_parser
    from genlab.commands.train import asked

    for name, recipe in recipes().items():
        assert recipe.name == name
        assert asked(build_parser().parse_args(recipe.command.split()[3:])) == recipe.config


@pytest.mark.parametrize("change", [{"scores": 3}, {"name": None}, {"steps": True}, {"steps": "many"}])
def test_a_card_that_is_not_complete_is_refused(built: Run, change: dict[str, object]) -> None:
    path = built.path / CARD_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(GenlabError, match="small-vae cannot be read"):
        read_card(built.path)


def test_thinning_keeps_the_ends_and_spreads_the_rest() -> None:
    assert packing._spread(list(range(100)), 4) == [0, 33, 66, 99]
    assert packing._spread([1, 2], 4) == [1, 2]
