"""The tabs of the Latent space page that edit: directions, and one's own picture."""

import base64
import contextlib
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from genlab.data import load
from genlab.data.own.single import keep, read
from genlab.data.pictures import DataError
from genlab.latent.invert import Settings
from genlab.runs.derived import JobStatus, compute
from genlab.runs.inversions import plan
from genlab.runs.store import open_run
from genlab.ui.i18n import translate
from genlab.ui.latent import pad
from tests.ui.conftest import Open
from tests.ui.test_latent import GAN, VAE, buttons, maps, texts

pytestmark = pytest.mark.usefixtures("runs")


def marks(app) -> list[dict]:
    """What is drawn over the map, by name and place."""
    (told,) = maps(app)
    return told["overlay"]["marks"]


def everything(app) -> str:
    """What a page says, in its own HTML too."""
    return texts(app) + "".join(element.proto.body for element in app.get("html"))


def sliders(app) -> dict[str, float]:
    return {slider.key: slider.value for slider in app.slider}


@pytest.fixture
def own() -> str:
    """The key of a real 7 of the data set."""
    digits = load("digits", "test")
    assert digits.labels is not None
    seven = digits.images[int((digits.labels == 7).nonzero()[0])]
    return keep(np.repeat(seven.numpy(), 3, 0))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("run", [VAE, GAN])
def test_directions_move_a_latent_and_its_place_and_are_reset(open_page: Open, lang: str, run: str) -> None:
    app = open_page("latent", run=run, n="60", tab="directions", lang=lang, pc1="2", pc3="-1")
    assert not app.exception
    assert not app.error
    moved = sliders(app)
    assert {key: moved[f"link_{key}"] for key in ("pc1", "pc2", "pc3")} == {"pc1": 2.0, "pc2": 0.0, "pc3": -1.0}
    assert sum(key.startswith("link_pc") for key in moved) == 6
    names = [translate(lang, f"latent_directions.{name}") for name in ("before", "after")]
    assert [mark["name"] for mark in marks(app)] == names
    assert marks(app)[0]["xy"] != marks(app)[1]["xy"]
    next(button for button in app.button if button.key == "latent_directions_reset").click().run()
    assert "pc1" not in app.query_params
    assert "pc3" not in app.query_params
    assert [mark["name"] for mark in marks(app)] == names[1:]


def test_class_directions_are_chosen_in_the_address_and_take_their_slider_along(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="60", tab="directions", towards="3,8,99", class3="1.5", class8="1", class5="3")
    assert {key: value for key, value in sliders(app).items() if "class" in key} == {
        "link_class3": 1.5, "link_class8": 1.0
    }  # fmt: skip
    (pills,) = [group for group in app.button_group if group.key == "link_towards"]
    pills.set_value(["8"]).run()
    assert app.query_params["towards"] in ("8", ["8"])
    assert "class3" not in app.query_params
    assert [key for key in sliders(app) if "class" in key] == ["link_class8"]


def test_the_start_is_a_point_a_draw_or_ones_own_picture(open_page: Open, own: str) -> None:
    app = open_page("latent", run=VAE, n="60", tab="directions", points="7")
    assert translate("en", "latent_directions.of_point", row=7) in everything(app)
    app = open_page("latent", run=GAN, n="60", tab="directions", base="draw", draw="4")
    assert translate("en", "latent_directions.drawn", seed=4) in everything(app)
    app = open_page("latent", run=GAN, n="60", tab="directions", at="3")  # a real picture
    assert translate("en", "latent_directions.no_latent") in everything(app)
    app = open_page("latent", run=VAE, n="60", tab="directions", base="own", own=own)
    assert translate("en", "latent_own.mark") in everything(app)
    app = open_page("latent", run=GAN, n="60", tab="directions", base="own", own=own)
    assert translate("en", "latent_directions.not_found") in everything(app)
    compute(plan(open_run(GAN), own, Settings()))
    app = open_page("latent", run=GAN, n="60", tab="directions", base="own", own=own)
    assert translate("en", "latent_own.mark") in everything(app)
    assert not app.exception


def test_a_grid_opens_with_the_address_and_has_the_side_it_says(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="60", tab="directions", grid="7", across="class3", up="pc2", reach="3")
    assert [stop.value for stop in app.select_slider if stop.key == "link_grid"] == [7]
    assert [box.value for box in app.selectbox if box.key in ("link_across", "link_up")] == ["class3", "pc2"]
    assert not app.exception


