"""The Models page over rows of its own: with none, some and all of them, in both languages, and with damaged ones."""

import csv
import io
import os
from pathlib import Path

import pytest
from numpy.testing import assert_allclose

from genlab.data import SOURCES
from genlab.evaluation.extractor import extractor_for
from genlab.models import MODELS
from genlab.models.presets import PRESETS
from genlab.plots.chart import STYLES
from genlab.ui.compare.gather import styles
from genlab.ui.gallery import curves, entrants, table
from genlab.ui.gallery.entrants import PLAIN, SCORES, Entrant, RowsError
from genlab.ui.i18n import translate
from tests.ui.conftest import Open
from tests.ui.measuring import digits, said, texts, training, write

pytestmark = pytest.mark.usefixtures("home", "measurements")

DAMAGED = [
    b"", b"model,seed,given,seconds,images,fid\n", b"\x89PNG\r\n\x1a\n\x00\xff", b"model\nvae\n",
    b"model,seed,given,seconds,images,fid\nvae,0,60,30,1000,12.5\n",
    b"model,seed,given,seconds,images,fid,precision\nvae,0,60,30,1000,good,0.5\n",
    b"model,seed,given,seconds,images,fid,precision\nvae,0,60,30,1000,nan,0.5\n",
    b"model,seed,given,seconds,images,fid,precision\nvae,0,60,30,1000,1e999,0.5\n",
    b"model,seed,given,seconds,images,fid,precision\nvae,0,60,30,inf,1,0.5\n",
    b"model,seed,given,seconds,images,fid,precision\nvae,0,60,30,1000,-1,0.5\n",
    b"model,seed,given,seconds,images,fid,precision\nvae,0,60,30,1000,1,0.5,7,8\n",
    b"model,seed,given,seconds,images,fid,precision,beauty\nvae,0,60,30,1000,1,0.5,7\n",
]  # fmt: skip
"""What a file of rows may have become."""


def some() -> None:
    """Three seeds of the hybrid and one of a plain loop, on MNIST."""
    for seed, fid in enumerate((30.0, 10.0, 16.0)):
        write("mnist", training("hybrid", 20, fid, seed, recall=0.1 * seed))
    write("mnist", training("plain-gan", 600, 120.0))


def titles(lang: str) -> list[str]:
    return [MODELS[key].title if lang == "en" else translate("zh", f"of_models.{key}.title") for key in MODELS]


@pytest.mark.parametrize("lang", ["en", "zh"])
class TestPage:
    def test_without_rows_it_says_how_to_make_them_and_shows_the_models(self, open_page: Open, lang: str) -> None:
        app = open_page("models", lang=lang)
        assert not app.exception
        assert not app.error
        assert said(app, "none", lang)
        assert "make quality" in texts(app)
        assert not app.dataframe
        assert all(f"**{title}**" in texts(app) for title in titles(lang))
        assert said(app, "history_none", lang)

    def test_with_some(self, open_page: Open, lang: str) -> None:
        some()
        app = open_page("models", lang=lang)
        assert not app.exception
        assert not app.error
        assert not said(app, "none", lang)
        shown = app.dataframe[0].value
        hybrid = titles(lang)[list(MODELS).index("hybrid")]
        assert list(shown["model"]) == [hybrid, translate(lang, "models.plain.plain-gan")]
        assert list(shown["given"]) == [20, 600]
        assert list(shown["fid"]) == [16.0, 120.0]
        assert_allclose(shown["recall"], [0.1, 0.6])
        assert list(shown["seeds"]) == [3, 1]
        assert "label_accuracy" not in shown
        assert shown["train"][0] == f"train?lang={lang}&model=hybrid&preset=hybrid"
        assert shown["train"].isna()[1]
        extractor = extractor_for("mnist")
        assert said(
            app, "measured_with", lang, drawn="10,000", real="10,000", data="MNIST", extractor=extractor.name,
            hash=extractor.hash[:12],
        )  # fmt: skip
        assert said(app, "several_seeds", lang)
        assert said(app, "plain_told", lang)
        # The picture is of seed 0, and so is the score beneath it.
        assert said(app, "under", lang, fid="30", seconds=20)
        assert texts(app).count('<img class="gl-picture"') == 1
        assert said(app, "history_none", lang)

    def test_with_all(self, open_page: Open, lang: str) -> None:
        for data in SOURCES:
            for place, model in enumerate([*PRESETS, *PLAIN]):
                write(data, training(model, 60, 5.0 + place, label_accuracy=0.7))
        for data in SOURCES:
            app = open_page("models", lang=lang, data=data)
            assert not app.exception, data
            assert not app.error, data
            shown = app.dataframe[0].value
            assert len(shown) == len(PRESETS) + len(PLAIN)
            assert list(shown["label_accuracy"]) == [0.7] * len(shown)
            assert texts(app).count('<img class="gl-picture"') == len(MODELS) + 5
            assert not said(app, "history_none", lang)
            assert not said(app, "not_measured", lang)

    def test_a_damaged_file_is_told_and_hides_nothing_else(
        self, open_page: Open, measurements: Path, lang: str
    ) -> None:
        digits(hmm=60.0, vae=20.0)
        (measurements / "mnist.csv").write_bytes(DAMAGED[0])
        app = open_page("models", lang=lang)
        assert not app.exception
        assert [e.value.replace("\\", "") for e in app.error] == [translate(lang, "models.damaged", file="mnist.csv")]
        assert not app.dataframe
        assert all(f"**{title}**" in texts(app) for title in titles(lang))
        assert said(app, "history_lead", lang, seconds=60)
        other = open_page("models", lang=lang, data="digits")
        assert not other.error
        assert len(other.dataframe[0].value) == 2

    def test_damage_in_what_the_history_is_told_from(self, open_page: Open, measurements: Path, lang: str) -> None:
        some()
        (measurements / "digits.csv").write_bytes(DAMAGED[0])
        app = open_page("models", lang=lang)
        assert not app.exception
        assert [e.value.replace("\\", "") for e in app.error] == [translate(lang, "models.damaged", file="digits.csv")]
        assert len(app.dataframe[0].value) == 2
        assert said(app, "history_none", lang)


