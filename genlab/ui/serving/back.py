"""Leads whoever signs in back to the page on which they pressed the button; Streamlit leads everybody to the first one.

The page's address comes as ``Referer`` with the request that leaves for the provider, and waits in a cookie until the
provider sends the browser back. Only a path on this server is followed, whoever wrote the cookie.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genlab.ui.serving.asking import base
from genlab.ui.visitor import is_secure

COOKIE: Final = "genlab_back"
SECONDS: Final = 900
"""To sign in within."""
PLACE: Final = re.compile(r"/(?!/)[!-\[\]-~]{0,2000}")
"""A path and a query in printable signs: no second slash or backslash, by which browsers would name another server."""


class Back:
    """Keeps the address of a page while its visitor is at the provider."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = str(scope.get("path", "")).removeprefix(base())
        if scope["type"] != "http" or path not in ("/auth/login", "/oauth2callback"):
            await self.app(scope, receive, send)
            return
        leaves = path == "/auth/login"
        place = _page(scope) if leaves else _kept(scope)

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start" and place:
                headers = MutableHeaders(scope=message)
                if not leaves and "location" in headers:
                    headers["location"] = place
                headers.append("set-cookie", _cookie(place if leaves else "", is_secure(scope)))
            await send(message)

        await self.app(scope, receive, marked)


def _page(scope: Scope) -> str:
    """The page of this server that a request comes from; empty where it comes from elsewhere."""
    headers = HTTPConnection(scope).headers
    try:
        asked = urlsplit(headers.get("referer", ""))
    except ValueError:
        return ""
    place = f"{asked.path}?{asked.query}" if asked.query else asked.path
    return place if asked.netloc == headers.get("host") and PLACE.fullmatch(place) else ""


def _kept(scope: Scope) -> str:
    place = unquote(HTTPConnection(scope).cookies.get(COOKIE, ""))
    return place if PLACE.fullmatch(place) else ""


def _cookie(place: str, secure: bool) -> str:
    seconds = SECONDS if place else 0
    kind = "; Secure" if secure else ""
    return f"{COOKIE}={quote(place, safe='')}; Path={base() or '/'}; HttpOnly; SameSite=Lax; Max-Age={seconds}{kind}"
