"""The numbers of the Compare page: scores, costs, settings, curves and pictures of runs."""

from dataclasses import replace
from pathlib import Path

import pytest

from genlab.runs.scores import append_scores
from genlab.training.config import RunConfig
from genlab.ui.compare import charts, gather, measured, protocols, samples, settings, table
from tests.ui.comparing import GAN, SHEET, VAE, read, said, texts
from tests.ui.conftest import Open


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
        assert settings.shown("budget", "1300000 images") == "1,300,000 images"

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
