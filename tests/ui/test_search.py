"""A search on the Train page: what can be chosen, what comes of it, and how it is told."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from genlab.models import MODELS
from genlab.runs import conducted
from genlab.runs.conducted import STATE_FILE, STOP_FILE
from genlab.runs.search import holding
from genlab.runs.search_jobs import conducting, list_searches, read_status
from genlab.runs.search_plan import PLAN_FILE, Plan, Trial, read_plan, searches_dir
from genlab.runs.status import run_lock, write_status
from genlab.runs.store import create_run, list_runs
from genlab.training.config import RunConfig
from tests.ui.test_train import press, shown

GAN, VAE = "00002-digits-gan", "00001-digits-vae"
CONFIG = RunConfig(data="digits", model="gan", preset="gan", steps=7)
VARY = ("lr_critic=0.0001..0.01", "critic_norm=none,spectral", "generator_norm=true,false", "latent=16..256")
PLAN = Plan(CONFIG, VARY, "bayes", 4, "fid", True, "quick")
VALUES = {"lr_critic": 0.002, "critic_norm": "spectral", "generator_norm": False, "latent": 32}


class Process:
    def wait(self) -> int:
        return 0


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The searches that a page started, none of which does anything."""
    calls: list[list[str]] = []

    def spawn(arguments: list[str], _log: Path) -> Process:
        calls.append(arguments)
        return Process()

    monkeypatch.setattr(conducted, "spawn", spawn)
    return calls


def form(open_page, **query: str):
    """The page with the form open."""
    app = open_page("train", **{"data": "digits", "model": "gan", "budget": "steps", "steps": "7", **query})
    app.session_state["search-box"] = True
    return app.run()


def html(app) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def trial(number: int, run: str = "", **more: object) -> Trial:
    return Trial(number, VALUES, run, **more)  # type: ignore[arg-type]


def scored(number: int, score: float, run: str = "") -> Trial:
    return trial(number, run, outcome="scored", score=score, floor=1.5, extractor="eyes", extractor_hash="a" * 64)


def put(*trials: Trial, plan: Plan = PLAN, name: str = "s") -> str:
    """A search with these trials, which was conducted to where they end."""
    with conducting(name, plan) as search:
        for one in trials:
            search.keep(one)
    return name


