"""Whose page it is: the cookie, the ticket, and what is said to who has none."""

from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from genlab.paths import at_home, home
from genlab.runs.store import create_run
from genlab.runs.visitors import SECRET, VisitorError, enter, new_secret
from genlab.settings import settings
from genlab.ui import visitor
from tests.helpers import config


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENLAB_MODE", "demo")
    settings.cache_clear()


def page(_request: Request) -> HTMLResponse:
    return HTMLResponse("<p>hello</p>")


def data(_request: Request) -> JSONResponse:
    return JSONResponse({})


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/", page), Route("/data", data)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(visitor.Cookies)]))


@pytest.mark.usefixtures("demo")
class TestCookies:
    def test_a_page_brings_a_secret(self, client: TestClient) -> None:
        first = client.get("/")
        assert SECRET.fullmatch(first.cookies[visitor.COOKIE])
        assert first.headers["cache-control"] == "no-store"
        assert "httponly; max-age=86400; samesite=lax" in first.headers["set-cookie"].lower()

    def test_it_lasts_from_the_last_visit_on(self, client: TestClient) -> None:
        first = client.get("/").cookies[visitor.COOKIE]
        again = client.get("/")
        assert again.headers["set-cookie"].startswith(f"{visitor.COOKIE}={first}; ")
        assert "Max-Age=86400" in again.headers["set-cookie"]
        assert again.headers["cache-control"] == "no-store"

    def test_each_visitor_gets_their_own(self, client: TestClient) -> None:
        first = client.get("/").cookies[visitor.COOKIE]
        client.cookies.clear()
        assert client.get("/").cookies[visitor.COOKIE] != first

    def test_nonsense_is_replaced(self, client: TestClient) -> None:
        client.cookies.set(visitor.COOKIE, "../../etc")
        assert "set-cookie" in client.get("/").headers

    def test_only_pages_bring_it(self, client: TestClient) -> None:
        assert "set-cookie" not in client.get("/data").headers

    def test_behind_https_it_is_for_https_alone(self, client: TestClient) -> None:
        answer = client.get("/", headers={"x-forwarded-proto": "https"})
        assert "SameSite=None; Secure; Partitioned" in answer.headers["set-cookie"]


class TestTickets:
    @pytest.mark.usefixtures("demo")
    def test_a_ticket_leads_home(self) -> None:
        ada = enter("ada")
        with at_home(ada):
            ticket = visitor.ticket()
        with visitor.with_ticket(ticket):
            assert home() == ada

    @pytest.mark.usefixtures("demo")
    @pytest.mark.parametrize(
        "change",
        [
            lambda t: t[:-1] + ("0" if t[-1] != "0" else "1"),
            lambda t: t.partition(".")[0],
            lambda t: "f" * 32 + t[32:],
            lambda t: "mine",
            lambda t: "é" + t,
            lambda t: "",
        ],
    )
    def test_no_other_ticket_leads_anywhere(self, change) -> None:
        with at_home(enter("ada")):
            ticket = visitor.ticket()
        with pytest.raises(VisitorError, match="belongs to no visitor"), visitor.with_ticket(change(ticket)):
            pass

    def test_a_single_user_needs_none(self, own_home: Path) -> None:
        assert visitor.ticket() == "mine"
        with visitor.with_ticket("whatever"):
            assert home() == own_home


@pytest.mark.usefixtures("demo")
def test_who_keeps_no_cookie_is_told(open_page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(streamlit.context), "cookies", {})
    app = open_page("overview")
    assert any("keeps no cookie" in error.value for error in app.error)


@pytest.mark.usefixtures("demo")
def test_code_that_runs_for_nobody_is_refused() -> None:
    visitor.prepare()
    with pytest.raises(VisitorError, match="for no visitor"):
        home()


def test_a_single_user_has_the_installations_home(own_home: Path) -> None:
    visitor.prepare()
    assert home() == own_home
    assert visitor.middleware() == []


@pytest.mark.parametrize(("hours", "told"), [(0.5, "0.5 hours"), (24.0, "24 hours"), (2160.0, "90 days")])
def test_how_long_a_workspace_is_kept(hours: float, told: str) -> None:
    assert visitor._idle(hours) == told


@pytest.fixture
def known(demo: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a visitor whose browser shows their cookie."""
    secret = new_secret()
    monkeypatch.setattr(type(streamlit.context), "cookies", {visitor.COOKIE: secret})
    return enter(secret)


def test_what_is_used_counts_a_run_as_soon_as_it_is_there(open_page, known: Path) -> None:
    app = open_page("samples")
    assert any("0 of 12 runs" in caption.value for caption in app.caption)
    with at_home(known):
        create_run(config())
    assert any("1 of 12 runs" in caption.value for caption in app.run().caption)


@pytest.mark.usefixtures("known")
def test_no_search_is_prepared_where_none_may_be_started(open_page) -> None:
    app = open_page("train", data="digits", model="gan")
    app.session_state["search-box"] = True
    app.run()
    assert any("runs no searches" in error.value for error in app.error)
    assert not [button for button in app.button if button.key == "search-start"]
    assert not app.multiselect