class TestAddress:
    def test_it_says_which_data_and_which_models(self, open_page: Open) -> None:
        some()
        digits(vae=20.0)
        app = open_page("models", data="digits")
        assert list(app.dataframe[0].value["fid"]) == [20.0]
        app = open_page("models", curves="plain-gan.600")
        assert app.multiselect[0].value == ["plain-gan.600"]
        app.multiselect[0].set_value(["plain-gan.600", "hybrid.20"]).run()
        assert "curves" not in app.query_params  # which is what is drawn anyway
        app.multiselect[0].set_value([]).run()
        assert not app.exception
        assert said(app, "none_chosen")

    @pytest.mark.parametrize("curve", ["<b>", "hybrid.999", "x" * 4000, "hybrid.20.5,\x00"])
    def test_nonsense_shows_what_is_shown_at_first(self, open_page: Open, curve: str) -> None:
        some()
        app = open_page("models", data="<script>", curves=curve)
        assert not app.exception
        assert not app.error
        assert app.multiselect[0].value == ["hybrid.20", "plain-gan.600"]
        assert not {"data", "curves"} & set(app.query_params)

    def test_at_most_eight_curves(self, open_page: Open) -> None:
        models = list(PRESETS)[:12]
        for place, model in enumerate(models):
            write("mnist", training(model, 60, 5.0 + place))
        app = open_page("models", curves=",".join(f"{model}.60" for model in models))
        assert not app.exception
        assert app.multiselect[0].value == [f"{model}.60" for model in models[:8]]

    def test_at_first_all_of_a_few_and_the_headline_of_many(self) -> None:
        def found(*models: str) -> list[Entrant]:
            return [Entrant(model, 60, tuple(training(model, 60, 9.0))) for model in models]

        few = found("hmm", "gan", "vae")
        assert curves.at_first(few) == ["hmm.60", "gan.60", "vae.60"]
        many = found("gan", "hmm", "plain-dcgan", "dbn", "vqvae", "hybrid", "infogan", "vae", "progressive")
        assert curves.at_first(many) == ["plain-dcgan.60", "hybrid.60", "vae.60"]
        assert len(curves.at_first(found(*(f"new-{n}" for n in range(20))))) == len(STYLES)


