"""The Latent space page over real runs, and what it makes of what a browser sends."""

import shutil
from pathlib import Path

import pytest

from genlab.data import load
from genlab.latent.forming import keep_in
from genlab.latent.points import choices, collect
from genlab.latent.spec import Spec
from genlab.models import MODELS, build
from genlab.runs.derived import JobStatus, compute
from genlab.runs.maps import plan
from genlab.runs.store import create_run, open_run
from genlab.training.config import RunConfig
from genlab.ui.i18n import translate
from genlab.ui.latent import about
from genlab.ui.latent.view import TABS
from tests.ui.conftest import Open, train
from tests.ui.told import maps, told
from tests.ui.unpacking import unpack, unpack_colours, unpack_pictures

VAE, GAN = "00001-digits-vae", "00002-digits-gan"


def texts(app) -> str:
    kinds = ("title", "caption", "info", "error", "warning", "markdown", "subheader")
    return "\n".join(e.value for kind in kinds for e in app.get(kind))


def buttons(app) -> list[str]:
    return [button.label for button in app.button]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("run", "what"), [(VAE, "encoder"), (GAN, "features")])
def test_a_map_is_there_at_once_and_says_what_it_is(open_page: Open, lang: str, run: str, what: str) -> None:
    app = open_page("latent", lang=lang, run=run, n="100")
    assert not app.exception
    assert not app.error
    assert translate(lang, f"latent_maps.about.{what}").split("{")[0] in texts(app)
    assert len(maps(app)) == 1
    assert not app.get("plotly_chart")  # the browser would load plotly for it, and the map wait
    app.session_state["latent_variance_box"] = True
    app.run()
    assert len(app.get("plotly_chart")) == 1
    assert [tab.label for tab in app.tabs] == [translate(lang, f"latent_tabs.{tab}") for tab in TABS]


@pytest.mark.usefixtures("home")
def test_two_latents_open_as_they_are_and_whatever_else_is_mapped_by_pca(open_page: Open) -> None:
    run = train("vae", options={"latent": 2})
    for asked, axis in (({}, "latent 1"), ({"what": "pixels"}, "component 1"), ({"method": "pca"}, "component 1")):
        app = open_page("latent", run=run.id, n="50", **asked)
        assert not app.exception
        assert axis in told(app)["axes"][0].lower(), asked


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
    app = open_page("latent", run=VAE, n="50", tab="walk", points="5,7-9")
    boxes = [box for box in app.selectbox if box.label in ("From point", "To point")]
    assert [box.value for box in boxes] == ["5", "9"]
    linked = open_page("latent", run=VAE, n="50", tab="walk", a="3", b="4", path="slerp", steps="5")
    assert [box.value for box in linked.selectbox if "point" in box.label] == ["3", "4"]
    assert linked.select_slider[-1].value == 5


@pytest.mark.usefixtures("runs")
def test_a_gan_walks_between_generated_pictures_only(open_page: Open) -> None:
    app = open_page("latent", run=GAN, n="20", tab="walk", a="0", b="15")  # 0 is real, and has no latent
    assert translate("en", "latent.walk_seeds") in texts(app)
    boxes = [box for box in app.selectbox if box.label in ("From point", "To point")]
    assert [int(box.value) >= 10 for box in boxes] == [True, True]


@pytest.mark.usefixtures("runs")
def test_tsne_waits_for_its_button(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="60", method="tsne", perplexity="10")
    assert translate("en", "latent.absent") in texts(app)
    assert "With 60 points, about" in texts(app)
    assert buttons(app) == [translate("en", "latent.compute")]
    assert not maps(app)


@pytest.mark.usefixtures("runs")
def test_tsne_that_is_there_is_shown(open_page: Open) -> None:
    compute(plan(open_run(VAE), Spec("encoder", "tsne", n=60, perplexity=10)))
    app = open_page("latent", run=VAE, n="60", method="tsne", perplexity="10")
    assert len(maps(app)) == 1
    assert not app.get("plotly_chart")
    assert translate("en", "latent_maps.read.tsne") in texts(app)


@pytest.mark.usefixtures("runs")
def test_three_dimensions_are_plotlys(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="50", dims="3")
    assert not app.exception
    assert not maps(app)
    assert len(app.get("plotly_chart")) == 1


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
        wanted.write(JobStatus("running" if state == "died" else state, phase="layout", why="the disk is full"))
    app = open_page("latent", run=VAE, n="60", method="tsne", perplexity="10", lang="zh")
    assert said in texts(app)
    assert buttons(app) == [translate("zh", "latent.compute")]


@pytest.mark.usefixtures("runs")
def test_a_running_computation_shows_its_progress(open_page: Open) -> None:
    wanted = plan(open_run(VAE), Spec("encoder", "tsne", n=60, perplexity=10))
    with wanted.lock():
        wanted.write(JobStatus("running", 0.4, "layout", 8.0))
        app = open_page("latent", run=VAE, n="60", method="tsne", perplexity="10")
        assert buttons(app) == [translate("en", "latent.stop")]
        assert "8 s" in app.get("progress")[0].proto.text
        assert not app.get("plotly_chart")  # nothing to see yet
        points = collect(build("vae", (1, 8, 8), {}, 10), load("digits"), "encoder", 60, 0)
        keep_in(wanted.file(".forming"), points)(150, points.latents[:, :2], 1.25)
        app.run()
        assert len(app.get("plotly_chart")) == 1
        assert "Step 150 of 500: KL divergence 1.250" in texts(app)
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
def test_only_the_open_tab_is_filled_and_the_link_names_it(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="50", tab="none")
    assert "tab" not in app.query_params
    assert len(app.text_input) == 1
    assert translate("en", "latent.walk_encoder") not in texts(app)
    app = open_page("latent", run=VAE, n="50", tab="walk")
    assert "tab" in app.query_params
    assert not app.text_input
    assert translate("en", "latent.walk_encoder") in texts(app)


