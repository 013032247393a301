"""The Train page: what can be chosen, what comes of it, and how a run is told."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from genlab.models import MODELS
from genlab.models.presets import PRESETS
from genlab.runs import control, disk
from genlab.runs.disk import NO_ROOM, WAITS
from genlab.runs.orders import read_orders
from genlab.runs.status import run_lock, write_status
from genlab.runs.store import CHECKPOINTS, Run, list_runs, open_run

VAE = "00001-digits-vae"


def shown(app) -> str:
    kinds = [app.title, app.subheader, app.markdown, app.caption, app.info, app.warning, app.error, app.success]
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def press(app, name: str):
    return next(button for button in app.button if button.key == name).click().run()


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs stay queued: what a page does is looked at, not the training."""
    monkeypatch.setattr(control, "ensure_workers", lambda: None)
    monkeypatch.setattr("genlab.runs.worker.ensure_workers", lambda: None)


@pytest.mark.usefixtures("home", "no_worker")
class TestChoosing:
    @pytest.mark.parametrize(("lang", "start"), [("en", "Train"), ("zh", "开始训练")])
    def test_the_page_offers_a_training_at_once(self, open_page, lang: str, start: str) -> None:
        app = open_page("train", lang=lang)
        assert not app.exception
        assert not app.error
        assert any(button.key == "start" and button.label == start for button in app.button)

    @pytest.mark.parametrize("preset", PRESETS)
    def test_every_preset_can_be_chosen_by_a_link(self, open_page, preset: str) -> None:
        app = open_page("train", data="digits", model=PRESETS[preset].model, preset=preset)
        assert not app.exception
        assert not app.error
        text = shown(app)
        assert PRESETS[preset].about in text
        assert PRESETS[preset].mended in text

    @pytest.mark.parametrize("model", MODELS)
    def test_every_model_in_chinese(self, open_page, model: str) -> None:
        app = open_page("train", lang="zh", data="digits", model=model)
        assert not app.exception
        assert not app.error

    def test_start_makes_the_run_that_was_asked_for(self, open_page) -> None:
        app = open_page(
            "train", data="digits", model="gan", preset="listing-002", budget="steps", steps="7", seed="5",
            **{"listing-002.latent": "33"},
        )  # fmt: skip
        app = press(app, "start")
        assert not app.exception
        (run,) = list_runs()
        config = run.config
        assert (config.data, config.model, config.preset) == ("digits", "gan", "listing-002")
        assert (config.steps, config.minutes, config.seed, config.batch_size) == (7, None, 5, 128)
        assert config.options["latent"] == 33
        assert config.options["generator_layers"] == "128"
        assert app.query_params["run"] == run.id

    def test_unknown_names_in_a_link_do_no_harm(self, open_page) -> None:
        app = open_page("train", data="../../etc", model="nope", preset="x", budget="?", steps="-4", run="../..")
        assert not app.exception
        assert "no run" in shown(app)
        assert any(button.key == "start" and not button.disabled for button in app.button)

    def test_what_does_not_fit_is_told_before_it_is_trained(self, open_page) -> None:
        app = open_page("train", data="digits", model="gan", preset="gan", **{"gan.generator_layers": "12-x"})
        assert not app.exception
        assert "hyphens" in app.error[0].value
        assert all(button.disabled for button in app.button if button.label == "Train")
        assert not list_runs()


