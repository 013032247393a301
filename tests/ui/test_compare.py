"""The Compare page over real runs: what is chosen, what is compared with what, and what is broken."""

import csv
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from genlab.evaluation.sheet import ScoreSheet
from genlab.export.report import html_bytes
from genlab.plots.chart import STYLES
from genlab.runs import control
from genlab.runs.metrics import METRICS_FILE, append_metrics
from genlab.runs.scores import append_scores
from genlab.runs.status import run_lock, write_status
from genlab.runs.store import create_run, list_runs, open_run
from genlab.training.config import RunConfig
from genlab.ui.compare import charts, choose, gather, measured, protocols, report, samples, settings, table
from genlab.ui.i18n import translate
from tests.ui.conftest import Open

VAE, GAN = "00001-digits-vae", "00002-digits-gan"
SHEET = ScoreSheet(
    3, "full", "classifier of digits", "ab12" * 16, 10_000, 359, "test", 7,
    {"fid": 8.0, "kid": 0.002, "kid_error": 0.0003, "precision": 0.81, "density": 1.2}, {"fid": 0.2, "precision": 0.98},
)  # fmt: skip


def texts(app) -> str:
    kinds = ("title", "caption", "info", "error", "warning", "markdown", "subheader")
    return "\n".join(e.value for kind in kinds for e in app.get(kind)).replace("\\", "")


def said(app, key: str, lang: str = "en", **values: object) -> bool:
    return translate(lang, f"compare.{key}", **values) in texts(app)


def asked(app) -> str:
    (value,) = [app.query_params["runs"]] if isinstance(app.query_params["runs"], str) else app.query_params["runs"]
    return value


def read(*names: str) -> list[gather.Entry]:
    entries, problems = gather.read({str(open_run(name).number): open_run(name) for name in names or (VAE, GAN)})
    assert not problems
    return entries


def another(runs: Path, number: int, source: str = VAE) -> Path:
    """A copy of a finished run under another number."""
    target = runs / f"{number:05d}-digits-{source.rsplit('-', 1)[1]}"
    shutil.copytree(runs / source, target)
    return target


@pytest.mark.usefixtures("home")
class TestWithoutRuns:
    @pytest.mark.parametrize("lang", ["en", "zh"])
    def test_it_says_what_to_do(self, open_page: Open, lang: str) -> None:
        app = open_page("compare", lang=lang)
        assert not app.exception
        assert translate(lang, "common.run.none") in texts(app)

    def test_a_run_that_waits_has_nothing_to_show_yet(self, open_page: Open) -> None:
        create_run(RunConfig(data="digits", model="vae", steps=3), state="paused")
        app = open_page("compare")
        assert not app.exception
        assert not app.error
        for key in ("only_one", "no_scores", "no_curves", "samples.no_run_has_any"):
            assert said(app, key), key


