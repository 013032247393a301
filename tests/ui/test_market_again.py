"""An experiment run again from the Market page; what a page starts does nothing here."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from genlab.market import again
from genlab.market.experiments import experiments
from genlab.market.keeping import PLAN_FILE, STEPS_FILE, folder_of
from genlab.market.results import Result, result, store
from genlab.runs import conducted
from genlab.ui.i18n import catalogue, translate
from tests.ui.conftest import Open
from tests.ui.test_market import LANGUAGES, shown

pytestmark = pytest.mark.usefixtures("home")
EXPERIMENT = experiments()["sharpness"]


def measured(seeds: int) -> Result:
    """A result whose values are the seeds' numbers and one, in 10 s an arm and seed."""
    values = {arm.key: tuple(1.0 + seed for seed in range(seeds)) for arm in EXPERIMENT.arms}
    seconds = 10.0 * seeds * len(EXPERIMENT.arms)
    return Result(
        EXPERIMENT.key, EXPERIMENT.fingerprint, tuple(range(seeds)), values, 10, seconds, {}, "2026-01-01", ""
    )


def duration_of(lang: str) -> str:
    """Of two seeds, at 10 s an arm and seed."""
    minutes, seconds = divmod(20 * len(EXPERIMENT.arms), 60)
    if not minutes:
        return translate(lang, "common.unit.seconds", n=seconds)
    if not seconds:
        return translate(lang, "common.unit.minutes", n=minutes)
    return translate(lang, "common.unit.minutes_seconds", m=minutes, s=seconds)


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    calls: list[list[str]] = []

    def spawn(arguments: list[str], _log: Path) -> subprocess.Popen[bytes]:
        calls.append(arguments)
        return subprocess.Popen(["true"])

    monkeypatch.setattr(conducted, "spawn", spawn)
    store(EXPERIMENT, measured(5), tmp_path)
    monkeypatch.setattr(result, "__defaults__", (tmp_path,))
    return calls


def page(open_page: Open, lang: str = "en"):
    return open_page("market", lang=lang, section="measured", entry=EXPERIMENT.key)


def bar(app) -> str:
    return "".join(e.proto.body for e in app.get("html") if "progressbar" in e.proto.body)


@LANGUAGES
def test_it_tells_the_time_and_starts(open_page: Open, started: list[list[str]], lang: str) -> None:
    app = page(open_page, lang)
    assert translate(lang, "market_again.takes_measured", time=duration_of(lang)) in shown(app)
    app.button(key=f"again_start_{EXPERIMENT.key}").click().run()
    assert started == [["market", "run", EXPERIMENT.key, "--seeds", "0", "1"]]
    assert catalogue(lang)["market_again.starting"] in shown(app)
    app.button(key=f"again_stop_{EXPERIMENT.key}").click().run()
    assert again.is_stopping(EXPERIMENT)
    assert app.button(key=f"again_stop_{EXPERIMENT.key}").disabled


@LANGUAGES
@pytest.mark.parametrize(
    ("state", "why", "told"),
    [("running", "", "died"), ("paused", "", "paused"), ("failed", "The run {} is stopped.", "failed_hint")],
)
def test_how_it_ended_and_where_it_goes_on(open_page: Open, state, why, told, lang: str) -> None:
    folder = folder_of(EXPERIMENT)
    folder.mkdir(parents=True)
    plan = {"fingerprint": EXPERIMENT.fingerprint, "seeds": [0, 1, 2], "drawn": 10, "commit": ""}
    (folder / PLAN_FILE).write_text(json.dumps(plan))
    arm = EXPERIMENT.arms[0].key
    step = {"arm": arm, "seed": 0, "run": "", "outcome": "measured", "value": 1.5, "seconds": 2.0}
    (folder / STEPS_FILE).write_text(json.dumps(step) + "\n")
    conducted.write(folder, conducted.Standing(state, why))
    app = open_page("market", lang=lang, section="measured", entry=EXPERIMENT.key)
    assert not app.exception
    text = shown(app) + "".join(one.value for one in app.error)
    assert catalogue(lang)[f"market_again.{told}"] in text
    assert app.button(key=f"again_start_{EXPERIMENT.key}").label == catalogue(lang)["market_again.go_on"]
    assert f"1 / {3 * len(EXPERIMENT.arms)}" in bar(app).replace(" of ", " / ")


@LANGUAGES
def test_ones_own_result_stands_beside_the_stored_one(open_page: Open, lang: str) -> None:
    first, second, *_ = (arm.key for arm in EXPERIMENT.arms)
    mine = measured(2)
    mine = replace(mine, values={**mine.values, second: (90.0, 91.0)}, runs={first: ("00001-x", "00002-x")})
    store(EXPERIMENT, mine, folder_of(EXPERIMENT))
    text = shown(page(open_page, lang))
    known = catalogue(lang)
    assert text.count(known["market_again.same"]) >= len(EXPERIMENT.arms) - 1
    assert known["market_again.differs"] in text


def test_a_file_that_is_none_is_no_result(open_page: Open) -> None:
    folder_of(EXPERIMENT).mkdir(parents=True)
    (folder_of(EXPERIMENT) / f"{EXPERIMENT.key}.json").write_text("{}")
    assert catalogue("en")["market_again.own"] not in shown(page(open_page))
