"""Who is turned away, for how long, and who is not."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket

from genlab.runs.visitors import enter, new_secret
from genlab.settings import Settings, SettingsError, settings
from genlab.ui.serving import buckets, guard
from genlab.ui.serving.asking import address_of, is_local, kind_of
from genlab.ui.serving.buckets import Buckets
from genlab.ui.serving.guard import BEHIND_ONE_ADDRESS, Guard
from genlab.ui.serving.headers import Headers, policy
from genlab.ui.visitor import COOKIE

STREAM = "/_stcore/stream"
Set = Callable[..., None]


@pytest.fixture
def set_(monkeypatch: pytest.MonkeyPatch) -> Set:
    def put(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"GENLAB_{name}", str(value))
        settings.cache_clear()

    return put


def hello(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


def broken(_request: Request) -> PlainTextResponse:
    raise ZeroDivisionError


async def stream(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


def client(address: str = "10.1.2.3", cookie: str = "") -> TestClient:
    routes = [
        Route("/broken", broken), WebSocketRoute(STREAM, stream), Route("/{path:path}", hello, methods=["GET", "PUT"])
    ]  # fmt: skip
    app = Starlette(routes=routes, middleware=[Middleware(Headers), Middleware(Guard)])
    return asking(app, address, cookie)


def asking(app: Any, address: str, cookie: str = "") -> TestClient:
    return TestClient(
        app, raise_server_exceptions=False, client=(address, 4711), cookies={COOKIE: cookie} if cookie else {}
    )


def scope(client: str | None = "127.0.0.1", path: str = "/", kind: str = "http", **headers: str) -> dict[str, Any]:
    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    peer = (client, 4711) if client else None
    return {"type": kind, "method": "GET", "path": path, "headers": lines, "client": peer, "query_string": b""}


class TestBuckets:
    def test_a_bucket_gives_what_it_holds_and_fills_again(self) -> None:
        now = [0.0]
        asked = Buckets(2, 10.0, lambda: now[0])
        assert [asked.take("a") for _ in range(3)] == [0.0, 0.0, pytest.approx(5.0)]
        assert asked.take("b") == 0.0
        now[0] = 4.0
        assert asked.take("a") == pytest.approx(1.0)
        now[0] = 5.0
        assert asked.take("a") == 0.0
        assert asked.take("a") == pytest.approx(5.0)

    def test_it_never_holds_more_than_its_burst(self) -> None:
        now = [0.0]
        asked = Buckets(2, 10.0, lambda: now[0])
        now[0] = 1e9
        assert [bool(asked.take("a")) for _ in range(3)] == [False, False, True]

    def test_memory_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(buckets, "MOST_KEYS", 3)
        asked = Buckets(1, 10.0, lambda: 0.0)
        for key in "aabcd":
            asked.take(key)
        assert len(asked) == 3
        assert asked.take("d") > 0.0  # the newest are remembered
        assert asked.take("a") == 0.0


class TestAsking:
    @pytest.mark.parametrize(
        ("path", "kind"),
        [
            ("/", "page"), ("/latent", "page"), ("/lab/maps/t/r/k/at", "decode"), ("/metrics", "metrics"),
            ("/_stcore/metrics", "metrics"), ("/health/ready", "health"), ("/_stcore/health", "asset"),
            ("/static/js/index.js", "asset"), ("/favicon.png", "asset"), ("/media/0a.png", "asset"),
        ],
    )  # fmt: skip
    def test_what_a_request_is_for(self, path: str, kind: str) -> None:
        assert kind_of(scope(path=path)) == kind

    def test_only_this_machine_is_local_and_no_proxy_on_it(self) -> None:
        assert is_local(scope("127.0.0.1"))
        assert is_local(scope("::1"))
        assert not is_local(scope("10.0.0.1"))
        assert not is_local(scope(None))
        for name in ("x_forwarded_for", "forwarded", "x_real_ip", "via"):
            assert not is_local(scope("127.0.0.1", **{name: "127.0.0.1"}))

    def test_only_our_proxies_are_believed(self, set_: Set) -> None:
        claimed = {"x_forwarded_for": "6.6.6.6, 1.2.3.4, 10.0.0.7"}
        assert address_of(scope("10.0.0.8", **claimed)) == "10.0.0.8"
        set_(SERVER__PROXIES='["10.0.0.0/24"]')
        assert address_of(scope("10.0.0.8", **claimed)) == "1.2.3.4"
        assert address_of(scope("10.0.1.8", **claimed)) == "10.0.1.8"
        assert address_of(scope("10.0.0.8", x_forwarded_for="nonsense")) == "unknown"
        assert address_of(scope("10.0.0.8")) == "10.0.0.8"

    def test_a_home_is_one_address(self) -> None:
        assert address_of(scope("2001:db8::1")) == address_of(scope("2001:db8::ffff:1")) == "2001:db8::"
        assert address_of(scope("::ffff:10.0.0.1")) == "10.0.0.1"

    @given(st.text(max_size=40), st.text(max_size=60))
    def test_whatever_is_claimed_there_is_an_address(self, client: str, claimed: str) -> None:
        lines = [(b"x-forwarded-for", claimed.encode("utf-8", "replace"))]
        assert address_of({**scope(client), "headers": lines})


class TestLimits:
    @pytest.mark.parametrize(
        ("setting", "method", "path"),
        [("DECODES", "GET", "/lab/maps/t/r/k/at"), ("UPLOADS", "PUT", "/_stcore/upload_file/1/2")],
    )
    def test_too_much_is_refused_with_the_time_to_wait(self, set_: Set, setting: str, method: str, path: str) -> None:
        set_(**{f"SERVER__{setting}": 3})
        visitor = client()
        assert [visitor.request(method, path).status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = visitor.request(method, path, headers={"Accept-Language": "zh-CN"})
        assert 1 <= int(refused.headers["retry-after"]) <= 20
        assert refused.json() == {"error": "请求太频繁了，请稍候再试。"}
        assert refused.headers["x-content-type-options"] == "nosniff"
        assert visitor.get("/").status_code == 200
        assert asking(visitor.app, "10.9.9.9").request(method, path).status_code == 200

    def test_files_that_the_server_holds_leave_room(self, set_: Set, monkeypatch: pytest.MonkeyPatch) -> None:
        set_(SERVER__MEGABYTES=300)
        visitor, path = client(), "/_stcore/upload_file/1/2"
        assert visitor.put(path, content=b"few").status_code == 200
        monkeypatch.setattr(guard, "_held", lambda: 200 * guard.MB)
        assert visitor.put(path, content=b"few").status_code == 200
        refused = visitor.put(path, content=b"0" * 8, headers={"Content-Length": str(101 * guard.MB)})
        assert refused.status_code == 503
        assert refused.json()["error"].startswith("The server holds as many files as it can")
        assert visitor.put(path, content=iter([b"of no length"])).status_code == 503  # as large as may be, then
        assert visitor.delete(path).status_code == 405  # the test's own route; not refused

    def test_files_on_their_way_count_too(self, set_: Set) -> None:
        set_(SERVER__MEGABYTES=1)
        answers = []

        async def app(_scope: Any, _receive: Any, _send: Any) -> None:
            answers.append(door._refusal(second, "upload"))

        door = Guard(app)
        size = {"content_length": str(600 * 1024)}
        first, second = ({**scope("10.0.0.1", "/_stcore/upload_file/1/2", **size), "method": "PUT"} for _ in range(2))
        asyncio.run(door(first, None, None))  # type: ignore[arg-type]
        assert answers[0] is not None
        assert answers[0].status_code == 503
        assert door._refusal(second, "upload") is None
        assert door.coming == 0

    def test_visitors_are_told_apart_by_their_cookies(self, set_: Set) -> None:
        set_(MODE="demo", SERVER__DECODES=2)
        ada = client(cookie=new_secret())
        assert [ada.get("/lab/x").status_code for _ in range(3)] == [200, 200, 429]
        assert asking(ada.app, "10.1.2.3", new_secret()).get("/lab/x").status_code == 200

    def test_people_who_signed_in_are_told_apart_too(self, set_: Set) -> None:
        set_(MODE="team", SERVER__DECODES=1)
        app = client().app
        for person in ("ada", "bob"):
            tab = TestClient(app, client=("10.1.2.3", 4711), cookies={"_streamlit_user": f"signed {person}"})
            assert [tab.get("/lab/x").status_code for _ in range(2)] == [200, 429]

    def test_ever_new_cookies_help_nobody(self, set_: Set) -> None:
        set_(MODE="demo", SERVER__DECODES=2)
        app = client().app
        answers = [asking(app, "10.1.2.3", new_secret()).get("/lab/x").status_code for _ in range(25)]
        assert answers == [200] * 2 * BEHIND_ONE_ADDRESS + [429] * 5

    def test_connections_are_refused_too(self, set_: Set) -> None:
        set_(SERVER__SOCKETS=1)
        visitor = client()
        with visitor.websocket_connect(STREAM) as socket:
            socket.send_text("hello")
            assert socket.receive_text() == "hello"
        with pytest.raises(WebSocketDenialResponse) as refused, visitor.websocket_connect(STREAM):
            pass
        assert refused.value.status_code == 429
        assert int(refused.value.headers["retry-after"]) == 60
        assert "content-security-policy" in refused.value.headers

    def test_a_full_server_says_so(self, set_: Set) -> None:
        set_(SERVER__SESSIONS=1)
        visitor = client()
        with visitor.websocket_connect(STREAM):
            page = visitor.get("/", headers={"Accept": "text/html"})
            assert page.status_code == 503
            assert page.text == "There are as many visitors here as this server takes. Come back in a moment."
            assert visitor.get("/_stcore/health").status_code == 200
            with pytest.raises(WebSocketDenialResponse) as refused, visitor.websocket_connect(STREAM):
                pass
            assert refused.value.status_code == 503
        assert visitor.get("/").status_code == 200
        with visitor.websocket_connect(STREAM):
            pass

    def test_one_address_does_not_take_all(self, set_: Set) -> None:
        set_(SERVER__SESSIONS_EACH=1)
        visitor = client()
        with visitor.websocket_connect(STREAM):
            with pytest.raises(WebSocketDenialResponse), visitor.websocket_connect(STREAM):
                pass
            with asking(visitor.app, "10.9.9.9").websocket_connect(STREAM):
                pass

    def test_new_workspaces_are_rarer_than_visits(self, set_: Set) -> None:
        set_(MODE="demo", SERVER__WORKSPACES=1)
        app = client().app
        known = new_secret()
        enter(known)
        with asking(app, "10.1.2.3", new_secret()).websocket_connect(STREAM):
            pass
        with pytest.raises(WebSocketDenialResponse), asking(app, "10.1.2.3", new_secret()).websocket_connect(STREAM):
            pass
        with asking(app, "10.1.2.3", known).websocket_connect(STREAM):
            pass


class TestHeaders:
    def test_an_answer_that_failed_has_them_too(self) -> None:
        answer = client().get("/broken")
        assert answer.status_code == 500
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "ZeroDivision" not in answer.text

    def test_https_is_remembered_by_https_alone(self) -> None:
        assert "strict-transport-security" not in client().get("/").headers
        answer = client().get("/", headers={"x-forwarded-proto": "https"})
        assert answer.headers["strict-transport-security"] == "max-age=31536000"

    def test_frames_are_ours_alone_unless_set(self, set_: Set) -> None:
        assert policy(()).endswith("frame-ancestors 'self'")
        set_(SERVER__FRAMES='["https://huggingface.co", "https://*.hf.space"]')
        shown = client().get("/").headers["content-security-policy"]
        assert shown.endswith("frame-ancestors 'self' https://huggingface.co https://*.hf.space")

    @pytest.mark.parametrize(
        "frame", ["*", "huggingface.co", "https://a.b; script-src *", "https://a b", "https://a/b"]
    )
    def test_no_other_words_get_into_the_policy(self, set_: Set, frame: str) -> None:
        set_(SERVER__FRAMES=f'["{frame}"]')
        with pytest.raises(SettingsError, match="frames"):
            settings()

    def test_scripts_are_those_of_streamlits_page(self) -> None:
        assert len(re.findall(r"'sha256-[A-Za-z0-9+/]{43}='", policy(()))) == 1
        assert "unsafe-eval" not in policy(()).replace("wasm-unsafe-eval", "")


def test_uploads_and_foreign_requests_are_bounded_by_streamlit() -> None:
    import tomllib

    config = tomllib.loads((Path(__file__).parents[3] / ".streamlit" / "config.toml").read_text("utf-8"))["server"]
    assert config["enableXsrfProtection"] is True
    assert config["enableCORS"] is True
    assert config["maxUploadSize"] <= 200
    assert "enableAgentApi" not in config


def test_settings_hide_the_token() -> None:
    assert "0123456789abcdef" not in repr(Settings(metrics={"token": "0123456789abcdef"}))
