"""Who signs in is led back to the page they came from, and nowhere else."""

from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from genlab.ui.serving.back import COOKIE, Back

HERE = "http://testserver"


def leave(_request: Request) -> RedirectResponse:
    return RedirectResponse("https://provider.example/authorize", 302)


def first_page(_request: Request) -> RedirectResponse:
    return RedirectResponse("/", 302)


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/auth/login", leave), Route("/oauth2callback", first_page), Route("/auth/logout", first_page)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Back)]), HERE, follow_redirects=False)


@pytest.mark.parametrize(
    "place", ["/train?run=shared-abc_DEF-123&lang=zh", "/latent", "/?run=00001-digits-vae", "/a%20b?c=%E4%B8"]
)
def test_a_page_waits_for_who_signs_in(client: TestClient, place: str) -> None:
    left = client.get("/auth/login?provider=x", headers={"referer": HERE + place})
    assert left.headers["location"] == "https://provider.example/authorize"
    assert "HttpOnly; SameSite=Lax; Max-Age=900" in left.headers["set-cookie"]
    assert client.get("/oauth2callback?state=x").headers["location"] == place
    assert COOKIE not in client.cookies
    assert client.get("/oauth2callback?state=x").headers["location"] == "/"


@pytest.mark.parametrize(
    "referer",
    [
        "",
        "https://evil.example/train",
        f"{HERE}.evil.example/train",
        f"{HERE}//evil.example",
        f"{HERE}/\\evil.example",
        "http://[",
        HERE,
    ],
)
def test_no_other_server_is_a_page_of_ours(client: TestClient, referer: str) -> None:
    assert "set-cookie" not in client.get("/auth/login", headers={"referer": referer}).headers


@pytest.mark.parametrize(
    "place",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nX: y", "/\t/evil.example", "", "/" * 3000],
)
def test_a_cookie_that_somebody_else_wrote_leads_nowhere(client: TestClient, place: str) -> None:
    client.cookies.set(COOKIE, quote(place, safe=""))
    assert client.get("/oauth2callback").headers["location"] == "/"


def test_by_https_it_is_for_https_alone(client: TestClient) -> None:
    headers = {"referer": "https://testserver/train", "x-forwarded-proto": "https"}
    assert client.get("/auth/login", headers=headers).headers["set-cookie"].endswith("; Secure")


def test_other_answers_are_left_alone(client: TestClient) -> None:
    client.cookies.set(COOKIE, quote("/train", safe=""))
    assert client.get("/auth/logout").headers["location"] == "/"