class TestNumbers:
    def test_the_best_median_comes_first_and_a_rewritten_file_is_read_anew(self, measurements: Path) -> None:
        some()
        assert [entrant.key for entrant in entrants.read("mnist")] == ["hybrid.20", "plain-gan.600"]
        write("mnist", training("vae", 300, 12.0))
        path = measurements / "mnist.csv"
        os.utime(path, ns=(1, 1))  # a coarse clock may give both the same time
        assert [entrant.key for entrant in entrants.read("mnist")] == ["vae.300", "hybrid.20", "plain-gan.600"]
        assert entrants.read("digits") == ()

    def test_curves_are_medians_look_by_look(self) -> None:
        some()
        hybrid = entrants.read("mnist")[0]
        x, y = hybrid.curve()
        assert_allclose(x, [5.0, 10.0, 20.0])
        assert_allclose(y, [64.0, 32.0, 16.0])
        assert table.spread(hybrid) == "16 (10–30)"
        assert hybrid.median("label_accuracy") is None

    def test_a_training_that_did_not_end_is_left_out(self) -> None:
        write("mnist", training("vae", 60, 12.0), training("vae", 60, 99.0, seed=1)[:2])
        write("mnist", training("gan", 60, 5.0)[:2])
        (vae,) = entrants.read("mnist")
        assert (vae.seeds, vae.fid) == (1, 12.0)
        assert_allclose(vae.curve()[1], [48.0, 24.0, 12.0])

    def test_a_preset_that_is_gone_keeps_its_line(self, open_page: Open) -> None:
        write("mnist", training("*gone*", 60, 12.0, seed=3))
        app = open_page("models")
        assert not app.exception
        assert not app.error
        assert list(app.dataframe[0].value["model"]) == ["*gone*"]
        (gone,) = entrants.read("mnist")
        assert (gone.family, gone.preset, gone.picture("mnist")) == (None, None, None)

    def test_without_its_picture_a_model_keeps_its_score(self, open_page: Open, measurements: Path) -> None:
        digits(hmm=60.0, vae=20.0)
        (measurements / "digits-hmm-60.png").unlink()
        app = open_page("models", data="digits")
        assert not app.exception
        assert not app.error
        assert texts(app).count('<img class="gl-picture"') == 2  # the VAE's, as a card and below
        assert said(app, "under", fid="60", seconds=60)

    def test_a_model_is_shown_at_the_time_that_most_were_given(self) -> None:
        rows = [
            ("hybrid", 20),
            ("hybrid", 400),
            ("vae", 300),
            ("dcgan", 300),
            ("vae-classic", 300),
            ("gan-wasserstein", 60),
        ]
        found = [Entrant(model, given, tuple(training(model, given, 9.0))) for model, given in rows]
        assert entrants.usual_time(found) == 300
        assert entrants.usual_time(found[:2]) == 400
        chosen = {model: entrants.of_model(found, model) for model in MODELS}
        named = {model: line.key for model, line in chosen.items() if line is not None}
        assert named == {
            "hybrid": "hybrid.400", "vae": "vae.300", "dcgan": "dcgan.300", "gan": "gan-wasserstein.60"
        }  # fmt: skip

    def test_the_figure_is_in_decades_and_holds_the_points(self) -> None:
        some()
        chosen = entrants.read("mnist")
        figure = curves.figure(chosen, styles({entrant.key: 1 + i for i, entrant in enumerate(chosen)}), dark=True)
        assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")
        assert [trace.name for trace in figure.data] == ["Warm-started hybrid · 20 s", "GAN (example script) · 600 s"]
        assert_allclose(figure.data[0].y, [64.0, 32.0, 16.0])
        assert_allclose(figure.data[1].x, [150.0, 300.0, 600.0])
        assert "%{x:.4~g} s · FID %{y:.4~g}" in figure.data[0].hovertemplate
        assert figure.data[0].line.color != figure.data[1].line.color

    def test_the_csv_has_every_number_and_what_it_was_measured_with(self) -> None:
        some()
        rows = list(csv.DictReader(io.StringIO(table.csv(entrants.read("mnist"), "mnist").decode())))
        first, second = rows
        assert [row["model"] for row in rows] == ["hybrid", "plain-gan"]
        assert {first[key] for key in ("fid", "fid_lowest", "fid_highest")} == {"16.0", "10.0", "30.0"}
        assert (first["seeds"], first["seconds"], second["precision"]) == ("3", "20", "0.9")
        assert {f"{score}_lowest" for score in SCORES} < set(first)
        assert first["label_accuracy"] == ""
        assert first["extractor_hash"] == extractor_for("mnist").hash

    @pytest.mark.parametrize("content", DAMAGED)
    def test_damage_is_a_known_error(self, measurements: Path, content: bytes) -> None:
        (measurements / "mnist.csv").write_bytes(content)
        with pytest.raises(RowsError, match=r"mnist\.csv of measured rows is damaged"):
            entrants.read("mnist")

    def test_a_folder_in_the_place_of_the_file_as_well(self, measurements: Path) -> None:
        (measurements / "mnist.csv").mkdir()
        with pytest.raises(RowsError, match=r"mnist\.csv of measured rows is damaged"):
            entrants.read("mnist")
