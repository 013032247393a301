"""The Compare page over real runs: what is chosen, what is compared with what, and what is broken."""

import csv
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from genlab.export.report import html_bytes
from genlab.plots.chart import STYLES
from genlab.runs import control
from genlab.runs.metrics import METRICS_FILE, append_metrics
from genlab.runs.scores import append_scores
from genlab.runs.status import run_lock, write_status
from genlab.runs.store import create_run, list_runs, open_run
from genlab.training.config import RunConfig
from genlab.ui.compare import charts, choose, gather, protocols, report, samples, table
from genlab.ui.i18n import translate
from tests.ui.comparing import GAN, SHEET, VAE, read, said, texts
from tests.ui.conftest import Open


def asked(app) -> str:
    (value,) = [app.query_params["runs"]] if isinstance(app.query_params["runs"], str) else app.query_params["runs"]
    return value


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


def test_a_single_score_is_a_number_and_no_chart(open_page: Open, runs: Path) -> None:
    append_scores(runs / VAE, SHEET)
    app = open_page("compare", runs="1")
    assert [(shown.label, shown.value) for shown in app.metric] == [(translate("en", "compare.score.fid"), "8")]
    append_scores(runs / VAE, replace(SHEET, step=1))
    assert not app.run().metric


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