@pytest.mark.usefixtures("runs")
def test_nonsense_in_a_link_is_left_out(open_page: Open) -> None:
    app = open_page(
        "latent", run=GAN, what="encoder", method="isomap", quality="best", dims="7", n="-1", seed="x",
        a="9999999999", b="-1",
        points="1-999999999999, <script>, 5-2", path="x", steps="1000", split="all", perplexity="inf", step="1e9",
    )  # fmt: skip
    assert not app.exception
    assert not app.error
    assert len(maps(app)) == 1


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_map_is_told_its_classes_axes_and_what_is_chosen(open_page: Open, lang: str) -> None:
    app = open_page("latent", lang=lang, run=VAE, n="100", points="5,7-9", tab="walk", a="1", b="2")
    (told,) = maps(app)
    assert sum(int(group["count"]) for group in told["groups"]) == 100
    assert told["chosen"] == [5, 7, 8, 9]
    assert told["marked"] == [1, 2]
    assert told["axes"][0].startswith(translate(lang, "latent_trust.component").split("{")[0])
    assert told["words"]["lasso"] == translate(lang, "latent.canvas.lasso")
    points, colours, pictures = [e.proto.bytes for e in app.get("bidi_component") if e.proto.bytes]
    head, xy, _ = unpack(points)
    assert (head["key"], head["n"], xy.shape) == (told["key"], 100, (100, 2))
    painted, numbers, groups = unpack_colours(colours)
    assert (painted["key"], painted["layer"], len(numbers)) == (told["key"], told["layer"], 0)
    assert set(groups) == set(range(len(told["groups"])))
    album, (sheet,) = unpack_pictures(pictures)
    assert album["album"] == head["album"]
    assert sheet.shape == (-(-100 // head["columns"]) * head["height"], min(100, head["columns"]) * head["width"])
    assert not app.exception


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("what", ["z", "generator", "classifier", "pixels"])
def test_all_that_can_be_mapped_is_explained(open_page: Open, lang: str, what: str) -> None:
    app = open_page("latent", lang=lang, run=GAN, n="40", what=what)
    assert not app.exception
    assert not app.error
    assert translate(lang, f"latent_maps.about.{what}").split("{")[0] in texts(app)
    assert len(maps(app)) == 1


@pytest.mark.usefixtures("runs")
def test_axes_lead_from_class_to_class(open_page: Open) -> None:
    app = open_page("latent", run=VAE, n="100", method="axes", xa="3", xb="5", ya="0", yb="0x")
    (told,) = maps(app)
    assert told["axes"] == ["from class 3 to class 5", "from class 0 to class 2"]
    same = open_page("latent", run=VAE, n="100", method="axes", xa="3", xb="3")
    assert not same.exception
    assert "choose two that differ" in same.error[0].value


@pytest.mark.usefixtures("runs")
def test_stability_is_measured_on_demand(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = plan(open_run(VAE), Spec("encoder", "tsne", n=60, perplexity=10))
    compute(wanted)
    monkeypatch.setattr("genlab.runs.jobs.start", compute)
    app = open_page("latent", run=VAE, n="60", method="tsne", perplexity="10")
    next(button for button in app.button if button.key == "latent_again").click().run()
    assert wanted.again().is_done()
    assert "ten nearest neighbours on this map are its nearest on the second one" in texts(app)


@pytest.mark.usefixtures("runs")
def test_a_run_that_is_deleted_while_its_map_is_open_is_told(open_page: Open, runs: Path) -> None:
    app = open_page("latent", run=VAE, n="50")
    shutil.rmtree(runs / VAE)
    app.run()
    assert not app.exception
    assert VAE in app.warning[0].value
    assert app.query_params["run"] in (GAN, [GAN])


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("model", MODELS)
def test_the_words_for_what_a_model_encodes_and_sees_are_there_for_every_model(model: str, lang: str) -> None:
    for what in set(choices(MODELS[model])) & {"encoder", "features"}:
        key = about.kind(MODELS[model], what, {})
        assert translate(lang, f"latent_maps.sources.{key}", width="7")
        assert translate(lang, f"latent_maps.what_help.{key}")


def test_a_model_is_told_of_in_words_that_are_true_of_it() -> None:
    kinds = {key: about.kind(MODELS[key], choices(MODELS[key])[0], {}) for key in MODELS}
    assert kinds["vqvae"] == "features_codes"
    assert kinds["hmm"] == "features_states"
    assert kinds["dbn"] == "features_units"
    assert {kinds[key] for key in ("gan", "dcgan", "infogan", "progressive")} == {"features_critic"}
    assert {kinds[key] for key in ("vae", "vaegan", "hybrid")} == {"encoder"}
    assert about.kind(MODELS["vqvae"], "encoder", {}) == "encoder_codes"
    assert about.kind(MODELS["vae"], "encoder", {"conditional": True}) == "encoder_classes"
