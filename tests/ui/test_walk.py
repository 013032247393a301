"""The tab Walk over real runs: what it decodes, what it draws over the map, and what it makes of odd links."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.testing import assert_allclose

from genlab.latent.place import place
from genlab.latent.result import Projection
from genlab.latent.spec import Spec
from genlab.latent.walks import analogy
from genlab.runs.derived import compute
from genlab.runs.maps import plan
from genlab.runs.store import open_run
from genlab.ui.i18n import translate
from tests.ui.conftest import Open
from tests.ui.test_latent import GAN, VAE, maps, texts


def made(run: str, what: str, n: int) -> Projection:
    return compute(plan(open_run(run), Spec(what, n=n)))  # type: ignore[arg-type]


def drawn_over(app) -> dict:
    (told,) = maps(app)
    assert not app.exception
    assert not app.error
    return told["overlay"]


def places(xy: Sequence[float]) -> np.ndarray:
    return np.reshape(xy, (-1, 2))


@pytest.mark.usefixtures("runs")
def test_a_straight_way_is_a_straight_line_from_point_to_point(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="50", tab="walk", a="3", b="4", steps="5")
    (path,) = drawn_over(app)["paths"]
    map_ = made(VAE, "encoder", 50)
    ends = map_.coords[[3, 4]]
    assert_allclose(places(path["xy"]), np.linspace(*ends, 5), atol=1e-4)
    assert path["sheet"]["width"] == 8
    assert translate("en", "latent_walk.exact") in texts(app)
    assert len(app.get("plotly_chart")) == 1  # the steps


@pytest.mark.usefixtures("runs")
def test_the_curve_names_what_it_is_measured_with(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="50", tab="walk", steps="12", lang="zh")
    assert "digits classifier" in texts(app)
    assert {"PNG", "GIF", "WebP", "MP4"} <= {button.proto.label for button in app.get("download_button")}


@pytest.mark.usefixtures("runs")
def test_a_sum_of_classes_lies_where_its_latent_does(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="100", tab="walk", walk="groups", group_a="class-3", group_c="points-1,5-7")
    map_ = made(VAE, "encoder", 100)
    latents = map_.latents
    z = analogy(latents[map_.labels == 3], latents[map_.labels == 1], latents[[1, 5, 6, 7]])
    marks = drawn_over(app)["marks"]
    assert [mark["name"] for mark in marks] == ["A", "B", "C", "A − B + C"]
    assert_allclose(marks[3]["xy"], place(map_, z[None])[0], atol=1e-4)
    assert_allclose(marks[2]["xy"], map_.coords[[1, 5, 6, 7]].mean(axis=0), atol=1e-4)
    near = np.argsort(np.linalg.norm(map_.features - z, axis=1))[:3]
    assert f": #{near[0]}, #{near[1]}, #{near[2]}, " in texts(app)


@pytest.mark.usefixtures("runs")
def test_the_selection_is_a_group_and_stays_one_in_the_link(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="50", tab="walk", walk="groups", points="7,3-5")
    box = next(box for box in app.selectbox if box.label == "A")
    box.set_value("points-3-5,7").run()
    assert app.query_params["group_a"] in ("points-3-5,7", ["points-3-5,7"])
    assert not app.error
    assert next(box for box in app.selectbox if box.label == "A").value == "points-3-5,7"


@pytest.mark.usefixtures("runs")
def test_a_gan_without_classes_asks_for_a_selection_and_takes_it(open_page: Open) -> None:
    app = open_page("latent", run=GAN, n="20", tab="walk", walk="groups")
    assert translate("en", "latent_walk.no_groups") in texts(app)
    app = open_page(
        "latent", run=GAN, n="20", tab="walk", walk="groups", points="0-12"
    )  # of 10 to 12 there are latents
    assert [box.options for box in app.selectbox if box.label == "A"] == [["3 points: 0-12"]]
    assert len(drawn_over(app)["marks"]) == 4


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("run", [VAE, GAN])
def test_a_random_walk_comes_again_from_the_same_link(open_page: Open, run: str) -> None:
    link = {"run": run, "n": "40", "tab": "walk", "walk": "random", "steps": "20", "wseed": "3", "stride": "0.5"}
    (path,) = drawn_over(open_page("latent", **link))["paths"]
    assert len(places(path["xy"])) == 20
    (again,) = drawn_over(open_page("latent", **link))["paths"]
    assert again == path
    (other,) = drawn_over(open_page("latent", **{**link, "wseed": "4"}))["paths"]
    assert other["xy"] != path["xy"]


@pytest.mark.usefixtures("runs")
def test_a_random_walk_starts_at_the_first_selected_point(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="50", tab="walk", walk="random", points="9,2")
    (path,) = drawn_over(app)["paths"]
    assert_allclose(places(path["xy"])[0], made(VAE, "encoder", 50).coords[9], atol=1e-4)
    assert "9" in texts(app)


@pytest.mark.usefixtures("runs")
def test_on_tsne_it_says_that_places_are_near_and_in_space_that_there_are_none(open_page: Open) -> None:
    compute(plan(open_run(VAE), Spec("encoder", "tsne", n=60, perplexity=10)))
    app = open_page("latent", run=VAE, n="60", method="tsne", perplexity="10", tab="walk")
    assert translate("en", "latent_walk.near") in texts(app)
    assert len(drawn_over(app)["paths"]) == 1
    app = open_page("latent", run=VAE, n="50", dims="3", tab="walk", lang="zh")
    assert translate("zh", "latent_walk.not_in_space") in texts(app)
    assert not app.exception


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("walk", ["between", "groups", "random", "<b>"])
def test_nonsense_in_a_link_is_left_out(open_page: Open, walk: str) -> None:
    app = open_page(
        "latent", run=VAE, n="50", tab="walk", walk=walk, a="50", b="-1", steps="61", path="x", stride="nan",
        wseed="-1", group_a="class-11", group_b="points-60", group_c="points-<script>",
    )  # fmt: skip
    assert drawn_over(app) is not None
    assert not app.exception