@pytest.mark.usefixtures("home")
class TestChoosing:
    @pytest.mark.parametrize("lang", ["en", "zh"])
    def test_closed_it_is_one_line(self, open_page, lang: str) -> None:
        app = open_page("train", lang=lang)
        assert not app.exception
        assert not any(button.key == "search-start" for button in app.button)

    @pytest.mark.parametrize(("lang", "takes"), [("en", "8 trials of 7 steps each"), ("zh", "8 次试验，每次 7 步")])
    def test_what_is_offered_is_started(self, open_page, started: list[list[str]], lang: str, takes: str) -> None:
        app = form(open_page, lang=lang, seed="3")
        assert not app.exception
        assert not app.error
        assert takes in shown(app)
        app = press(app, "search-start")
        assert not app.exception
        assert started == [["search", "--name", "1", "--queue"]]
        assert read_plan("1") == Plan(
            replace(CONFIG, seed=3), ("lr_generator=0.0001..0.01", "lr_critic=0.0001..0.01"), "bayes", 8, "fid", True,
            "quick",
        )  # fmt: skip
        assert app.query_params["search"] == "1"
        assert not list_runs()

    def test_a_grid_by_another_score(self, open_page) -> None:
        app = form(open_page, budget="minutes", minutes="2")
        app.multiselect(key="search-vary-gan").set_value(["critic_norm", "generator_norm", "latent"])
        app.selectbox(key="search-method").set_value("grid")
        app.selectbox(key="search-score").set_value("recall").run()
        app.multiselect(key="search-choices-gan-critic_norm").set_value(["none", "batch"])
        app.number_input(key="search-from-latent-64").set_value(32)
        app.number_input(key="search-points").set_value(2).run()
        assert "8 trials of 2 min each: 16 min" in shown(app)
        press(app, "search-start")
        vary = ("critic_norm=none,batch", "generator_norm=true,false", "latent=32..256/2")
        assert read_plan("1") == Plan(
            replace(CONFIG, steps=None, minutes=2.0), vary, "grid", None, "recall", False, "quick"
        )

    def test_no_more_trials_than_there_are_different_ones(self, open_page) -> None:
        app = form(open_page)
        app.multiselect(key="search-vary-gan").set_value(["generator_norm"]).run()
        assert "2 trials of 7 steps" in shown(app)

    @pytest.mark.parametrize(
        ("lang", "key", "value", "says"),
        [
            ("en", "search-vary-gan", [], "at least one option"),
            ("zh", "search-vary-gan", [], "至少选择一个"),
            ("en", "search-from-lr_critic-0.001", 0.05, "must begin below its end"),
            ("en", "search-vary-gan", ["condition"], None),
        ],
    )
    def test_what_makes_no_search_is_a_sentence(self, open_page, lang: str, key: str, value, says: str | None) -> None:
        app = form(open_page, lang=lang)
        widgets = app.multiselect if isinstance(value, list) else app.number_input
        widgets(key=key).set_value(value).run()
        if says is None:
            app.multiselect(key="search-choices-gan-condition").set_value(["none"]).run()
            says = "at least two values of Condition"
        assert not app.exception
        assert says in app.error[0].value
        assert not any(button.key == "search-start" for button in app.button)

    def test_a_grid_without_end_is_refused(self, open_page) -> None:
        app = form(open_page)
        app.selectbox(key="search-method").set_value("grid").run()
        app.number_input(key="search-points").set_value(20).run()
        assert "400 points; 200 are the most" in app.error[0].value

    @pytest.mark.parametrize("model", MODELS)
    def test_every_model_has_something_to_search(self, open_page, model: str) -> None:
        app = form(open_page, model=model)
        assert not app.exception
        assert not app.error
        assert any(button.key == "search-start" for button in app.button)

    def test_a_search_that_cannot_be_started_says_so(self, open_page, monkeypatch: pytest.MonkeyPatch) -> None:
        app = form(open_page)
        searches_dir().write_text("a file in its place")
        app = press(app, "search-start")
        assert not app.exception
        assert "cannot be written" in app.error[0].value


