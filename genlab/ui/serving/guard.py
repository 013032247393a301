"""Turns away what is too much: requests, open pages, files, new workspaces, from one visitor or one address.

A visitor is known by their cookie, somebody who signed in by that of the sign-in. Whoever asks with ever new cookies is
known by their address, which may ask for ten times as much, since many people may sit behind one. What is refused is
answered 429, or 503 where the server is full, with ``Retry-After``; Streamlit's page then tries to connect again by
itself. What a page asks for over its open connection is never refused, only taken up more slowly.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import re
from collections import Counter
from typing import Final

import streamlit as st
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from streamlit.runtime import Runtime
from streamlit.runtime.stats import CacheStat
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from genlab.runs.visitors import SECRET, name_of, visitors_dir
from genlab.settings import settings
from genlab.ui.i18n import translate
from genlab.ui.serving import measures, metrics
from genlab.ui.serving.asking import Kind, address_of, kind_of
from genlab.ui.serving.buckets import Buckets
from genlab.ui.visitor import COOKIE

MINUTE, HOUR = 60.0, 3600.0
MB: Final = 1024 * 1024
BEHIND_ONE_ADDRESS: Final = 10
MESSAGES_A_MINUTE: Final = 1200
"""What one open page may ask for: more than hands that drag sliders do."""
FULL_SECONDS: Final = 30


class Guard:
    """Lets requests through that are within the limits, and counts all."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        server = settings().server
        often: dict[Kind, int] = {"socket": server.sockets, "decode": server.decodes, "upload": server.uploads}
        self.of_visitors = {kind: Buckets(most, MINUTE) for kind, most in often.items()}
        self.of_addresses = {kind: Buckets(most * BEHIND_ONE_ADDRESS, MINUTE) for kind, most in often.items()}
        self.new_workspaces = Buckets(server.workspaces, HOUR)
        self.open: Counter[str] = Counter()
        self.coming = 0
        """Bytes of files that are on their way."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        kind = kind_of(scope)
        refusal = self._refusal(scope, kind)
        if scope["type"] == "websocket":
            await self._connect(refusal, scope, receive, send)
        else:
            size = _size(scope) if kind == "upload" and refusal is None else 0
            self.coming += size
            try:
                await measures.counted(self.app if refusal is None else refusal, kind)(scope, receive, send)
            finally:
                self.coming -= size

    def _refusal(self, scope: Scope, kind: Kind) -> Response | None:
        """What is answered to a request that is too much; None where it is not."""
        server = settings().server
        if kind == "metrics":
            return metrics.refusal(scope)
        address = address_of(scope)
        full = self.open.total() >= server.sessions
        if kind == "page" and full:  # a page that could not connect would tell nobody why
            return _refused(scope, "common.full", FULL_SECONDS, 503)
        if kind == "socket" and (full or self.open[address] >= server.sessions_each):
            return _refused(scope, "common.full", FULL_SECONDS, 503)
        if kind == "upload" and _held() + self.coming + _size(scope) > server.megabytes * MB:
            return _refused(scope, "common.files", FULL_SECONDS, 503)
        wait = self._wait(scope, kind, address)
        return _refused(scope, "common.often", wait, 429) if wait else None

    def _wait(self, scope: Scope, kind: Kind, address: str) -> float:
        """Seconds until a request may be made; 0 where that is now, which is then counted."""
        if kind not in self.of_addresses:
            return 0.0
        shown = _shown(scope)
        wait = self.of_visitors[kind].take(_key(shown or address)) or self.of_addresses[kind].take(address)
        if not wait and kind == "socket" and _is_new(shown):
            wait = self.new_workspaces.take(address)
        return wait

    async def _connect(self, refusal: Response | None, scope: Scope, receive: Receive, send: Send) -> None:
        if refusal is not None:
            measures.REQUESTS.labels("socket", str(refusal.status_code)).inc()
            await receive()  # the wish to connect
            await WebSocket(scope, receive, send).send_denial_response(refusal)
            return
        address = address_of(scope)
        asked = Buckets(MESSAGES_A_MINUTE, MINUTE)

        async def slowly() -> Message:
            if wait := asked.take(address):
                await asyncio.sleep(wait)
            return await receive()

        self.open[address] += 1
        measures.REQUESTS.labels("socket", "101").inc()
        try:
            with measures.session():
                await self.app(scope, slowly, send)
        finally:
            self.open[address] -= 1
            self.open += Counter()  # drops addresses of which none is open


def _held() -> int:
    """Bytes of files that pages have sent, which Streamlit keeps in memory until they are closed."""
    if not Runtime.exists():
        return 0
    known = Runtime.instance().uploaded_file_mgr.get_stats()
    return sum(stat.byte_length for stats in known.values() for stat in stats if isinstance(stat, CacheStat))


def _size(scope: Scope) -> int:
    """Bytes of a request by what it says, to which it is held; the most that one may have where it says none."""
    said = HTTPConnection(scope).headers.get("content-length", "")
    return int(said) if re.fullmatch("[0-9]{1,15}", said) else int(st.get_option("server.maxUploadSize")) * MB


def _shown(scope: Scope) -> str:
    """The cookie that a visitor is known by, or a person who signed in; empty where there is none.

    It may be made up: what asks with ever new ones is held by the limits of its address.
    """
    cookies = HTTPConnection(scope).cookies
    if settings().mode == "team":
        return cookies.get(USER_COOKIE_NAME, "")
    secret = cookies.get(COOKIE, "")
    return secret if settings().mode == "demo" and SECRET.fullmatch(secret) else ""


def _is_new(shown: str) -> bool:
    """Whether a workspace would be made for who shows this cookie; those of people who sign in are not counted."""
    return settings().mode == "demo" and bool(shown) and not (visitors_dir() / name_of(shown)).exists()


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _refused(scope: Scope, text: str, seconds: float, status: int) -> Response:
    headers = {"Retry-After": str(math.ceil(seconds)), "Cache-Control": "no-store"}
    asked = HTTPConnection(scope).headers
    sentence = translate("zh" if asked.get("accept-language", "").startswith("zh") else "en", text)
    if "text/html" in asked.get("accept", ""):
        return PlainTextResponse(sentence, status, headers)
    return JSONResponse({"error": sentence}, status, headers)
