"""What the server counts of itself while it works. Labels are few and known beforehand: never runs, never visitors."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The times at which each number began: twice the lines, and nobody reads them.
disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY: Final = CollectorRegistry()
SESSIONS: Final = Gauge("genlab_sessions", "Pages that are open.", registry=REGISTRY)
REQUESTS: Final = Counter(
    "genlab_requests", "Requests, by what they were for and how they ended.", ("route", "status"), registry=REGISTRY
)
RERUNS: Final = Histogram(
    "genlab_rerun_seconds",
    "Runs of a page's script, whole or of a part that refreshes by itself.",
    ("page", "part"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.6, 1.0, 2.5, 10.0),
    registry=REGISTRY,
)

ROOM: Final = 10
"""Open pages that refresh as often as they like. With more of them each does so less often, all as often as these."""

_open = 0
_timed: ContextVar[str] = ContextVar("_timed", default="")
"""The page whose script is timed at the moment."""


SESSIONS.set_function(lambda: _open)


@contextmanager
def session() -> Iterator[None]:
    """Meanwhile one page more is open; for the event loop's thread alone."""
    global _open  # noqa: PLW0603
    _open += 1
    try:
        yield
    finally:
        _open -= 1


def paced(seconds: float) -> float:
    """How long a page waits between two looks, that would wait so long alone."""
    return seconds * max(1.0, _open / ROOM)


def page() -> str:
    """The key of the page whose script runs here; empty outside of pages."""
    return _timed.get()


@contextmanager
def rerun(page: str, part: str) -> Iterator[None]:
    """Time what runs meanwhile; what runs within it is part of it."""
    if _timed.get():
        yield
        return
    token = _timed.set(page)
    start = time.perf_counter()
    try:
        yield
    finally:
        RERUNS.labels(page, part).observe(time.perf_counter() - start)
        _timed.reset(token)


def counted(app: ASGIApp, kind: str) -> ASGIApp:
    """`app`, with its answer counted: by route where there is one of ours, by the kind of request else."""

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                REQUESTS.labels(_route(scope, kind), str(message["status"])).inc()
            await send(message)

        await app(scope, receive, watched)

    return counting


def _route(scope: Scope, kind: str) -> str:
    path = getattr(scope.get("route"), "path", "")
    return path if kind in ("decode", "health") and path else kind