class TestChoice:
    @pytest.mark.parametrize("lang", ["en", "zh"])
    def test_at_first_the_newest_finished_runs(self, open_page: Open, runs: Path, lang: str) -> None:
        create_run(RunConfig(data="digits", model="vae", steps=3), state="paused")
        app = open_page("compare", lang=lang)
        assert not app.exception
        assert not app.error
        assert not app.warning
        assert asked(app) == "2,1"
        assert len(app.dataframe) == 2
        assert said(app, "no_scores", lang)

    def test_at_most_four_at_first(self, open_page: Open, runs: Path) -> None:
        for number in range(3, 8):
            another(runs, number)
        assert asked(open_page("compare")) == "7,6,5,4"

    def test_the_address_decides_and_the_list_writes_it(self, open_page: Open, runs: Path) -> None:
        another(runs, 3)
        app = open_page("compare", runs="3,1")
        assert app.multiselect[0].value == ["3", "1"]
        app.multiselect[0].set_value(["1", "2"]).run()
        assert asked(app) == "1,2"
        assert list(app.dataframe[0].value["run"]) == [
            "● 1 · VAE · Digits 8x8",
            "■ 2 · GAN (fully connected) · Digits 8x8",
        ]

    def test_the_choice_outlives_a_look_at_another_page(self, open_page: Open, runs: Path) -> None:
        app = open_page("compare", runs="1")
        app.switch_page("pages/train.py").run()
        del app.query_params["runs"]
        app.switch_page("pages/compare.py").run()
        assert asked(app) == "1"

    def test_none_chosen_is_a_choice(self, open_page: Open, runs: Path) -> None:
        app = open_page("compare", runs="1")
        app.multiselect[0].set_value([]).run()
        assert not app.exception
        assert said(app, "none_chosen")
        assert not app.dataframe

    @pytest.mark.parametrize(
        ("wanted", "kept"),
        [("1,99", "1"), ("0001,2", "1,2"), ("2,2,1", "2,1"), ("1,<b>x</b>", "1"), ("99", "2,1"), ("-1,1e3,1.5", "2,1"),
         ("١", "2,1"), ("9" * 4000, "2,1"), ("../x,%00,\x00", "2,1"), (",,1,", "1")],
    )  # fmt: skip
    def test_what_names_no_run_is_told_and_left_out(self, open_page: Open, runs: Path, wanted: str, kept: str) -> None:
        app = open_page("compare", runs=wanted)
        assert not app.exception
        assert not app.error
        assert asked(app) == kept
        nonsense = wanted not in ("0001,2", "2,2,1", ",,1,")
        assert bool(app.warning) == nonsense

    def test_more_than_eight_are_cut(self, open_page: Open, runs: Path) -> None:
        for number in range(3, 11):
            another(runs, number)
        app = open_page("compare", runs=",".join(map(str, range(1, 11))))
        assert not app.exception
        assert asked(app) == "1,2,3,4,5,6,7,8"
        assert said(app, "too_many", most=8)
        assert len(app.dataframe[0].value) == 8

    def test_more_than_eight_from_the_list_are_cut_too(self, open_page: Open, runs: Path) -> None:
        for number in range(3, 11):
            another(runs, number)
        app = open_page("compare", runs="1")
        app.multiselect[0].set_value([str(number) for number in range(10, 0, -1)]).run()
        assert not app.exception
        assert not app.error
        assert asked(app) == "10,9,8,7,6,5,4,3"
        assert said(app, "too_many", most=8)

    def test_two_folders_of_one_number_go_by_their_names(self, runs: Path) -> None:
        another(runs, 2)
        assert list(choose.keyed(list_runs())) in ([GAN, "00002-digits-vae", "1"], ["00002-digits-vae", GAN, "1"])

    def test_a_run_keeps_its_look_as_others_go(self) -> None:
        all_of_them = gather.styles({str(n): n for n in range(1, 9)})
        assert list(all_of_them.values()) == list(STYLES)
        assert gather.styles({"7": 7, "3": 3}) == {key: all_of_them[key] for key in ("3", "7")}
        assert len(set(gather.styles({"1": 1, "9": 9, "17": 17}).values())) == 3


class TestBroken:
    def test_a_broken_folder_is_told_and_hides_nothing(self, open_page: Open, runs: Path) -> None:
        (runs / GAN / "status.json").write_text("{")
        app = open_page("compare", runs="1,2")
        assert not app.exception
        assert not app.error
        assert said(app, "unknown", runs="2")
        assert len(app.dataframe[0].value) == 1

    def test_a_run_that_goes_while_it_is_read_is_told(self, runs: Path) -> None:
        going = open_run(GAN)
        shutil.rmtree(going.path)
        entries, problems = gather.read({"1": open_run(VAE), "2": going})
        assert [entry.key for entry in entries] == ["1"]
        assert len(problems) == 1
        assert GAN in problems[0]

    def test_a_file_that_cannot_be_read_is_told(self, open_page: Open, runs: Path) -> None:
        (runs / GAN / METRICS_FILE).unlink()
        (runs / GAN / METRICS_FILE).mkdir()
        app = open_page("compare", runs="1,2")
        assert not app.exception
        assert not app.error
        assert GAN in texts(app)
        assert len(app.dataframe[0].value) == 1

    def test_a_run_deleted_between_two_looks(self, open_page: Open, runs: Path) -> None:
        app = open_page("compare", runs="1,2")
        control.delete(open_run(GAN))
        app.run()
        assert not app.exception
        assert not app.error
        assert said(app, "unknown", runs="2")
        assert asked(app) == "1"

    def test_names_and_numbers_of_strangers(self, open_page: Open, runs: Path) -> None:
        folder = runs / VAE
        (folder / "title.json").write_text(json.dumps("=<script>\n*x* \ud800 " + "y" * 300))
        append_metrics(folder, {"step": 10**300, "images": -5, "seconds": 1e308, "autoencoder/loss": -1e308})
        append_scores(folder, replace(SHEET, scores={"fid": 1e308, "precision": -1e308, "<i>": 1.0}, seed=10**200))
        (folder / "samples" / "000000.png").write_bytes(b"no picture")
        app = open_page("compare", runs="1,2", x="seconds", curves="all")
        assert not app.exception
        assert not app.error
        (first, _) = read()
        assert len(first.title) == gather.LONGEST_TITLE
        told = html_bytes(report.build(read(), "seconds", samples.shots(read(), "step", 3))).decode()
        assert "<script>" not in told
        assert "nan" not in told.replace("nance", "")
        table.csv(read())

    def test_values_nobody_offered(self, open_page: Open, runs: Path) -> None:
        append_scores(runs / VAE, SHEET)
        append_scores(runs / GAN, replace(SHEET, n=5))
        app = open_page("compare", runs="1,2", x="weeks", score="beauty", by="nothing", step="abc", curves="half")
        assert not app.exception
        assert not app.error
        assert set(app.query_params) <= {"runs", "lang"}


