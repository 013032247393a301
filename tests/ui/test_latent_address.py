"""What the address says of a map: where one looks, what is selected, and what a browser may say of both."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlab.ui.i18n import translate
from genlab.ui.latent.address import (
    LEAST_ZOOM,
    MOST_ZOOM,
    SHOWN,
    USUAL,
    camera,
    hides,
    look,
    parse_points,
    ranges,
    shows,
)
from genlab.ui.latent.selection import checked_place
from tests.ui.conftest import Open
from tests.ui.told import maps, told

VAE = "00001-digits-vae"


@given(st.text(max_size=30) | st.from_regex(r"[-+0-9.,eE_naif ]{0,30}", fullmatch=True) | st.integers() | st.none())
def test_whatever_an_address_says_one_looks_at_a_place_or_nowhere(text: object) -> None:
    found = look(text)
    if found is not None:
        x, y, zoom = (float(part) for part in found.split(","))
        assert math.isfinite(x)
        assert math.isfinite(y)
        assert LEAST_ZOOM <= zoom <= MOST_ZOOM


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("0.5,-1e-3,2.25", True), ("0,0,0.5", True), ("0,0,400", True), ("", False), ("1,2", False), ("1,2,3,4", False),
        ("nan,0,1", False), ("0,inf,1", False), ("0,0,0", False), ("0,0,401", False), ("a,b,c", False),
        ([0, 0, 1], False), ("0" * 70 + ",0,1", False),
    ],
)  # fmt: skip
def test_looks_by_hand(text: object, there: bool) -> None:
    assert look(text) == (text if there else None)


@given(st.lists(st.integers(0, 400)))
def test_a_list_of_ranges_is_read_as_the_same_rows(rows: list[int]) -> None:
    assert parse_points(ranges(rows), 401) == (sorted(set(rows)), [])


def test_ranges_by_hand() -> None:
    assert ranges([9, 3, 7, 8, 3]) == "3,7-9"
    assert ranges([]) == ""


@given(st.text(max_size=30) | st.integers() | st.none() | st.lists(st.sampled_from(SHOWN)).map(",".join))
def test_whatever_an_address_says_only_what_a_map_can_show_is_shown(text: object) -> None:
    assert set(shows(text)) <= set(SHOWN)


def test_what_is_shown_by_hand() -> None:
    assert shows("lattice,near") == ["near", "lattice"]
    assert shows("none") == []
    assert shows("lattice,<b>") == shows("") == shows(None) == shows(["near"]) == USUAL == ["pictures"]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("class:0-2,4", [0, 1, 2, 4]), ("class:4", [4]), ("class:", []), ("class:5", []), ("class:0,9", []),
        ("cluster 5:1", []), ("class", []), ("4", []), ("class:<b>", []), ("class:-1", []), ("", []), (None, []),
        (7, []),
    ],
)  # fmt: skip
def test_what_is_hidden_by_hand(text: object, rows: list[int]) -> None:
    assert hides(text, "class", 5) == rows


@given(st.text(max_size=30) | st.from_regex(r"class:[0-9,-]{0,12}", fullmatch=True) | st.integers() | st.none())
def test_whatever_an_address_says_only_groups_are_hidden(text: object) -> None:
    rows = hides(text, "class", 7)
    assert len(set(rows)) == len(rows)
    assert set(rows) <= set(range(7))


EYE = "1.5,0,1,0,0,0,0,0,1"


@pytest.mark.parametrize(
    ("text", "there"),
    [
        (EYE, True), ("100,-100,1e-2,0.5,0,0,0,1,0", True), ("", False), ("1,2,3", False), (EYE + ",1", False),
        ("nan,0,1,0,0,0,0,0,1", False), ("inf,0,1,0,0,0,0,0,1", False), ("101,0,1,0,0,0,0,0,1", False),
        ("0,0,0,0,0,0,0,0,1", False), ("0,0,2,0,0,0,0,0,1", True), ("1,1,1,0,0,0,0,0,0", False), ("a,b,c", False),
        (None, False), ([1.0] * 9, False), ("1," * 8 + "1" * 200, False),
    ],
)  # fmt: skip
def test_an_eye_is_off_what_it_looks_at_near_and_knows_what_is_up(text: object, there: bool) -> None:
    assert camera(text) == ([float(part) for part in str(text).split(",")] if there else None)


def test_one_address_is_read_as_a_flat_look_or_as_an_eye_and_never_as_both() -> None:
    assert (look(EYE), camera("0.5,1,2")) == (None, None)


PLACES = np.array([[0, 0], [2, 1]], np.float32)


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ([1, 0.5], (1.0, 0.5)), ([-2, 3], (-2.0, 3.0)), ([-2.1, 0], None), ([0, 3.1], None), ([math.nan, 0], None),
        ([0], None), ([0, 0, 0], None), ("ab", None), ([True, 0], None), (["0", "0"], None), (None, None),
        ({"0": 1, "1": 1}, None), ([10**400, 0], None), ([math.inf, 0], None),
    ],
)  # fmt: skip
def test_a_place_that_was_clicked_is_two_numbers_near_the_points(sent: object, place: object) -> None:
    assert checked_place(sent, PLACES) == place


@pytest.mark.usefixtures("runs")
def test_a_link_says_what_is_selected_and_where_one_looks(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="50", drawn="3,7-9", points="20", view="0.1,0.2,3")
    assert told(app)["chosen"] == [3, 7, 8, 9, 20]
    assert told(app)["look"] == "0.1,0.2,3"
    assert told(app)["shows"] == ["pictures"]
    next(b for b in app.button if b.key == "latent_clear").click().run()
    assert told(app)["chosen"] == []
    assert not {"drawn", "points"} & set(app.query_params)


@pytest.mark.usefixtures("runs")
def test_another_map_of_the_same_pictures_keeps_the_selection_and_not_the_view(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="50", drawn="3,7-9", view="0.1,0.2,3")
    app.query_params["colour"] = "cluster"
    app.run()
    assert told(app)["look"] == "0.1,0.2,3"  # the same map
    app.query_params["what"] = "pixels"  # half of its pictures are generated
    app.run()
    assert not app.exception
    assert (told(app)["chosen"], told(app)["look"]) == ([], None)
    assert not {"drawn", "view"} & set(app.query_params)


@pytest.mark.usefixtures("runs")
def test_a_selection_that_the_link_leaves_out_is_told(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="600", points="0-500")
    assert translate("en", "canvas.not_in_link", most=500) in [caption.value for caption in app.caption]
    app = open_page("latent", run=VAE, n="600", points="0-499")
    assert translate("en", "canvas.not_in_link", most=500) not in [caption.value for caption in app.caption]


@pytest.mark.usefixtures("runs")
def test_a_link_says_what_the_legend_hides_of_its_own_colouring(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="50", view_hides="class:0-2,7")
    assert told(app)["hides"] == [0, 1, 2, 7]
    app.query_params["colour"] = "cluster"
    app.run()
    assert told(app)["hides"] == []
    app.query_params["view_hides"] = "cluster 10:1"
    app.run()
    assert told(app)["hides"] == [1]
    app.query_params["what"] = "pixels"
    app.run()
    assert "view_hides" not in app.query_params  # other points


@pytest.mark.usefixtures("runs")
def test_a_link_says_what_a_second_map_hides(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="50", beside="pixels-pca", view_hides="class:1", view2_hides="class:2,0")
    assert [one["hides"] for one in maps(app)] == [[1], [2, 0]]


@pytest.mark.usefixtures("runs")
def test_a_map_in_space_is_seen_from_where_the_link_says(open_page: Open) -> None:
    for view, eye in ((EYE, [1.5, 0, 1]), ("9e9" * 3, [1.55, 1.55, 1]), ("0.5,1,2", [1.55, 1.55, 1])):
        app = open_page("latent", run=VAE, n="50", dims="3", view=view, view_hides="class:0,2")
        assert not app.exception
        figure = json.loads(app.get("plotly_chart")[0].proto.spec)
        assert list(figure["layout"]["scene"]["camera"]["eye"].values()) == eye
        assert [trace.get("visible") for trace in figure["data"]][:3] == ["legendonly", None, "legendonly"]
