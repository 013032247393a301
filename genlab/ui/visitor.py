"""Whose page this is: on a shared installation each visitor has a home of their own (:mod:`genlab.runs.visitors`).

In the mode ``demo`` a visitor is known by a cookie that the first page sets, in the mode ``team`` by the address with
which they signed in. Code that runs for no visitor, such as a thread of its own, has no home and is refused: a mistake
ends in an error, and never in somebody else's runs.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st
from filelock import FileLock
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.scriptrunner import get_script_run_ctx

from genlab.paths import ask_for_home, at_home, atomic_write_bytes, home, root
from genlab.runs.quotas import allowed, megabytes
from genlab.runs.store import list_runs
from genlab.runs.visitors import FOLDER, SECRET, VisitorError, enter, new_secret, visitors_dir
from genlab.settings import settings
from genlab.ui import team
from genlab.ui.i18n import t

COOKIE: Final = "genlab_visitor"
SECRET_FILE: Final = ".secret"  # noqa: S105 - the name of a file
SINGLE: Final = "mine"
"""The ticket where there is a single user."""


def prepare() -> None:
    """From now on each page works in its visitor's home; nothing changes where there is a single user."""
    if settings().mode != "single":
        ask_for_home(_home)


def middleware() -> list[Middleware]:
    """What the server puts before its pages in this mode."""
    return [Middleware(Cookies)] if settings().mode == "demo" else []


def workspace() -> None:
    """Tell what the visitor has used of what they may use; nothing where nothing is limited."""
    most = allowed()
    if most is None:
        return
    st.caption(
        t("visitor.workspace", runs=len(list_runs()), most_runs=most.runs, size=f"{_megabytes(home()):.0f}",
          most_size=most.megabytes, minutes=f"{most.minutes:g}", idle=_idle(most.idle_hours))
    )  # fmt: skip
    if settings().mode == "team":
        team.sign_out()


def _idle(hours: float) -> str:
    days = hours / 24
    return t("visitor.days", n=f"{days:.3g}") if days >= 2 else t("visitor.hours", n=f"{hours:g}")


@st.cache_data(ttl=10.0, max_entries=1000, show_spinner=False)
def _megabytes(folder: Path) -> float:
    return megabytes(folder)


def _home() -> Path:
    if get_script_run_ctx(suppress_warning=True) is None:
        raise VisitorError("This part of the program runs for no visitor, and so has no runs to show.")
    if settings().mode == "team":
        address = team.address()
        return enter(f"team:{address}", address)
    known_by = st.context.cookies.get(COOKIE, "")
    if not SECRET.fullmatch(known_by):
        raise VisitorError(
            "Your browser keeps no cookie of this site, by which your runs are told from others'. Allow it, and "
            "open the page again."
        )
    return enter(known_by)


class Cookies:
    """Gives a cookie with a secret to whoever opens a page, the same again to who has one.

    So it lasts from the last visit on, as the workspace does.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", _cookie(_shown(scope) or new_secret(), is_secure(scope)))
                    headers["cache-control"] = "no-store"  # a kept page would share its visitor's secret
            await send(message)

        await self.app(scope, receive, marked)


def is_secure(scope: Scope) -> bool:
    """Whether the browser speaks to us by https, be it by way of a proxy."""
    connection = HTTPConnection(scope)
    return "https" in (connection.url.scheme, connection.headers.get("x-forwarded-proto", "").split(",")[0].strip())


def _shown(scope: Scope) -> str:
    """The secret that a browser shows; empty where it shows none."""
    secret = HTTPConnection(scope).cookies.get(COOKIE, "")
    return secret if SECRET.fullmatch(secret) else ""


def _cookie(secret: str, secure: bool) -> str:
    # Within another site's frame, as on Hugging Face, browsers send none but a cookie of this kind, and only by https.
    kind = "SameSite=None; Secure; Partitioned" if secure else "SameSite=Lax"
    seconds = round(settings().limits.idle_hours * 3600)
    return f"{COOKIE}={secret}; Path=/; HttpOnly; Max-Age={seconds}; {kind}"


def ticket() -> str:
    """What lets the browser ask the routes for what is in this page's home; part of their addresses."""
    if settings().mode == "single":
        return SINGLE
    name = home().name
    return f"{name}.{_signed(name)}"


@contextmanager
def with_ticket(shown: str) -> Iterator[None]:
    """Meanwhile work in the home that a ticket is for.

    Raises
    ------
    VisitorError
        It is no ticket of this installation.
    """
    if settings().mode == "single":
        yield
        return
    name, _, signature = shown.partition(".")
    if not FOLDER.fullmatch(name) or not hmac.compare_digest(signature.encode(), _signed(name).encode()):
        raise VisitorError("This address belongs to no visitor. Open the page again.")
    with at_home(visitors_dir() / name):
        yield


def _signed(name: str) -> str:
    return hmac.new(_secret(), name.encode(), "sha256").hexdigest()


@cache
def _secret() -> bytes:
    """The installation's own secret, made once."""
    path = root() / SECRET_FILE
    root().mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f"{SECRET_FILE}.lock")):
        if not path.exists():
            atomic_write_bytes(path, secrets.token_bytes(32))
            path.chmod(0o600)
    return path.read_bytes()
