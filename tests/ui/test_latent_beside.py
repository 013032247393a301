"""A second map beside the first."""

import numpy as np
import pytest

from genlab.ui.i18n import translate
from genlab.ui.latent.beside import same_pictures, spans
from tests.ui.conftest import Open
from tests.ui.told import maps

VAE, GAN = "00001-digits-vae", "00002-digits-gan"


def captions(app) -> list[str]:
    return [caption.value for caption in app.caption]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_two_maps_of_the_same_pictures_are_linked(open_page: Open, lang: str) -> None:
    app = open_page("latent", lang=lang, run=GAN, n="40", beside="pixels-pca", points="3,30")
    assert not app.exception
    second, first = sorted(maps(app), key=lambda one: one["param"], reverse=True)
    assert (first["param"], second["param"]) == ("view", "view2")
    assert first["key"] != second["key"]
    assert first["linked"] == second["linked"] == [[0, 39]]  # the generated ones are drawn from the same latents
    assert first["chosen"] == second["chosen"] == [3, 30]
    assert translate(lang, "canvas.same_pictures", n=40) in captions(app)


@pytest.mark.usefixtures("runs")
def test_maps_of_two_runs_share_their_real_pictures(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="40", beside="features-pca", beside_run=GAN, drawn="3,30")
    assert not app.exception
    second, first = sorted(maps(app), key=lambda one: one["param"], reverse=True)
    assert first["linked"] == second["linked"] == [[0, 19]]  # of 40 encoded pictures, half are in the other map
    assert (first["chosen"], second["chosen"]) == ([3, 30], [3])


@pytest.mark.usefixtures("runs")
def test_a_tsne_beside_waits_for_its_button(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="40", beside="encoder-tsne")
    assert not app.exception
    assert len(maps(app)) == 1
    assert [b.label for b in app.button if b.key == "beside_compute"] == [translate("en", "latent.compute")]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("beside", ["encoder-pca", "w-umap", "pixels", "<b>"])
def test_what_cannot_be_beside_is_not(open_page: Open, beside: str) -> None:
    app = open_page("latent", run=VAE, n="40", beside=beside, beside_run="00009-none")
    assert not app.exception
    (only,) = maps(app)
    assert only["linked"] is None
    assert not {"beside", "beside_run"} & set(app.query_params)


def test_rows_with_the_same_pictures_and_their_ranges() -> None:
    some = np.arange(6, dtype=np.uint8).reshape(6, 1, 1, 1).repeat(2, axis=3)
    others = some[:5].copy()
    others[2] += 100
    mask = same_pictures(some, others)
    assert mask.tolist() == [True, True, False, True, True]
    assert spans(mask) == [(0, 1), (3, 4)]
    assert spans(np.zeros(4, bool)) == []
    assert not same_pictures(some, others[:, :, :, :1]).any()
