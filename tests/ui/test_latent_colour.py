"""What the colours of a map mean."""

from dataclasses import replace

import numpy as np
import pytest

from genlab.latent.result import Projection
from genlab.latent.spec import Spec
from genlab.runs.derived import compute
from genlab.runs.maps import plan
from genlab.runs.store import open_run
from genlab.ui.i18n import translate
from genlab.ui.latent.colour import features_of, offers, scaled
from tests.ui.conftest import Open
from tests.ui.told import told

VAE, GAN = "00001-digits-vae", "00002-digits-gan"


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_clusters_are_groups_the_largest_first(open_page: Open, lang: str) -> None:
    app = open_page("latent", lang=lang, run=VAE, n="100", colour="cluster", k="4")
    assert not app.exception
    groups = told(app)["groups"]
    assert [group["name"] for group in groups] == [translate(lang, "canvas.cluster", i=i) for i in (1, 2, 3, 4)]
    counts = [int(group["count"]) for group in groups]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == 100
    assert told(app)["layer"] == "cluster 4"


@pytest.mark.usefixtures("runs")
def test_real_and_generated_points_have_two_colours(open_page: Open) -> None:
    app = open_page("latent", run=GAN, n="40", colour="real")
    groups = told(app)["groups"]
    assert [(group["name"], group["open"], group["count"]) for group in groups] == [
        ("real", False, "20"), ("generated", True, "20"),
    ]  # fmt: skip
    assert len({group["colour"] for group in groups}) == 2


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("colour", ["real", "run", "<b>", "density;"])
def test_colours_that_the_map_has_not_are_classes(open_page: Open, colour: str) -> None:
    app = open_page("latent", run=VAE, n="40", colour=colour)
    assert not app.exception
    assert told(app)["layer"] == "class"
    assert "colour" not in app.query_params


def test_a_scale_of_shares_goes_from_0_to_1_and_others_leave_out_what_would_use_them_up() -> None:
    shares = scaled("trust", np.array([0.2, 0.9, np.nan], np.float32), share=True)
    assert (shares.low, shares.high, shares.ends) == (0.0, 1.0, ("0", "1"))
    values = np.arange(-50, 51, dtype=np.float32)
    values[0] = -1e6
    wide = scaled("density", values, share=False)
    assert (wide.low, wide.high) == pytest.approx((-49, 49))
    assert wide.ends == ("≤ -49", "≥ 49")
    alike = scaled("density", np.full(5, -3, np.float32), share=False)
    assert (alike.low, alike.high, alike.ends) == (-3, -3, ("-3", "-3"))
    assert scaled("density", np.full(2, np.nan, np.float32), share=False).ends == ("0", "1")
    assert scaled("error", np.array([0.01, 0.04], np.float32), share=False).high < 0.041


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(("what", "colour"), [("encoder", "error"), ("z", "error"), ("z", "confidence")])
def test_scores_are_numbers_with_a_scale(open_page: Open, what: str, colour: str) -> None:
    app = open_page("latent", lang="zh", run=VAE, n="40", what=what, colour=colour)
    assert not app.exception
    assert told(app)["layer"] == colour
    assert told(app)["scale"]["name"] == translate("zh", f"canvas.colours.{colour}")


@pytest.mark.usefixtures("runs")
def test_scores_that_nobody_computed_are_not_offered() -> None:
    assert not {"error", "confidence"} & set(offers(compute(plan(open_run(GAN), Spec("features", n=20)))))
    assert "confidence" not in offers(compute(plan(open_run(VAE), Spec("encoder", n=20))))
    assert {"confidence"} <= set(offers(compute(plan(open_run(GAN), Spec("classifier", n=20)))))


@pytest.mark.usefixtures("runs")
def test_what_cannot_be_told_is_not_offered() -> None:
    made = compute(plan(open_run(GAN), Spec("features", n=20)))
    assert {"class", "cluster", "real"} <= set(offers(made))
    assert "cluster" not in offers(replace(made, features=made.features[:0]))
    assert "real" not in offers(replace(made, generated=made.generated & False))
    pixels: Projection = compute(plan(open_run(GAN), Spec("pixels", n=20)))
    np.testing.assert_array_equal(features_of(pixels), pixels.images.reshape(20, -1))