class TestScores:
    def test_the_newest_full_sheet_counts_else_the_newest_quick_one(self, runs: Path) -> None:
        for sheet in (
            replace(SHEET, step=2, kind="quick"),
            replace(SHEET, step=1),
            replace(SHEET, step=3, kind="quick"),
        ):
            append_scores(runs / VAE, sheet)
        append_scores(runs / GAN, replace(SHEET, step=1, kind="quick"))
        vae, gan = map(measured.newest, read())
        assert (vae.sheet.kind, vae.sheet.step) == ("full", 1)
        assert (gan.sheet.kind, gan.sheet.step) == ("quick", 1)

    def test_the_best_of_those_made_alike_is_marked(self, runs: Path) -> None:
        append_scores(runs / VAE, SHEET)
        append_scores(
            runs / GAN, replace(SHEET, seed=8, scores={"fid": 7.5, "kid": 0.002, "precision": 0.5, "density": 1})
        )
        assert measured.marked(read()) == {("2", "fid"), ("1", "kid"), ("2", "kid"), ("1", "precision")}

    @pytest.mark.parametrize("other", [{"n": 2_000}, {"extractor_hash": "cd"}, {"split": "train"}, {"n_real": 9}])
    def test_scores_made_otherwise_are_never_ranked(self, open_page: Open, runs: Path, other: dict) -> None:
        append_scores(runs / VAE, SHEET)
        append_scores(runs / GAN, replace(SHEET, scores={"fid": 1.0}, **other))
        assert measured.marked(read()) == set()
        assert len(measured.groups(read())) == 2
        app = open_page("compare", runs="1,2")
        assert not app.exception
        assert said(app, "several_protocols", n=2, best="★")

    def test_scores_of_other_pictures_are_never_ranked(self, runs: Path) -> None:
        append_scores(runs / VAE, SHEET)
        append_scores(runs / GAN, SHEET)
        vae, gan = read()
        moved = replace(gan, config=replace(gan.config, data="own:cats"))
        assert measured.marked([vae, gan])
        assert not measured.marked([vae, moved])

    def test_no_score_without_what_it_was_measured_with(self, open_page: Open, runs: Path) -> None:
        append_scores(runs / VAE, SHEET)
        append_scores(runs / GAN, replace(SHEET, seed=8))
        entries = read()
        told = protocols.told(measured.groups(entries).popitem()[1])
        for part in (
            "classifier of digits",
            "ab12ab12ab12",
            "10,000",
            "359 held-out",
            "Digits 8x8",
            "seed 7, 8",
            "FID 0.2",
        ):
            assert part in told, part
        app = open_page("compare", runs="1,2")
        assert not app.exception
        assert told in texts(app)
        head, rows = protocols.table(entries)
        assert len(rows) == 1
        assert rows[0][:7] == [
            "A",
            "Digits 8x8",
            "classifier of digits",
            "ab12ab12ab12",
            "10,000",
            "359 · held-out",
            "7, 8",
        ]
        assert rows[0][7:] == ["0.2", "98.0%"]
        assert len(head) == len(rows[0])

    def test_cells_say_the_letter_only_where_there_are_several(self, runs: Path) -> None:
        append_scores(runs / VAE, SHEET)
        append_scores(runs / GAN, replace(SHEET, scores={"fid": 9.0}))
        entries = read()
        facts = table.frame(entries)
        row = dict(zip(facts.columns, table.cells(entries, facts)[0], strict=True))
        assert (row["fid"], row["kid"], row["precision"]) == ("★ 8", "0.002 ± 0.0003", "81.0%")
        append_scores(runs / GAN, replace(SHEET, n=5))
        entries = read()
        facts = table.frame(entries)
        assert "★" not in str(table.cells(entries, facts))
        row = dict(zip(facts.columns, table.cells(entries, facts)[0], strict=True))
        assert row["fid"] in ("A · 8", "B · 8")

    def test_missing_scores_are_gaps_and_numbers_stay_numbers(self, runs: Path) -> None:
        append_scores(runs / VAE, SHEET)
        facts = table.frame(read())
        assert facts["fid"].tolist()[0] == 8.0
        assert facts["fid"].isna().tolist() == [False, True]
        assert "recall" not in facts
        styled = table.styled(read(), facts).to_html()
        assert "81.0%" in styled

    def test_a_score_over_seconds_has_floor_and_best(self, runs: Path) -> None:
        append_scores(runs / VAE, replace(SHEET, step=1, scores={"fid": 90.0}))
        append_scores(runs / VAE, SHEET)
        append_scores(runs / GAN, replace(SHEET, scores={"fid": 20.0}))
        entries = read()
        (rows,) = measured.groups(entries).values()
        chart = charts.scores(rows, "fid", "images")
        assert [line.x.tolist() for line in chart.lines] == [[16, 48], [48]]
        assert [line.y.tolist() for line in chart.lines] == [[90, 8], [20]]
        assert chart.floors[0][0] == 0.2
        assert (chart.best.x, chart.best.y) == (48, 8)
        assert charts.scores(rows, "density", "step").best is None  # neither end of it is the good one
        assert charts.scores(rows, "recall", "step") is None