def test_nonsense_in_the_address_of_directions_is_left_out(open_page: Open) -> None:
    app = open_page(
        "latent", run=VAE, n="60", tab="directions", base="x", at="-1", draw="nan", pc1="inf", pc2="1e9", pc3="x",
        towards="<b>,,-1", grid="4000", across="pc99", up="../x", reach="nan", near_k="1000000", near_by="soul",
    )  # fmt: skip
    assert not app.exception
    assert not app.error
    assert all(value == 0 for key, value in sliders(app).items() if key.startswith("link_pc"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_ones_own_picture_is_encoded_placed_and_compared(open_page: Open, lang: str, own: str) -> None:
    app = open_page("latent", run=VAE, n="60", tab="own", own=own, lang=lang)
    assert not app.exception
    assert not app.error
    (mark,) = marks(app)
    assert mark["name"] == translate(lang, "latent_own.mark")
    assert translate(lang, "latent_own.error").split("{")[0] in everything(app)
    assert translate(lang, "latent_own.edit") in buttons(app)
    assert "× 7" in everything(app)  # among the nearest by pixels
    next(button for button in app.button if button.key == "latent_own_edit").click().run()
    assert app.query_params["tab"] in ("directions", ["directions"])
    assert translate(lang, "latent_own.mark") in everything(app)


@pytest.mark.parametrize("what", ["z", "generator", "classifier", "pixels"])
def test_it_has_a_place_on_maps_of_anything(open_page: Open, own: str, what: str) -> None:
    app = open_page("latent", run=VAE, n="60", tab="own", own=own, what=what)
    assert not app.exception
    assert not app.error
    assert len(marks(app)) == 1


def test_a_gan_looks_for_the_latent_when_asked(open_page: Open, own: str, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    monkeypatch.setattr("genlab.runs.jobs.start", started.append)
    app = open_page("latent", run=GAN, n="60", tab="own", own=own, inv_steps="50", inv_seed="3", inv_class="7")
    assert translate("en", "latent_own.not_yet") in everything(app)
    assert len(marks(app)) == 1  # what the critic sees in it needs no latent
    next(button for button in app.button if button.key == "latent_own_find").click().run()
    (search,) = started
    assert search.settings == Settings(seed=3, steps=50)  # it knows no classes
    assert (search.picture, search.step) == (own, 3)
    compute(search)
    app.run()
    assert translate("en", "latent_own.curve").split("{")[0] in everything(app)
    assert translate("en", "latent_own.edit") in buttons(app)


def test_a_search_shows_how_far_it_is_and_how_it_ended(open_page: Open, own: str) -> None:
    search = plan(open_run(GAN), own, Settings())
    with search.lock():
        search.write(JobStatus("running", 0.5, "optimising"))
        app = open_page("latent", run=GAN, n="60", tab="own", own=own)
        assert translate("en", "latent_own.starting") in app.get("progress")[0].proto.text
        next(button for button in app.button if button.key == "latent_own_stop").click().run()
        assert search.file(".stop").exists()
    search.file(".stop").unlink()
    for state, said in (("stopped", translate("en", "latent_own.stopped")), ("failed", "the disk is full")):
        search.write(JobStatus(state, why="the disk is full"))  # type: ignore[arg-type]
        app = open_page("latent", run=GAN, n="60", tab="own", own=own)
        assert said in everything(app)
        assert translate("en", "latent_own.find") in buttons(app)


@pytest.mark.parametrize(
    ("key", "said"), [("../../x", "names no picture"), ("a" * 24, "not any more"), ("", "names no picture")]
)
@pytest.mark.parametrize("tab", ["own", "directions"])
def test_a_picture_that_is_not_there_is_told_beside_the_map(open_page: Open, key: str, said: str, tab: str) -> None:
    app = open_page("latent", run=VAE, n="60", tab=tab, own=key, base="own")
    assert not app.exception
    assert said in app.error[0].value
    assert len(maps(app)) == 1


def test_an_empty_picture_is_told(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="60", tab="own", own=keep(np.zeros((3, 252, 252), np.uint8)))
    assert "empty" in app.error[0].value
    assert len(maps(app)) == 1


def drawing(side: int = 252) -> str:
    file = io.BytesIO()
    Image.fromarray(np.arange(side * side, dtype=np.uint32).astype(np.uint8).reshape(side, side)).save(file, "PNG")
    return pad.HEAD + base64.b64encode(file.getvalue()).decode()


def test_a_drawing_is_a_picture_and_an_empty_sheet_is_none() -> None:
    assert read(pad.png(drawing())).shape == (3, 252, 252)
    assert pad.png("") == b""


JSON = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())


@given(JSON | st.text().map(lambda text: pad.HEAD + text))
def test_whatever_a_browser_sends_as_a_drawing_ends_in_bytes_or_a_sentence(sent: object) -> None:
    with contextlib.suppress(DataError):
        assert isinstance(pad.png(sent), bytes)


@pytest.mark.parametrize(
    "sent", [float("nan"), drawing() + "A" * 400_000, "data:image/svg+xml;base64,AAAA", drawing()[:-3]]
)
def test_what_is_no_drawing_is_told(sent: object) -> None:
    with pytest.raises(DataError, match="no drawing"):
        pad.png(sent)
