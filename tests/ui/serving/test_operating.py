"""Health and numbers: what whoever watches the server is told, and who is told nothing."""

import re
from contextlib import ExitStack
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from genlab.runs.store import create_run
from genlab.runs.visitors import enter
from genlab.settings import settings
from genlab.ui import serving
from genlab.ui.serving import health, measures, metrics
from genlab.ui.serving.guard import Guard
from tests.helpers import config

TOKEN = "a token of sixteen letters or more"


@pytest.fixture(autouse=True)
def computed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test finds was not computed for the test before."""
    monkeypatch.setattr(metrics, "_families", metrics._families.__wrapped__)
    monkeypatch.setattr(health, "_checks", health._checks.__wrapped__)


def client(address: str = "127.0.0.1") -> TestClient:
    app = Starlette(routes=[*health.routes(), *metrics.routes()], middleware=[Middleware(Guard)])
    return TestClient(app, client=(address, 4711))


def numbers(text: str) -> dict[str, float]:
    """All numbers, by name and labels."""
    return {
        f"{sample.name}{''.join(f' {value}' for value in sample.labels.values())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_first_page_is_found_by_its_name_too() -> None:
    browser = TestClient(Starlette(routes=serving.routes()), follow_redirects=False)
    for asked, found in (("/overview", "./"), ("/overview?lang=zh&run=a%20b", "./?lang=zh&run=a%20b")):
        answer = browser.get(asked)
        assert (answer.status_code, answer.headers["location"]) == (307, found)


class TestHealth:
    def test_a_server_lives(self) -> None:
        assert client("10.0.0.1").get("/health/live").json() == {"live": True}

    def test_a_server_is_ready(self, own_home: Path) -> None:
        answer = client("10.0.0.1").get("/health/ready")
        assert answer.status_code == 200
        assert answer.json() == {"ready": True, "checks": dict.fromkeys(("settings", "home", "disk", "workers"), "ok")}
        assert answer.headers["cache-control"] == "no-store"
        assert list(own_home.iterdir()) == []  # nothing stays behind

    def test_a_home_that_cannot_be_written_is_told(self, own_home: Path) -> None:
        own_home.write_text("a file")
        answer = client("10.0.0.1").get("/health/ready")
        assert answer.status_code == 503
        assert answer.json()["ready"] is False
        assert answer.json()["checks"]["home"].startswith("It cannot be written")
        assert str(own_home) not in answer.text

    def test_a_full_disk_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GENLAB_LIMITS__FREE_MEGABYTES", "10000000")
        settings.cache_clear()
        answer = client().get("/health/ready")
        assert answer.status_code == 503
        assert re.fullmatch(r"[\d,]+ MB are free, 10,000,000 are to be\.", answer.json()["checks"]["disk"])

    def test_workers_that_would_not_start_are_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GENLAB_WORKERS", "many")
        assert client().get("/health/ready").json()["checks"]["workers"] == "None would start."


class TestMetrics:
    @pytest.mark.parametrize("path", ["/metrics", "/_stcore/metrics"])
    def test_strangers_and_proxies_are_told_nothing(self, path: str) -> None:
        assert client("10.0.0.1").get(path).status_code == 403
        assert client().get(path, headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403

    @pytest.mark.parametrize("shown", ["", "Bearer", f"Bearer {TOKEN}x", f"bearer {TOKEN}", TOKEN, "Bearer é"])
    def test_only_the_token_opens(self, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GENLAB_METRICS__TOKEN", TOKEN)
        settings.cache_clear()
        stranger = client("10.0.0.1")
        assert stranger.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
        refused = stranger.get("/metrics", headers={"Authorization": shown.encode()})
        assert refused.status_code == 401
        assert TOKEN not in refused.text

    def test_runs_are_counted_by_state_and_nobody_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from genlab.paths import at_home

        monkeypatch.setenv("GENLAB_MODE", "demo")
        settings.cache_clear()
        home = enter("ada")
        with at_home(home):
            create_run(config(), state="queued", title="secret plans")
            create_run(config(), state="stopped")
            broken = create_run(config(), state="stopped")
            (broken.path / "status.json").write_text("{")
        told = client().get("/metrics").text
        found = numbers(told)
        assert found["genlab_runs queued"] == 1.0
        assert found["genlab_runs stopped"] == 1.0
        assert found["genlab_runs unreadable"] == 1.0
        assert found["genlab_workspaces"] == 1.0
        assert found["genlab_disk_free_bytes"] > 0
        assert found["genlab_resident_memory_bytes server"] > 1e7
        for name in (home.name, "secret", "00001", str(home)):
            assert name not in told

    def test_the_queue_is_told(self) -> None:
        create_run(config(), state="queued")
        found = numbers(client().get("/metrics").text)
        assert found["genlab_queue_runs"] == 1.0
        assert 0.0 <= found["genlab_queue_oldest_seconds"] < 600.0

    def test_labels_stay_few_whatever_is_asked_for(self) -> None:
        asked = client()
        before = len(numbers(asked.get("/metrics").text))
        for i in range(50):
            asked.get(f"/lab/{i}")
            asked.get(f"/health/{i}")
            asked.get(f"/nothing-{i}")
        assert len(numbers(asked.get("/metrics").text)) <= before + 4


def reruns(page: str, part: str) -> float:
    labels = {"page": page, "part": part}
    samples = [sample for family in measures.RERUNS.collect() for sample in family.samples]
    return sum(each.value for each in samples if each.name.endswith("_count") and each.labels == labels)


class TestReruns:
    def test_each_is_timed_once_by_its_page(self) -> None:
        with measures.rerun("x", "page"), measures.rerun("x", "fragment"):
            assert measures.page() == "x"
        assert measures.page() == ""
        with pytest.raises(ZeroDivisionError), measures.rerun("x", "fragment"):
            raise ZeroDivisionError
        assert (reruns("x", "page"), reruns("x", "fragment")) == (1.0, 1.0)

    def test_a_page_is_timed(self, open_page) -> None:
        before = reruns("overview", "page")
        open_page("overview")
        assert reruns("overview", "page") == before + 1


class TestPace:
    def test_many_open_pages_refresh_less_often_and_all_together_as_often(self) -> None:
        with ExitStack() as stack:
            assert measures.paced(1.0) == 1.0
            for _ in range(measures.ROOM):
                stack.enter_context(measures.session())
            assert measures.paced(2.0) == 2.0
            for _ in range(2 * measures.ROOM):
                stack.enter_context(measures.session())
            assert measures.paced(2.0) == 6.0
            assert numbers(client().get("/metrics").text)["genlab_sessions"] == 3 * measures.ROOM
        assert measures.paced(2.0) == 2.0
