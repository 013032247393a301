"""Numbers for the operator, as Prometheus reads them: ``GET metrics``.

A program of this machine may read them, unless it is a proxy; everybody else needs the token of the settings. The same
holds for the numbers that Streamlit tells of itself at ``_stcore/metrics``.
"""

from __future__ import annotations

import hmac
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final, get_args

import psutil
from prometheus_client import CONTENT_TYPE_LATEST, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from genlab import __version__
from genlab.errors import GenlabError
from genlab.paths import at_home, root
from genlab.runs.disk import free_bytes
from genlab.runs.status import State
from genlab.runs.store import list_runs
from genlab.runs.visitors import visitors
from genlab.runs.waiting import queued
from genlab.settings import settings
from genlab.ui.serving.asking import base, is_local
from genlab.ui.serving.kept import kept_for
from genlab.ui.serving.measures import REGISTRY

KEPT_SECONDS: Final = 15.0
"""Looking through all runs takes a moment where there are thousands."""
BROKEN: Final = "unreadable"


def routes() -> list[Route]:
    """The route, for the one application of this process."""
    return [Route(f"{base()}/metrics", metrics)]


def refusal(scope: Scope) -> Response | None:
    """What is answered to who may not read the numbers; None to who may."""
    token = settings().metrics.token
    if is_local(scope):
        return None
    if token is None:
        return PlainTextResponse("Set a token (metrics.token) to read this from elsewhere.", 403)
    shown = HTTPConnection(scope).headers.get("authorization", "")
    if hmac.compare_digest(shown.encode(), f"Bearer {token.get_secret_value()}".encode()):
        return None
    return PlainTextResponse("This takes the token of the settings.", 401, {"WWW-Authenticate": "Bearer"})


def metrics(_request: Request) -> Response:
    """All numbers."""
    return Response(generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})


class Installation(Collector):
    """What is read from the disk and from the system when someone asks."""

    def collect(self) -> Iterator[Metric]:
        """All families of numbers."""
        yield from _families()

    def describe(self) -> list[Metric]:
        """Nothing, lest the disk be read when the program starts."""
        return []


@kept_for(KEPT_SECONDS)
def _families() -> list[Metric]:
    info = InfoMetricFamily("genlab", "Versions.")
    info.add_metric([], {"version": __version__, "torch": version("torch"), "mode": settings().mode})
    runs = GaugeMetricFamily("genlab_runs", "Runs, by state.", labels=["state"])
    for state, count in _states().items():
        runs.add_metric([state], count)
    waiting = _waiting()
    processes = GaugeMetricFamily("genlab_processes", "Processes of this installation here.", labels=["kind"])
    memory = GaugeMetricFamily("genlab_resident_memory_bytes", "What they hold in memory.", labels=["kind"])
    for kind, sizes in _processes().items():
        processes.add_metric([kind], len(sizes))
        memory.add_metric([kind], sum(sizes))
    oldest = time.time() - min(waiting, default=time.time())
    return [
        info,
        runs,
        processes,
        memory,
        GaugeMetricFamily("genlab_queue_runs", "Runs that wait for a worker.", len(waiting)),
        GaugeMetricFamily("genlab_queue_oldest_seconds", "How long the oldest of them waits.", max(0.0, oldest)),
        GaugeMetricFamily("genlab_workspaces", "Visitors who have a workspace.", len(visitors())),
        GaugeMetricFamily("genlab_disk_free_bytes", "Free where runs are kept.", free_bytes()),
    ]


def _states() -> Counter[str]:
    """How many runs of all homes are in each state."""
    counts: Counter[str] = Counter(dict.fromkeys((*get_args(State), BROKEN), 0))
    for home in (root(), *visitors()):
        with at_home(home):
            for run in list_runs():
                try:
                    counts[run.status().state if run.problem is None else BROKEN] += 1
                except GenlabError:  # deleted or damaged this moment
                    counts[BROKEN] += 1
    return counts


def _waiting() -> list[float]:
    """Since when each run waits that does, in Unix seconds."""
    since = []
    for run in queued():
        with suppress(GenlabError):
            since.append(run.status().updated)
    return since


def _processes() -> dict[str, list[int]]:
    """Bytes that each process of this installation holds in memory, by what it does."""
    found: dict[str, list[int]] = {"server": [psutil.Process().memory_info().rss], "worker": [], "job": []}
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            words = process.cmdline()
            if words[1:3] == ["-m", "genlab"] and process.pid != os.getpid() and _is_ours(process):
                found["worker" if words[3:4] == ["worker"] else "job"].append(process.memory_info().rss)
    return found


def _is_ours(process: psutil.Process) -> bool:
    environment = process.environ()
    chosen = environment.get("GENLAB_ROOT") or environment.get("GENLAB_HOME")
    return Path(chosen or process.cwd()).expanduser().resolve() == root()


REGISTRY.register(Installation())
ProcessCollector(registry=REGISTRY)