class TestWatching:
    @pytest.mark.parametrize(
        ("lang", "texts"),
        [
            ("en", ["Search s", "finished", "2 of 2", "eyes", "The floor, 1.5", "Best so far"]),
            ("zh", ["搜索 s", "已完成 2 / 2", "下限 1.5"]),
        ],
    )
    def test_a_finished_search(self, open_page, runs: Path, lang: str, texts: list[str]) -> None:
        put(scored(1, 30.0, VAE), scored(2, 20.0, GAN), plan=replace(PLAN, trials=2))
        app = open_page("train", lang=lang, search="s")
        assert not app.exception
        assert not app.error
        told = shown(app) + html(app)
        assert all(text in told for text in texts), told
        table = app.dataframe[0].value
        assert list(table["score"]) == ["★ 20", "30"]
        assert list(table["trial"]) == [2, 1]
        assert list(table["run"]) == [f"?run={GAN}" + f"&lang={lang}", f"?run={VAE}&lang={lang}"]
        assert list(table["lr_critic"]) == [0.002, 0.002]
        assert not {"search-stop", "search-go-on"} & {button.key for button in app.button}
        (link,) = [link for link in app.get("page_link") if "runs" in link.proto.query_string]
        assert "runs=2%2C1" in link.proto.query_string

    def test_the_best_options_are_trained(self, open_page, home: Path) -> None:
        run = create_run(replace(CONFIG, options=VALUES), state="finished")
        put(scored(1, 20.0, run.id))
        app = press(open_page("train", search="s"), "search-best")
        assert not app.exception
        assert "search" not in app.query_params
        assert any(button.key == "start" and not button.disabled for button in app.button)
        assert app.number_input(key="gan.lr_critic").value == 0.002
        assert app.number_input(key="gan.latent").value == 32
        assert app.toggle(key="gan.generator_norm").value is False

    @pytest.mark.parametrize("lang", ["en", "zh"])
    def test_one_that_runs_shows_its_trial_and_is_stopped(self, open_page, home: Path, lang: str) -> None:
        run = create_run(CONFIG)
        write_status(run.path, replace(run.status(), state="running", progress=0.25, eta_seconds=30.0, step=2))
        put(scored(1, 20.0), trial(2, outcome="failed", why="It diverged."), trial(3, run.id))
        with holding("s", PLAN) as search, run_lock(run.path):
            app = open_page("train", lang=lang, search="s")
            assert not app.exception
            assert "25%" in html(app)
            assert ("30 s left" if lang == "en" else "还需 30 秒") in html(app)
            assert "2.25" not in html(app)
            app = press(app, "search-stop")
            assert not app.exception
            assert (search.path / STOP_FILE).exists()
            assert [button.disabled for button in app.button if button.key == "search-stop"] == [True]
        assert "It diverged." in shown(app)

    @pytest.mark.parametrize(
        ("state", "text"),
        [("running", "ended without a word"), ("paused", ""), ("failed", "The disk is full.  \nGo on")],
    )
    def test_one_that_ended_early_goes_on(self, open_page, home: Path, started, state: str, text: str) -> None:
        put(scored(1, 20.0), trial(2))
        (searches_dir() / "s" / STATE_FILE).write_text(
            f'{{"state": "{state}", "why": "The disk is full.", "updated": 1.0}}'
        )
        app = open_page("train", search="s")
        assert not app.exception
        assert text in shown(app)
        assert bool(app.error) == bool(text)
        press(app, "search-go-on")
        assert started == [["search", "--name", "s", "--queue"]]
        assert read_status("s").state == "starting"

    @pytest.mark.parametrize("lang", ["en", "zh"])
    def test_before_the_first_trial_and_where_all_failed(self, open_page, home: Path, lang: str) -> None:
        put(name="new")
        put(trial(1, outcome="failed", why="It *diverged*."), name="bad")
        for name in ("new", "bad"):
            app = open_page("train", lang=lang, search=name)
            assert not app.exception
            assert not app.error
        assert "It *diverged*." in shown(app)

    def test_one_that_is_over_can_be_deleted(self, open_page, home: Path) -> None:
        put(scored(1, 20.0))
        app = press(open_page("train", search="s"), "search-delete")
        assert not app.exception
        assert "search" not in app.query_params
        assert not (searches_dir() / "s").exists()

    @pytest.mark.parametrize("name", ["../../etc", "nobody", "A*b*"])
    def test_a_search_that_is_not_there(self, open_page, home: Path, name: str) -> None:
        app = open_page("train", search=name)
        assert not app.exception
        assert f"no search called {name}" in shown(app)
        assert any(button.key == "start" for button in app.button)
        assert "search" not in app.query_params

    def test_a_damaged_plan_is_a_sentence(self, open_page, home: Path) -> None:
        put()
        (searches_dir() / "s" / PLAN_FILE).write_text("{}")
        app = open_page("train", search="s")
        assert not app.exception
        assert "cannot be gone on with" in app.error[0].value

    def test_a_trial_whose_run_was_deleted(self, open_page, runs: Path) -> None:
        put(scored(1, 30.0, VAE), scored(2, 20.0, GAN), trial(3, "00009-digits-gan"))
        shutil.rmtree(runs / GAN)
        app = open_page("train", search="s")
        assert not app.exception
        app = press(app, "search-best")
        assert not app.exception
        assert "no run" in app.error[0].value

    def test_ways_to_a_search(self, open_page, runs: Path) -> None:
        put(scored(1, 30.0, VAE))
        assert list_searches() == ["s"]
        app = press(open_page("train", run=VAE), "to-search-s")
        assert not app.exception
        assert app.query_params["search"] == "s"
        with holding("s", PLAN):
            app = open_page("train")
            assert "search s is at work" in shown(app)
        app = form(open_page)
        app.selectbox(key="search-earlier").set_value("s").run()
        assert not app.exception
        assert "Search s" in shown(app)

    def test_the_way_back_to_a_new_training(self, open_page, home: Path) -> None:
        put()
        app = open_page("train", search="s")
        app.selectbox(key="link_search").set_value("").run()
        assert not app.exception
        assert "search" not in app.query_params
        assert any(button.key == "start" for button in app.button)
