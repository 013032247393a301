"""What the server answers besides the pages: pictures of places of a map, too many and too fast for a script's rerun.

::

    GET lab/maps/{ticket}/{run}/{key}/at?x=&y=
        {"picture": "data:image/png;base64,...", "error": 1.25, "density": -7.5}, the numbers null where there are none
    GET lab/maps/{ticket}/{run}/{key}/lattice?left=&right=&bottom=&top=&across=&down=
        a PNG of across x down pictures without gaps, row by row from the top: the middles of the cells

The ticket says in whose home the run is (:mod:`genlab.ui.visitor`).
What cannot be answered ends in ``{"error": "a sentence"}``, in the language that the header ``Accept-Language`` begins
with, and a status that says whose fault it is.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import math
import re
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from genlab.errors import GenlabError
from genlab.ui import visitor
from genlab.ui.errors import said
from genlab.ui.i18n import translate
from genlab.ui.latent import loading

if TYPE_CHECKING:
    from genlab.latent.decode import Place
    from genlab.latent.result import Projection
    from genlab.runs.maps import Map

log = logging.getLogger("genlab.ui")

MOST_CELLS: Final = 24 * 24
MOST_WAITING: Final = 16
"""Requests that may be under way; visitors whose browsers ask at each move of the mouse need no more."""
FOR_GOOD: Final = {"Cache-Control": "private, max-age=31536000, immutable"}
"""A map's key names its weights and all that decides it, so an answer never changes."""
NOT_KEPT: Final = {"Cache-Control": "no-store"}

Answer = Callable[[Request], Response]

_served = threading.Event()
_room = asyncio.Semaphore(MOST_WAITING)


class BadValueError(GenlabError):
    """A value in an address is missing or makes no sense; the message names it."""


def serve() -> list[Route]:
    """The routes, for the one application of this process."""
    _served.set()
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    maps = f"{'/' + base if base else ''}/lab/maps/{{ticket}}/{{run}}/{{key}}"
    return [
        Route(f"{maps}/at", _answered(_at), methods=["GET"]),
        Route(f"{maps}/lattice", _answered(_lattice), methods=["GET"]),
    ]


def of_map(wanted: Map, made: Projection) -> str:
    """The address below which places of a map are decoded, relative to every page; empty where they cannot be.

    What is slow the first time begins in the background meanwhile, so that the first place asked for comes at once.
    """
    from genlab.latent.decode import can_decode

    if made.spec.dims != 2 or not can_decode(made) or not _served.is_set():
        return ""
    _warm_up(wanted.key, wanted, made)
    return f"lab/maps/{visitor.ticket()}/{wanted.run.id}/{wanted.key}"


@st.cache_resource(max_entries=64, show_spinner=False)
def _warm_up(key: str, _wanted: Map, _made: Projection) -> None:  # noqa: ARG001  # what the cache goes by
    """Have the thread that decodes decode one place of a map, once; an error waits for the one who asks for a place."""
    _decoding.submit(lambda: _look(_wanted, _made, *_made.coords[0].tolist()))


def _look(wanted: Map, made: Projection, x: float, y: float) -> Place:
    from genlab.latent.decode import look

    return look(made, loading.model(wanted), x, y)


def _answered(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """Let `answer` run beside the event loop, one at a time, and its errors end in sentences."""

    async def endpoint(request: Request) -> Response:
        if _room.locked():  # never waited for, so it is bound to no event loop
            return _sorry(translate(_language(request), "canvas.busy"), 503)
        async with _room:
            return await asyncio.get_running_loop().run_in_executor(_decoding, _guarded, answer, request)

    return endpoint


def _guarded(answer: Answer, request: Request) -> Response:
    from genlab.latent.spec import LatentError
    from genlab.runs.store import RunError
    from genlab.runs.visitors import VisitorError

    try:
        with visitor.with_ticket(request.path_params["ticket"]):
            return answer(request)
    except BadValueError as error:  # no page asks so, and whoever does reads English
        return _sorry(str(error), 400)
    except GenlabError as error:
        faults = {VisitorError: 403, RunError: 404, LatentError: 422}
        status = next((code for kind, code in faults.items() if isinstance(error, kind)), 500)
        return _sorry(said(error, _language(request)), status)
    except Exception:  # the last resort before a bare "Internal Server Error"
        log.exception("A request failed: %s", answer.__name__)  # its address holds a ticket
        return _sorry(translate(_language(request), "common.fault"), 500)


def _language(request: Request) -> str:
    return "zh" if request.headers.get("accept-language", "").startswith("zh") else "en"


def _sorry(sentence: str, status: int) -> Response:
    return JSONResponse({"error": sentence}, status, NOT_KEPT)


def _at(request: Request) -> Response:
    from genlab.data.grid import png_bytes, tile

    x, y = _number(request, "x"), _number(request, "y")
    wanted, made = _map(request)
    place = _look(wanted, made, x, y)
    picture = base64.b64encode(png_bytes(tile(place.picture[None]))).decode()
    return JSONResponse(
        {"picture": f"data:image/png;base64,{picture}", "error": place.error, "density": place.density},
        headers=FOR_GOOD,
    )


def _lattice(request: Request) -> Response:
    from genlab.data.grid import MAX_SIDE, png_bytes, tile
    from genlab.latent.decode import lattice

    left, right, bottom, top = (_number(request, name) for name in ("left", "right", "bottom", "top"))
    if not (left < right and bottom < top):
        raise BadValueError("left must be less than right, and bottom less than top.")
    across, down = _count(request, "across"), _count(request, "down")
    wanted, made = _map(request)
    height, width = made.images.shape[2:]
    if across * down > MOST_CELLS or max(across * width, down * height) > MAX_SIDE:
        raise BadValueError(f"That are too many pictures: {MOST_CELLS} at most, and {MAX_SIDE} pixels a side.")
    cells = lattice(made, loading.model(wanted), (left, right, bottom, top), (across, down))
    return Response(png_bytes(tile(cells, across)), media_type="image/png", headers=FOR_GOOD)


def _map(request: Request) -> tuple[Map, Projection]:
    wanted, made = loading.found(request.path_params["run"], request.path_params["key"])
    if made.spec.dims != 2:
        raise BadValueError("Only places of maps in two dimensions are decoded.")
    return wanted, made


def _number(request: Request, name: str) -> float:
    try:
        value = float(request.query_params[name])
    except (KeyError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise BadValueError(f"{name} must be a finite number.")
    return value


def _count(request: Request, name: str) -> int:
    typed = request.query_params.get(name, "")
    if not re.fullmatch(r"[1-9][0-9]{0,2}", typed):
        raise BadValueError(f"{name} must be a whole number from 1 on.")
    return int(typed)


def _alone() -> None:
    """Keep the decoding thread on one core: small models gain nothing from more, and others want theirs."""
    import torch
    from threadpoolctl import ThreadpoolController

    torch.get_num_threads()  # asked first: a thread's first use of torch would set the number anew
    ThreadpoolController().limit(limits=1)


_decoding = ThreadPoolExecutor(1, "genlab-decode", _alone)