@pytest.mark.usefixtures("no_worker")
class TestWatching:
    def put(self, **values: object) -> Run:
        run = open_run(VAE)
        write_status(run.path, replace(run.status(), **values))
        return run

    @pytest.mark.parametrize(("lang", "text"), [("en", "drawn at step 3"), ("zh", "第 3 步")])
    def test_a_finished_run(self, open_page, runs: Path, lang: str, text: str) -> None:
        app = open_page("train", lang=lang, run=VAE)
        assert not app.exception
        assert not app.error
        assert text in shown(app)

    def test_a_dead_run_says_so_and_can_be_resumed(self, open_page, runs: Path) -> None:
        run = self.put(state="running", progress=0.5)
        app = open_page("train", run=VAE)
        assert not app.exception
        assert "ended without a word" in app.error[0].value
        press(app, "do-resume")
        assert run.status().state == "queued"

    @pytest.mark.parametrize(("lang", "text"), [("en", "goes on by itself"), ("zh", "自动继续")])
    def test_a_run_whose_worker_died_is_put_back_into_the_queue(
        self, open_page, runs: Path, lang: str, text: str
    ) -> None:
        run = self.put(state="running", progress=0.5, queued_at=1.0)
        app = open_page("train", lang=lang, run=VAE)
        assert not app.exception
        assert not app.error
        assert any(text in info.value for info in app.info)
        assert (run.status().state, run.status().queued_at, run.status().tries) == ("queued", 1.0, 1)

    @pytest.mark.parametrize("lang", ["en", "zh"])
    def test_a_failed_run_says_why_and_shows_its_log(self, open_page, runs: Path, lang: str) -> None:
        self.put(state="failed", why="The disk is full.")
        app = open_page("train", lang=lang, run=VAE)
        assert not app.exception
        assert "The disk is full" in app.error[0].value
        assert "The run is finished" in app.code[0].value

    @pytest.mark.parametrize(("lang", "hint"), [("en", "It never began"), ("zh", "训练还没有开始")])
    def test_a_run_that_was_refused_offers_what_helps(self, open_page, runs: Path, lang: str, hint: str) -> None:
        run = self.put(state="failed", why="There is no data set 'own:cats'.", step=0)
        shutil.rmtree(run.path / CHECKPOINTS)
        app = open_page("train", lang=lang, run=VAE)
        assert not app.exception
        assert hint in app.error[0].value
        keys = [button.key for button in app.button]
        assert "do-anew" in keys
        assert not {"do-resume", "do-again"} & set(keys)
        press(app, "do-retry")
        assert run.status().state == "queued"

    @pytest.mark.parametrize(("lang", "why"), [("en", "nearly full"), ("zh", "磁盘将满")])
    def test_a_run_that_waits_for_room_says_so(self, open_page, runs: Path, lang: str, why: str) -> None:
        run = self.put(state="running", why=NO_ROOM, note=WAITS, step=1)
        with run_lock(run.path):
            app = open_page("train", lang=lang, run=VAE)
        assert not app.exception
        assert [why in warning.value for warning in app.warning] == [True]
        assert not app.info

    @pytest.mark.parametrize(("lang", "why"), [("en", "cannot be reached"), ("zh", "无法连接")])
    def test_a_queued_run_says_where_the_cluster_is_not_found(
        self, open_page, runs: Path, lang: str, why: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.put(state="queued")
        monkeypatch.setattr("genlab.runs.worker.on_cluster", lambda: True)
        monkeypatch.setattr("genlab.runs.cluster.is_unreachable", lambda: True)
        app = open_page("train", lang=lang, run=VAE)
        assert not app.exception
        assert why in app.warning[0].value

    @pytest.mark.parametrize(("lang", "why"), [("en", "500 MB"), ("zh", "500 MB")])
    def test_a_queued_run_says_what_it_waits_for(
        self, open_page, runs: Path, lang: str, why: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.put(state="queued")
        monkeypatch.setattr(disk, "least_bytes", lambda: 500e6)
        monkeypatch.setattr(disk, "free_bytes", lambda: 499_000_000)
        app = open_page("train", lang=lang, run=VAE)
        assert not app.exception
        assert why in app.warning[0].value

    @pytest.mark.parametrize("lang", ["en", "zh"])
    def test_a_queued_run_can_be_stopped(self, open_page, runs: Path, lang: str) -> None:
        run = self.put(state="queued")
        app = open_page("train", lang=lang, run=VAE)
        assert not app.exception
        press(app, "do-stop")
        assert run.status().state == "stopped"

    def test_a_paused_run_goes_on(self, open_page, runs: Path) -> None:
        run = self.put(state="paused")
        press(open_page("train", run=VAE), "do-resume")
        assert run.status().state == "queued"

    def test_the_learning_rate_is_changed(self, open_page, runs: Path) -> None:
        run = self.put(state="queued")
        app = open_page("train", run=VAE)
        app.select_slider(key=f"lr-{VAE}").set_value(0.5).run()
        assert not app.exception
        assert read_orders(run.path).lr_scale == 0.5

    def test_a_run_is_renamed_and_deleted(self, open_page, runs: Path) -> None:
        app = open_page("train", run=VAE)
        name = next(field for field in app.text_input if field.placeholder == VAE)
        name.input("My *first* run")
        next(button for button in app.button if button.label == "Rename").click().run()
        assert open_run(VAE).title == "My *first* run"
        app.checkbox(key=f"sure-{VAE}").check().run()
        next(button for button in app.button if button.label == "Delete").click().run()
        assert not app.exception
        assert [run.id for run in list_runs()] == ["00002-digits-gan"]

    def test_another_like_it_opens_the_same_choices(self, open_page, runs: Path) -> None:
        app = press(open_page("train", run=VAE), "do-again")
        assert not app.exception
        assert not app.error
        app = press(app, "start")
        made, model = list_runs()[0].config, open_run(VAE).config
        assert replace(made, precision="auto") == replace(model, precision="auto")

    def test_a_damaged_metrics_line_changes_nothing(self, open_page, runs: Path) -> None:
        with open(runs / VAE / "metrics.jsonl", "a") as file:
            file.write('{"step": 4, "autoen')
        app = open_page("train", run=VAE)
        assert not app.exception
        assert not app.error

    def test_a_run_that_is_no_run_any_more(self, open_page, runs: Path) -> None:
        (runs / VAE / "config.json").write_text("[]")
        app = open_page("train", run=VAE)
        assert not app.exception
        assert "config.json" in shown(app)
        assert any(button.key == "start" for button in app.button)