class TestCost:
    def test_seconds_come_from_the_curves_and_end_with_the_run(self, runs: Path) -> None:
        entry = replace(read(VAE)[0], rows=[{"step": 10, "seconds": 2.0}, {"step": 20, "seconds": 6.0}])
        entry = replace(entry, status=replace(entry.status, step=30, seconds=7.0))
        assert [entry.place(step, "seconds") for step in (0, 5, 10, 15, 25, 30)] == [0, 1, 2, 4, 6.5, 7]
        assert entry.place(31, "seconds") is None
        assert entry.place(31, "images") == 31 * 16
        assert entry.place(31, "step") == 31

    def test_facts_by_hand(self, runs: Path) -> None:
        (entry,) = read(VAE)
        assert entry.images == 3 * 16
        assert entry.speed == pytest.approx(48 / entry.status.seconds)
        from genlab.runs.sampling import load_checkpoint

        model = load_checkpoint(entry.run)[0].model
        assert entry.parameters == sum(parameter.numel() for parameter in model.parameters())

    def test_a_model_whose_pictures_are_gone_has_no_count(self) -> None:
        assert gather.count_parameters(RunConfig(data="own:gone", model="vae", steps=1)) is None


class TestSettings:
    def test_only_what_differs_is_told(self, runs: Path) -> None:
        vae = replace(read(VAE)[0])
        other = replace(vae, config=replace(vae.config, options={"beta": 4.0}, steps=None, minutes=1.5, seed=3))
        assert settings.differing([vae, vae]) == []
        assert settings.differing([vae, other]) == ["budget", "seed", "beta"]
        head, rows = table.differences([vae, other])
        assert head[1] == "Budget"
        assert [row[1] for row in rows] == ["3 steps", "1.5 min"]
        assert [row[2] for row in rows] == ["0", "3"]
        assert rows[1][3] == "4"

    def test_an_option_that_only_one_model_has_does_not_differ(self, runs: Path) -> None:
        assert "beta" not in settings.differing(read())

    def test_a_preset_of_another_version_goes_by_its_key(self) -> None:
        assert settings.preset_title(RunConfig(data="digits", model="vae", preset="of-old", steps=1)) == "of-old"


class TestCurves:
    def test_shared_curves_and_all(self, runs: Path) -> None:
        entries = read()
        assert charts.metrics(entries, shared=True) == [charts.SPEED, "samples/diversity"]
        every = charts.metrics(entries, shared=False)
        assert {"autoencoder/loss", "generator/loss", charts.SPEED} <= set(every)
        assert charts.metrics(entries[:1], shared=True) == charts.metrics(entries[:1], shared=False)

    def test_one_metric_of_all_that_have_it(self, runs: Path) -> None:
        entries = read()
        for axis in gather.AXES:
            chart = charts.curve(entries, charts.SPEED, axis)
            for entry, line in zip(entries, chart.lines, strict=True):
                frame = entry.run.metrics()
                assert line.x.tolist() == frame[axis].tolist()
                assert line.y.tolist() == frame[charts.SPEED].tolist()
                assert line.style == entry.style
        assert [line.name for line in charts.curve(entries, "autoencoder/loss", "step").lines] == [entries[0].title]

    def test_all_curves_can_be_asked_for(self, open_page: Open, runs: Path) -> None:
        few = len(open_page("compare", runs="1,2").get("plotly_chart"))
        many = len(open_page("compare", runs="1,2", curves="all").get("plotly_chart"))
        assert many > few == 2


