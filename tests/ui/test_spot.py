"""A place clicked between the points: decoded by the page itself, with or without routes beside it."""

import threading
from pathlib import Path

import pytest

from genlab.latent.decode import look
from genlab.latent.spec import Spec
from genlab.runs.derived import compute
from genlab.runs.maps import Map, plan
from genlab.runs.sampling import load_checkpoint
from genlab.runs.store import open_run
from genlab.ui import routes
from genlab.ui.i18n import translate
from tests.ui.conftest import Open
from tests.ui.test_latent import GAN, VAE, maps, texts


@pytest.fixture(autouse=True)
def served(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Whether there are routes, which another test may have said of this process; there are none."""
    event = threading.Event()
    monkeypatch.setattr(routes, "_served", event)
    return event


@pytest.fixture
def wanted(runs: Path) -> Map:
    wanted = plan(open_run(VAE), Spec("encoder", n=50))
    compute(wanted)
    return wanted


def clicked(open_page: Open, wanted: Map, x: float, y: float, **query: str):
    return open_page("latent", run=VAE, n="50", place=f"{x},{y}", **query)


def test_without_routes_the_page_offers_a_click(open_page: Open, wanted: Map) -> None:
    app = open_page("latent", run=VAE, n="50", lang="zh")
    assert translate("zh", "latent_place.click") in texts(app)
    overlay = maps(app)[0]["overlay"]
    assert (overlay["decode"], overlay["clicks"]) == ("", True)
    (walk,) = maps(open_page("latent", run=VAE, n="50", tab="walk"))
    assert not walk["overlay"]["clicks"]  # nothing there would show the place


def test_with_routes_the_map_is_told_where_they_are(open_page: Open, wanted: Map, served: threading.Event) -> None:
    served.set()
    app = open_page("latent", run=VAE, n="50")
    assert translate("en", "latent_place.hover") in texts(app)
    assert maps(app)[0]["overlay"]["decode"] == f"lab/maps/mine/{VAE}/{wanted.key}"


def test_a_clicked_place_is_decoded_and_marked(open_page: Open, wanted: Map) -> None:
    before = len(open_page("latent", run=VAE, n="50").get("image"))
    app = clicked(open_page, wanted, 0.25, -0.5)
    assert not app.exception
    assert len(app.get("image")) == before + 1
    (mark,) = maps(app)[0]["overlay"]["marks"]
    assert mark["xy"] == [0.25, -0.5]
    error = look(wanted.load(), load_checkpoint(wanted.run)[0].model, 0.25, -0.5).error
    assert any(f"{error:.3g}" in html.proto.body for html in app.get("html"))


def test_the_place_stays_with_its_map_and_goes_with_the_selection(open_page: Open, wanted: Map) -> None:
    app = clicked(open_page, wanted, 0.25, -0.5, points="3")
    app.query_params["colour"] = "cluster"
    assert len(maps(app.run())[0]["overlay"]["marks"]) == 1
    next(button for button in app.button if button.key == "latent_clear").click().run()
    assert not maps(app)[0]["overlay"]["marks"]
    app = clicked(open_page, wanted, 0.25, -0.5)
    app.query_params["seed"] = "1"
    assert not maps(app.run())[0]["overlay"]["marks"]
    assert "place" not in app.query_params


@pytest.mark.parametrize("place", ["1e9,0", "nan,0", "0", "0,0,0", "a,b", "<b>,1", "9" * 60 + ",0", ""])
def test_what_is_no_place_near_the_points_is_left_out(open_page: Open, wanted: Map, place: str) -> None:
    app = open_page("latent", run=VAE, n="50", place=place)
    assert not app.exception
    assert not maps(app)[0]["overlay"]["marks"]
    assert "place" not in app.query_params


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("link", [{"run": GAN}, {"run": VAE, "what": "pixels"}, {"run": VAE, "dims": "3"}])
def test_maps_whose_places_are_no_latents_offer_nothing(open_page: Open, link: dict[str, str]) -> None:
    app = open_page("latent", n="50", **link)
    assert not app.exception
    assert translate("en", "latent_place.click") not in texts(app)
