"""Another run's pictures on a map."""

import pytest

from genlab.ui.i18n import translate
from genlab.ui.latent.guests import INVITED
from tests.ui.conftest import Open
from tests.ui.test_latent import GAN, VAE, texts
from tests.ui.told import maps, told

N = 40


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_they_are_told_and_coloured_by_run(open_page: Open, lang: str) -> None:
    app = open_page("latent", lang=lang, run=VAE, n=str(N), guest=GAN, colour="run")
    assert not app.exception
    assert not app.error
    one = told(app)
    assert [int(group["count"]) for group in one["groups"]] == [N, INVITED]
    assert len({group["colour"] for group in one["groups"]}) == 2
    begins = translate(lang, "canvas.guest_exact").split("{")[0]
    assert begins in texts(app)
    assert str(INVITED) in one["about"]["points"].split(begins)[1]
    assert f"{translate(lang, 'latent_trust.points')} {N} " in one["about"]["figures"]  # of the map, not of its guests


@pytest.mark.usefixtures("runs")
def test_they_can_be_selected_and_walks_are_between_the_maps_own(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n=str(N), guest=GAN, points="3,41")
    assert not app.exception
    assert told(app)["chosen"] == [3, 41]
    assert "2 selected" in texts(app)
    walk = open_page("latent", run=VAE, n=str(N), guest=GAN, points="3,7,41", tab="walk")
    assert not walk.exception
    assert told(walk)["marked"] == [3, 7]


@pytest.mark.usefixtures("runs")
def test_a_second_map_is_linked_by_what_both_have(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n=str(N), guest=GAN, beside="pixels-pca", colour="run")
    assert not app.exception
    assert [one["linked"] for one in maps(app)] == [[[0, N // 2 - 1]]] * 2


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("link", [{"guest": VAE}, {"guest": "<b>"}, {"guest": GAN, "what": "z"}])
def test_who_cannot_come_is_left_out(open_page: Open, link: dict[str, str]) -> None:
    app = open_page("latent", run=VAE, n=str(N), colour="run", **link)
    assert not app.exception
    assert told(app)["layer"] == "class"
    assert not {"guest", "colour"} & set(app.query_params)


@pytest.mark.usefixtures("runs")
def test_who_comes_leaves_view_selection_and_legend_as_they_are(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n=str(N), view="0.1,0.2,3", drawn="3,7-9", view_hides="class:1", place="0.1,0.2")
    for guest in (GAN, None):
        if guest:
            app.query_params["guest"] = guest
        else:
            del app.query_params["guest"]
        app.run()
        assert not app.exception
        one = told(app)
        assert (one["look"], one["chosen"], one["hides"]) == ("0.1,0.2,3", [3, 7, 8, 9], [1])
        assert one["groups"][1]["name"] == "1"
        assert "".join(app.query_params["place"]) == "0.1,0.2"
    assert one["home"] == one["key"]


@pytest.mark.usefixtures("runs")
def test_guests_who_leave_take_their_selection_with_them(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n=str(N), guest=GAN, drawn=f"3,{N}-{N + 4}")
    assert len(told(app)["chosen"]) == 6
    assert told(app)["home"] != told(app)["key"]
    del app.query_params["guest"]
    app.run()
    assert told(app)["chosen"] == [3]
    assert "".join(app.query_params["drawn"]) == "3"
    app.query_params["guest"] = GAN
    app.run()
    assert told(app)["chosen"] == [3]
