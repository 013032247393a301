"""What the server does when it starts and when it ends.

Trainings and computations belong to processes of their own, which outlive it. Where they would not, as in a container,
which ends with its first process, they are asked to end before it does (the setting ``stop_workers``).
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from genlab.errors import GenlabError
from genlab.paths import at_home, root
from genlab.runs.processes import STARTED_BY, end_started
from genlab.settings import settings
from genlab.ui.startup import warm_up

log = logging.getLogger("genlab.ui")

GRACE_SECONDS: Final = 8.0
"""How long they may take. A worker gives itself six seconds, and a container is given ten by default."""


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Put in order what a crash left when the server starts, and end with what it started where that is wished.

    A shared server is up once it has loaded what is slow to load, so that its first visitor does not wait for that.
    """
    if settings().mode != "single":
        await asyncio.to_thread(warm_up)
    os.environ[STARTED_BY] = mark = secrets.token_hex(16)
    threading.Thread(target=_go_on, name="genlab-mending", daemon=True).start()
    yield
    if settings().stop_workers:
        await asyncio.to_thread(end_started, mark, GRACE_SECONDS)


def _go_on() -> None:
    """Mend what a crash left, and let somebody train what waits, whether or not a page is open."""
    from genlab.runs.mending import mend  # slow to import: torch
    from genlab.runs.worker import ensure_workers

    try:
        mend()
        with at_home(root()):
            ensure_workers()
    except GenlabError as error:
        log.error("%s", error)
    except Exception:
        log.exception("What a crash left cannot be put in order")
