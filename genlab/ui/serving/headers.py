"""Headers by which browsers keep strangers' scripts and frames out of every answer.

The content security policy allows what Streamlit's page needs and no more: its own scripts and the one that stands in
its HTML, by its hash; components, which it loads from ``blob:``; WebAssembly, with which its messages' long numbers are
read, but no text that becomes a script; and styles in the page, which its widgets are made of.
Nothing is fetched from another server.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genlab.settings import settings
from genlab.ui.visitor import is_secure

HTML: Final = Path(streamlit.__file__).parent / "static" / "index.html"
YEAR: Final = 365 * 24 * 3600

FIXED: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # addresses name runs
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), usb=()",
}


class Headers:
    """Puts the headers on every answer, that to a request which failed among them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.fixed = {**FIXED, "Content-Security-Policy": policy(settings().server.frames)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        begun = False

        async def marked(message: Message) -> None:
            nonlocal begun
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in self.fixed.items():
                    headers[name] = value
                if is_secure(scope):
                    headers["Strict-Transport-Security"] = f"max-age={YEAR}"
            await send(message)

        try:
            await self.app(scope, receive, marked)
        except Exception:
            if scope["type"] == "http" and not begun:  # what Starlette would answer, but with the headers
                await PlainTextResponse("Internal Server Error", 500)(scope, receive, marked)
            raise


def policy(frames: Sequence[str]) -> str:
    """The content security policy; `frames` are other sites that may show the pages within theirs."""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' blob: 'wasm-unsafe-eval' {' '.join(_inline_scripts())}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' data: blob:",
            "media-src 'self' data: blob:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            " ".join(("frame-ancestors 'self'", *frames)),
        )
    )


@cache
def _inline_scripts() -> list[str]:
    """The hashes of the scripts that stand in Streamlit's page."""
    scripts = re.findall(r"<script>(.*?)</script>", HTML.read_text(encoding="utf-8"), re.DOTALL)
    hashes = [hashlib.sha256(script.encode()).digest() for script in scripts]
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in hashes]
