"""The server's log: one form for all, and nothing in it that opens a door."""

import asyncio
import io
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from genlab.paths import at_home
from genlab.runs.visitors import enter, name_of, visitors
from genlab.settings import settings
from genlab.ui import visitor
from genlab.ui.serving.logs import JSON, TEXT, Line, redacted
from tools.dashboard import served
from tools.visiting import Page, Seen, Visitor

# Of the kinds that the program makes, and always the same: tests that run side by side have to be called alike.
SECRET = "-Iqd1IJwXQRubBYlA-j-xG-rGctYwr1Ft_zmO8FYhYk"
TICKET = f"{'bc311a6eb49c6cc8' * 2}.{'3facf465702c6e33' * 4}"
SHARED = "iHJ3E9q7XGrklLg76kBxaftn0aYJAIsJ"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger whose lines are ours, and what it has written."""
    before = logging.getLogRecordFactory()
    logging.setLogRecordFactory(Line)
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter(TEXT))
    logger = logging.getLogger("tests.of.logs")
    logger.propagate = False
    logger.handlers[:] = [handler]
    yield logger, written
    logging.setLogRecordFactory(before)


def as_json(logger: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENLAB_LOG", "json")
    settings.cache_clear()
    logger.handlers[0].setFormatter(logging.Formatter(JSON))


@pytest.mark.parametrize(
    ("text", "hidden", "left"),
    [
        (f"cookie genlab_visitor={SECRET}; Path=/", SECRET, "cookie"),
        (f"{{'genlab_visitor': '{SECRET}'}}", SECRET, "genlab_visitor"),
        ("Cookie: _streamlit_user=abc; other=def", "abc", "Cookie: [secret]"),
        ("Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz", "Authorization: "),
        ("sent Bearer s3cr3t-token here", "s3cr3t-token", "Bearer [secret] here"),
        (f"A request failed: /lab/maps/{TICKET}/00001-digits-vae/k/at", TICKET, "/lab/maps/[ticket]/00001-digits-vae"),
        (f"/train?run=shared-{SHARED}&lang=en", SHARED, "/train?run=shared-[secret]&lang=en"),
        ("GET /oauth2callback?code=abc123&state=xyz789 done", "abc123", "/oauth2callback?code=[secret]&state=[secret]"),
        ("{'client_secret': 'hush', 'client_id': 'me'}", "hush", "'client_id': 'me'"),
        ('{"id_token": "hush"}', "hush", "id_token"),
        ("got eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl from them", "c2lnbmF0dXJl", "got [secret] from them"),
        ("ada.lovelace@example.org signed in", "lovelace", "[address] signed in"),
        (f"in visitors/{name_of(SECRET)}/runs", name_of(SECRET), f"in visitors/{name_of(SECRET)[:8]}/runs"),
    ],
)
def test_secrets_are_taken_out(text: str, hidden: str, left: str) -> None:
    assert hidden not in redacted(text)
    assert left in redacted(text)


@pytest.mark.parametrize(
    "text", ["The run 00012-mnist-dcgan is finished at step 200.", "state=running code 12 in genlab/ui/serving/logs.py"]
)
def test_the_rest_stays(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize("sign", ["a", "-", "a@", "eyJ-", "'token", " cookie"])
def test_a_long_line_costs_no_more_than_its_length(sign: str) -> None:
    def seconds(length: int) -> float:
        start = time.thread_time()
        redacted(sign * (length // len(sign)))
        return time.thread_time() - start

    assert seconds(40_000) < 40 * seconds(4_000) + 0.5  # a search for an address that is none took 30 s of it


def test_the_operators_token_is_a_secret_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENLAB_METRICS__TOKEN", "correct horse battery")
    settings.cache_clear()
    assert redacted("they sent correct horse battery") == "they sent [secret]"


def test_arguments_and_tracebacks_hold_none(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, written = log
    try:
        raise ValueError(f"no such ticket: {TICKET}")
    except ValueError:
        logger.exception("failed for %s", SECRET)
    told = written.getvalue()
    assert SECRET not in told
    assert TICKET not in told
    assert "ValueError: no such ticket: [ticket]" in told
    assert "Traceback" in told


def test_a_line_of_json_is_one_line(
    log: tuple[logging.Logger, io.StringIO], monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    logger, written = log
    as_json(logger, monkeypatch)
    monkeypatch.setenv("GENLAB_MODE", "demo")
    settings.cache_clear()
    visitor.prepare()
    with at_home(enter(SECRET)):
        try:
            raise ValueError("two\nlines")
        except ValueError:
            logger.exception("The run 00012-mnist-dcgan failed: %s", "é\n中文")
    logger.warning("For nobody")
    first, second = map(json.loads, written.getvalue().splitlines())
    assert first["level"] == "ERROR"
    assert first["logger"] == "tests.of.logs"
    assert first["message"] == "The run 00012-mnist-dcgan failed: é\n中文"
    assert first["run"] == 12
    assert first["visitor"] == name_of(SECRET)[:8]
    assert first["trace"].endswith("ValueError: two\nlines")
    assert first["time"].endswith("+00:00")
    assert set(second) == {"time", "level", "logger", "message"}


async def drawn(tab: Visitor, page: Page) -> None:
    """Open a page, and leave it once it is there."""
    before = len(tab.seen.pages)
    staying = asyncio.create_task(tab.stay([page], 600.0))
    while len(tab.seen.pages) == before and not staying.done():
        await asyncio.sleep(0.05)
    staying.cancel()
    await asyncio.wait([staying])
    assert len(tab.seen.pages) > before, tab.seen.errors


@pytest.mark.slow
def test_a_server_in_use_logs_no_secret(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_home.mkdir()
    for name, value in {
        "GENLAB_MODE": "demo", "GENLAB_LOG": "json", "GENLAB_METRICS__TOKEN": "correct horse battery",
        "STREAMLIT_LOGGER_LEVEL": "debug",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    seen = Seen()

    async def use(url: str) -> str:
        tab = Visitor(url, seen)
        await tab.arrive()
        for page in (Page("overview"), Page("train", {"run": f"shared-{SHARED}"})):
            await drawn(tab, page)
        for path in (f"/lab/maps/{TICKET}/00001-a/b/at?x=0&y=0", f"/nowhere?code={SHARED}&token={SHARED}", "/metrics"):
            await tab.get(path, {"Authorization": "Bearer correct horse battery"})
        stranger = Visitor(url, Seen())
        stranger.origin = "http://elsewhere.example"
        await stranger.arrive()
        await stranger.stay([Page("overview")], 2.0)
        await stranger.leave()
        await tab.leave()
        return tab.cookie

    with served(own_home) as server:
        cookie = asyncio.run(use(server.url))
    (home,) = visitors()
    told = (own_home / "server.log").read_text("utf-8")
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    assert {"streamlit.web.server.starlette.starlette_websocket"} <= {line["logger"] for line in lines}
    assert any(line.get("visitor") == home.name[:8] for line in lines)
    with at_home(home):
        ticket = visitor.ticket()
    assert not any(line["logger"] == "uvicorn.access" for line in lines)
    for secret in (cookie, home.name, ticket, TICKET, SHARED, "correct horse battery"):
        assert secret not in told
    after = told[told.index("\n{") :].splitlines()  # what Streamlit prints before the application is there is text
    assert [line for line in after if line.strip() and not line.startswith("{") and "URL" not in line] == []
