"""The Latent space page over real runs, and what it makes of what a browser sends."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlab.latent.spec import Spec
from genlab.runs.maps import MapStatus, compute, plan
from genlab.runs.store import create_run, open_run
from genlab.training.config import RunConfig
from genlab.ui.i18n import translate
from genlab.ui.latent.selection import parse_points, selected_points
from tests.ui.conftest import Open

VAE, GAN = "00001-digits-vae", "00002-digits-gan"


def texts(app) -> str:
    kinds = ("title", "caption", "info", "error", "warning", "markdown", "subheader")
    return "\n".join(e.value for kind in kinds for e in app.get(kind))


def buttons(app) -> list[str]:
    return [button.label for button in app.button]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("run", "what"), [(VAE, "encoder_real"), (GAN, "features_generated")])
def test_a_map_is_there_at_once_and_says_what_it_is(open_page: Open, lang: str, run: str, what: str) -> None:
    app = open_page("latent", lang=lang, run=run, n="100")
    assert not app.exception
    assert not app.error
    assert translate(lang, f"latent.about.{what}").split("{")[0] in texts(app)
    assert len(app.get("plotly_chart")) == 2  # the map and the variance
    assert translate(lang, "latent.walk") in texts(app)


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("dims", ["2", "3"])
def test_points_by_number_show_their_pictures_and_stay_in_the_link(open_page: Open, dims: str) -> None:
    app = open_page("latent", run=VAE, n="50", dims=dims)
    assert translate("en", f"latent.nothing_selected_{dims}") in texts(app)
    before = len(app.get("image"))
    app.text_input[0].set_value("3, 10-12, 99").run()
    assert app.query_params["points"] in ("3, 10-12, 99", ["3, 10-12, 99"])
    assert "4 selected" in texts(app)
    assert "99" in app.warning[0].value
    assert len(app.get("image")) == before + 1
    next(b for b in app.button if b.key == "latent_clear").click().run()
    assert "points" not in app.query_params
    assert len(app.get("image")) == before


@pytest.mark.usefixtures("runs")
def test_the_ends_of_a_walk_come_from_the_selection_or_the_link(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="50", points="5,7-9")
    boxes = [box for box in app.selectbox if box.label in ("From point", "To point")]
    assert [box.value for box in boxes] == ["5", "9"]
    linked = open_page("latent", run=VAE, n="50", a="3", b="4", path="slerp", steps="5")
    assert [box.value for box in linked.selectbox if "point" in box.label] == ["3", "4"]
    assert linked.select_slider[-1].value == 5


@pytest.mark.usefixtures("runs")
def test_a_gan_walks_between_generated_pictures_only(open_page: Open) -> None:
    app = open_page("latent", run=GAN, n="20", a="0", b="15")  # 0 is real, and has no latent
    assert translate("en", "latent.walk_seeds") in texts(app)
    boxes = [box for box in app.selectbox if box.label in ("From point", "To point")]
    assert [int(box.value) >= 10 for box in boxes] == [True, True]


@pytest.mark.usefixtures("runs")
def test_tsne_waits_for_its_button(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="60", method="tsne", perplexity="10")
    assert translate("en", "latent.absent") in texts(app)
    assert buttons(app) == [translate("en", "latent.compute")]
    assert not app.get("plotly_chart")


@pytest.mark.usefixtures("runs")
def test_tsne_that_is_there_is_shown(open_page: Open) -> None:
    compute(plan(open_run(VAE), Spec("encoder", "tsne", n=60, perplexity=10)))
    app = open_page("latent", run=VAE, n="60", method="tsne", perplexity="10")
    assert len(app.get("plotly_chart")) == 1
    assert translate("en", "latent.read.tsne") in texts(app)


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("failed", "the disk is full"),
        ("died", translate("zh", "latent.died")),
        ("stopped", translate("zh", "latent.stopped")),
    ],
)
def test_how_a_computation_ended_is_said(open_page: Open, state: str, said: str) -> None:
    wanted = plan(open_run(VAE), Spec("encoder", "tsne", n=60, perplexity=10))
    with wanted.lock():
        wanted.write(MapStatus("running" if state == "died" else state, phase="layout", why="the disk is full"))
    app = open_page("latent", run=VAE, n="60", method="tsne", perplexity="10", lang="zh")
    assert said in texts(app)
    assert buttons(app) == [translate("zh", "latent.compute")]


@pytest.mark.usefixtures("runs")
def test_a_running_computation_shows_its_progress(open_page: Open) -> None:
    wanted = plan(open_run(VAE), Spec("encoder", "tsne", n=60, perplexity=10))
    with wanted.lock():
        wanted.write(MapStatus("running", 0.4, "layout", 8.0))
        app = open_page("latent", run=VAE, n="60", method="tsne", perplexity="10")
        assert buttons(app) == [translate("en", "latent.stop")]
        assert "8 s" in app.get("progress")[0].proto.text
        app.button[0].click().run()
        assert wanted.file(".stop").exists()


@pytest.mark.usefixtures("runs")
def test_a_perplexity_that_cannot_be_is_told_before_it_is_tried(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="60", method="tsne", perplexity="20")
    assert "19" in app.warning[0].value
    assert not app.button


@pytest.mark.usefixtures("home")
def test_without_runs_and_without_weights_it_says_so(open_page: Open) -> None:
    assert translate("zh", "common.run.none") in texts(open_page("latent", lang="zh"))
    run = create_run(RunConfig(data="digits", model="vae", preset="vae", steps=3), state="paused")
    app = open_page("latent", run=run.id)
    assert not app.exception
    assert translate("en", "latent.no_checkpoint") in texts(app)


def test_a_damaged_map_ends_in_a_sentence(open_page: Open, runs: Path) -> None:
    wanted = plan(open_run(VAE), Spec("encoder", n=50))
    compute(wanted)
    wanted.file(".npz").write_bytes(b"not a map")
    app = open_page("latent", run=VAE, n="50")
    assert not app.exception
    assert "damaged" in app.error[0].value


@pytest.mark.usefixtures("runs")
def test_nonsense_in_a_link_is_left_out(open_page: Open) -> None:
    app = open_page(
        "latent", run=GAN, what="encoder", method="umap", dims="7", n="-1", seed="x", a="9999999999", b="-1",
        points="1-999999999999, <script>, 5-2", path="x", steps="1000", split="all", perplexity="inf", step="1e9",
    )  # fmt: skip
    assert not app.exception
    assert not app.error
    assert len(app.get("plotly_chart")) == 2


@given(st.text(max_size=60) | st.from_regex(r"[0-9 ,\-–]{0,40}", fullmatch=True), st.integers(1, 50))
def test_typed_points_are_always_points(typed: str, n: int) -> None:
    rows, _ = parse_points(typed, n)
    assert all(0 <= row < n for row in rows)
    assert len(set(rows)) == len(rows)


@pytest.mark.parametrize(
    ("typed", "rows", "wrong"),
    [
        ("", [], []),
        ("3", [3], []),
        ("3, 1 2；0", [3, 1, 2, 0], []),
        ("2-4，4", [2, 3, 4], []),
        ("2 – 4", [2, 3, 4], []),
        ("8-100", [8, 9], []),
        ("4-2, 10, x, -3, 1.5, 99999999999", [], ["4-2", "10", "x", "-3", "1.5", "99999999999"]),
    ],
)
def test_typed_points_by_hand(typed: str, rows: list[int], wrong: list[str]) -> None:
    assert parse_points(typed, 10) == (rows, wrong)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 20) | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["selection", "points", "customdata", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON)
def test_whatever_a_browser_sends_only_points_come_of_it(event: object) -> None:
    rows = selected_points(event, 10)
    assert all(type(row) is int and 0 <= row < 10 for row in rows)


def test_selected_points_by_hand() -> None:
    sent = [4, [7], True, 4, 10, -1, 2.0, "3", [1, 2], None, 0]
    event = {"selection": {"points": [{"customdata": value} for value in sent] + [{}, 5]}}
    assert selected_points(event, 10) == [4, 7, 0]