class TestPictures:
    def test_each_run_shows_its_newest_snapshot_up_to_there(self, runs: Path) -> None:
        vae, gan = read()
        vae = replace(vae, samples=[(0, Path("a")), (2, Path("b")), (3, Path("c"))])
        gan = replace(gan, samples=[(1, Path("d"))], config=replace(gan.config, batch_size=32))
        assert samples.stops([vae, gan], "step") == [0, 1, 2, 3]
        assert samples.stops([vae, gan], "images") == [0, 32, 48]
        assert [shot.path for shot in samples.shots([vae, gan], "step", 2)] == [Path("b"), Path("d")]
        assert [shot.path for shot in samples.shots([vae, gan], "step", 0)] == [Path("a"), None]
        assert [shot.path for shot in samples.shots([vae, gan], "images", 32)] == [Path("b"), Path("d")]

    def test_the_slider_is_in_the_address(self, open_page: Open, runs: Path) -> None:
        app = open_page("compare", runs="1,2", step="0")
        assert app.select_slider[0].value == 0
        assert sum("<figure" in e.proto.body for e in app.get("html")) == 1
        figures = next(e.proto.body for e in app.get("html") if "<figure" in e.proto.body)
        assert figures.count("step 0") == 2
        app.select_slider[0].set_value(3).run()
        assert "step" not in app.query_params  # the last one is where it stands by itself


def test_a_running_run_can_be_looked_at_again(open_page: Open, runs: Path) -> None:
    run = open_run(VAE)
    finished = run.status()
    with run_lock(run.path):
        write_status(run.path, replace(finished, state="running"))
        app = open_page("compare", runs="1")
        assert not app.exception
        assert translate("en", "compare.refresh") in [button.label for button in app.button]
        write_status(run.path, finished)
    assert translate("en", "compare.refresh") not in [button.label for button in app.run().button]


def test_the_csv_holds_plain_numbers_and_the_whole_story(runs: Path) -> None:
    control.rename(open_run(VAE), '=1+1, "x" 数字')
    append_scores(runs / VAE, SHEET)
    data = table.csv(read())
    assert data.startswith(b"\xef\xbb\xbf")
    first, second = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert first["title"] == '1 · =1+1, "x" 数字'
    expected = {
        "run": VAE, "data": "digits", "model": "vae", "steps": "3", "images": "48", "fid": "8.0", "kid_error": "0.0003",
        "floor.fid": "0.2", "kind": "full", "extractor": "classifier of digits", "extractor_hash": "ab12" * 16,
        "n": "10000", "n_real": "359", "split": "test", "seed": "7", "scored_step": "3",
    }  # fmt: skip
    assert {name: first[name] for name in expected} == expected
    assert (second["run"], second["fid"], second["n"]) == (GAN, "", "")
    assert second["setting.latent"] != first["setting.latent"]


def test_no_text_of_the_csv_is_a_formula() -> None:
    assert table._plain("=1+1") == "'=1+1"
    assert table._plain("a=1") == "a=1"
    assert table._plain(-1.5) == -1.5


def test_the_report_holds_all_of_the_page(runs: Path) -> None:
    append_scores(runs / VAE, SHEET)
    append_scores(runs / GAN, replace(SHEET, n=5))
    entries = read()
    shots = samples.shots(entries, "step", 3)
    told = html_bytes(report.build(entries, "step", shots)).decode()
    assert '<html lang="en">' in told
    assert told.count("<img ") == 2
    assert told.count("<details>") == 2
    assert told.count("<svg") == 2 + 8 + len(charts.metrics(entries, shared=False))  # the key, the scores, the curves
    for entry in entries:
        assert entry.title in told
    for row in protocols.table(entries)[1]:
        assert all(cell in told for cell in row)
    assert "&quot;batch_size&quot;: 16" in told
    shutil.rmtree(entries[1].run.path)  # what was deleted by the time it is downloaded is told
    assert translate("en", "samples.frame_gone") in html_bytes(report.build(entries, "step", shots)).decode()
