"""Maps of next to nothing on the Latent space page: few points, equal ones, and numbers that are none."""

import io

import numpy as np
import pytest
import torch

from genlab.data import load
from genlab.data.own.importing import import_pictures
from genlab.models import build
from genlab.models.storage import load_model, save_model
from genlab.models.vae import VAE as VAE_MODEL
from genlab.runs.store import CHECKPOINTS, Run, create_run, open_run
from genlab.training.checkpoint import MODEL_FILE
from genlab.training.config import RunConfig
from genlab.ui.i18n import translate
from tests.ui.conftest import Open
from tests.ui.test_latent import VAE, texts
from tests.ui.told import maps, told


@pytest.fixture
def three(own_home: object) -> Run:
    """A run of four pictures of one's own, one of which is held out, with a model that has learned nothing."""
    file = io.BytesIO()
    np.save(file, np.random.default_rng(0).integers(0, 256, (4, 8, 8), dtype=np.uint8))
    file.seek(0)
    import_pictures(file, "four", 8, 1, filename="four.npy")
    run = create_run(RunConfig(data="own:four", model="vae", preset="", steps=3), state="stopped")
    folder = run.path / CHECKPOINTS / "000003"
    folder.mkdir(parents=True)
    save_model(build("vae", load("own:four").shape, {}, 0), (), folder / MODEL_FILE)
    return run


def test_three_points_are_a_map_where_they_can_be(open_page: Open, three: Run) -> None:
    app = open_page("latent", run=three.id, points="0-2", colour="cluster", k="10")
    assert not app.exception
    assert not app.error
    assert [group["count"] for group in told(app)["groups"]] == ["1", "1", "1"]
    assert told(app)["chosen"] == [0, 1, 2]
    assert "3 selected" in texts(app)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_three_points_make_no_map_in_space(open_page: Open, three: Run, lang: str) -> None:
    app = open_page("latent", run=three.id, dims="3", lang=lang)
    assert not app.exception
    assert not maps(app)
    (said,) = [error.value for error in app.error]
    assert ("too few for a map in 3 dimensions" in said) == (lang == "en")
    assert said.isascii() == (lang == "en")


def spoil(value: float) -> None:
    """Give all weights of the VAE's last checkpoint one value."""
    (_, folder) = open_run(VAE).checkpoints()[-1]
    stored = load_model(folder / MODEL_FILE)
    with torch.no_grad():
        for weight in stored.model.state_dict().values():
            if weight.is_floating_point():
                weight.fill_(value)
    save_model(stored.model, stored.classes, folder / MODEL_FILE)


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(  # 3e38 is a number, and twice as much is none
    ("value", "what", "says"),
    [
        (0.0, "encoder", "the same"),
        (float("nan"), "encoder", "no numbers"),
        (3e38, "z", "not finite"),
    ],
)
def test_weights_that_give_one_point_or_no_numbers_end_in_a_sentence(
    open_page: Open, value: float, what: str, says: str
) -> None:
    spoil(value)
    app = open_page("latent", run=VAE, n="50", what=what)
    assert not app.exception
    assert not maps(app)
    assert says in app.error[0].value
    assert translate("en", "common.fault") not in texts(app)


@pytest.mark.usefixtures("runs")
def test_latents_that_are_no_numbers_end_in_a_sentence(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VAE_MODEL, "encode", lambda model, x: torch.full((len(x), model.prior.size), torch.nan))
    app = open_page("latent", run=VAE, n="50")
    assert not app.exception
    assert not maps(app)
    assert "not finite" in app.error[0].value
