"""The way from data to a model on a run's page: its steps, the target, what opens and what is tried next."""

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from genlab.evaluation.sheet import ScoreSheet
from genlab.runs import branching
from genlab.runs.gate import Target, read_target, write_target
from genlab.runs.scores import append_scores
from genlab.runs.status import read_status, write_status
from genlab.runs.store import list_runs
from tests.ui.test_train import press, shown

GAN = "00002-digits-gan"


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branching, "ensure_workers", lambda: None)
    monkeypatch.setattr("genlab.runs.worker.ensure_workers", lambda: None)


def scored(runs: Path, fid: float) -> None:
    tables = {"scores": {"fid": fid}, "floor": {"fid": 0.8}}
    sheet = ScoreSheet(3, "full", "digits classifier", "a" * 64, 10_000, 359, "test", 0, **tables, created=time.time())
    append_scores(runs / GAN, sheet)


def way(app) -> str:
    (found,) = (element.proto.body for element in app.get("html") if '<ol class="gl-way"' in element.proto.body)
    return found


def keys(app) -> set[str]:
    buttons = [*app.button, *app.get("download_button"), *app.get("link_button")]
    return {getattr(button, "key", "") or "" for button in buttons}


@pytest.mark.parametrize(("lang", "word"), [("en", "Preparation"), ("zh", "预处理")])
def test_the_way_is_told_without_a_target_too(open_page, runs: Path, lang: str, word: str) -> None:
    scored(runs, 12.34)
    app = open_page("train", lang=lang, run=GAN)
    assert not app.exception
    assert word in way(app)
    assert "12.34" in way(app)
    assert "0.8" in way(app)
    assert not keys(app) & {"gate-locked", "gate-download", "gate-next", "gate-score"}


def test_a_run_that_was_stopped_while_it_waited_has_done_nothing(open_page, runs: Path) -> None:
    write_status(runs / GAN, replace(read_status(runs / GAN), state="stopped", step=0))
    assert "gl-done" not in way(open_page("train", run=GAN))


def test_a_target_that_is_met_opens_the_model(open_page, runs: Path) -> None:
    scored(runs, 12.0)
    write_target(runs / GAN, Target("fid", 15.0))
    app = open_page("train", run=GAN)
    assert not app.exception
    assert "FID at most 15" in way(app)
    assert "gl-passed" in way(app)
    assert "The target is met" in shown(app)
    assert "gate-locked" not in keys(app)
    assert "python -m genlab sample 2 --step 3" in app.code[0].value


def test_a_target_that_is_missed_keeps_it_shut_and_offers_the_next_attempt(open_page, runs: Path) -> None:
    scored(runs, 12.0)
    write_target(runs / GAN, Target("fid", 10.0))
    app = open_page("train", run=GAN)
    assert "gl-failed" in way(app)
    assert "The target is missed" in shown(app)
    (locked,) = (button for button in app.button if button.key == "gate-locked")
    assert locked.disabled
    (again,) = (button for button in app.button if button.key == "gate-next")
    assert again.label == "Train as long again, from step 3"
    app = press(app, "gate-next")
    assert not app.exception
    made = list_runs()[0]
    assert app.query_params["run"] == made.id
    assert read_target(made.path) == Target("fid", 10.0)


def test_a_target_is_set_on_the_page(open_page, runs: Path) -> None:
    scored(runs, 12.0)
    app = open_page("train", run=GAN)
    next(box for box in app.number_input if box.label == "To be reached").set_value(12.5)
    app = next(button for button in app.button if button.label == "Keep").click().run()
    assert not app.exception
    assert read_target(runs / GAN) == Target("fid", 12.5)
    assert "gl-passed" in way(app)


def test_what_was_never_scored_is_scored_at_a_click(open_page, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("genlab.runs.scoring.Scorer.full", lambda self, step: asked.append((self.run_id, step)))
    write_target(runs / GAN, Target("fid", 10.0))
    app = open_page("train", run=GAN)
    assert "no full score yet" in way(app)
    assert "gate-next" not in keys(app)
    press(app, "gate-score")
    assert asked == [(GAN, 3)]


def test_while_it_trains_nothing_is_offered(open_page, runs: Path) -> None:
    scored(runs, 12.0)
    write_target(runs / GAN, Target("fid", 10.0))
    status = json.loads((runs / GAN / "status.json").read_text())
    write_status(runs / GAN, type(read_status(runs / GAN, False))(**{**status, "state": "queued"}))
    app = open_page("train", run=GAN)
    assert not app.exception
    assert not keys(app) & {"gate-next", "gate-score"}


@pytest.mark.usefixtures("home")
def test_a_run_is_started_with_a_target(open_page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genlab.runs.control.ensure_workers", lambda: None)
    app = open_page("train", data="digits", target="20")
    assert not app.exception
    app = press(app, "start")
    made = list_runs()[0]
    assert read_target(made.path) == Target("fid", 20.0)
    assert "FID at most 20" in way(app)
