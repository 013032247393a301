"""What the server answers besides the pages, and what every request passes on its way to them.

Requests pass :class:`~genlab.ui.serving.headers.Headers`, which puts security headers on every answer,
:class:`~genlab.ui.serving.guard.Guard`, which turns away what is too much, in the mode ``demo`` the cookies of
:mod:`genlab.ui.visitor`, and in the mode ``team`` :class:`~genlab.ui.serving.back.Back`, which remembers the page that
somebody signs in from.
"""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from genlab.settings import settings
from genlab.ui import routes as maps
from genlab.ui import visitor
from genlab.ui.navigation import ENTRIES
from genlab.ui.serving import health, metrics
from genlab.ui.serving.asking import base
from genlab.ui.serving.back import Back
from genlab.ui.serving.guard import Guard
from genlab.ui.serving.headers import Headers
from genlab.ui.serving.life import lifespan
from genlab.ui.serving.logs import begin as begin_log

__all__ = ["begin_log", "lifespan", "middleware", "routes"]


def routes() -> list[Route]:
    """All addresses beside the pages, for the one application of this process."""
    return [*maps.serve(), *health.routes(), *metrics.routes(), Route(f"{base()}/{ENTRIES[0].key}", first_page)]


def first_page(request: Request) -> RedirectResponse:
    """The first page has an empty path; by its name, as the others are found, Streamlit would not know it."""
    query = request.url.query
    return RedirectResponse(f"./?{query}" if query else "./")


def middleware() -> list[Middleware]:
    """What the server puts before its pages, the outermost first."""
    back = [Middleware(Back)] if settings().mode == "team" else []
    return [Middleware(Headers), Middleware(Guard), *visitor.middleware(), *back]
