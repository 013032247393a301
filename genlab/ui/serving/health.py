"""What a container's engine, a load balancer or a person asks: is the server there, and can it do its work?

::

    GET health/live     {"live": true}: the process answers
    GET health/ready    {"ready": true, "checks": {"home": "ok", ...}}, or 503 and, in place of "ok", what is wrong
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from genlab.installation.readiness import readiness
from genlab.ui.serving.asking import base
from genlab.ui.serving.kept import kept_for

KEPT_SECONDS: Final = 2.0
NOT_KEPT: Final = {"Cache-Control": "no-store"}


def routes() -> list[Route]:
    """The routes, for the one application of this process."""
    return [Route(f"{base()}/health/live", live), Route(f"{base()}/health/ready", ready)]


async def live(_request: Request) -> JSONResponse:
    """The event loop turns."""
    return JSONResponse({"live": True}, headers=NOT_KEPT)


def ready(_request: Request) -> JSONResponse:
    """Runs can be kept and trained."""
    checks = _checks()
    well = all(told == "ok" for told in checks.values())
    return JSONResponse({"ready": well, "checks": checks}, 200 if well else 503, NOT_KEPT)


@kept_for(KEPT_SECONDS)
def _checks() -> dict[str, str]:
    return {found.name: "ok" if found.level == "ok" else found.told for found in readiness()}
