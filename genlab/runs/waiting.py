"""The order in which runs that wait are trained, and how long that takes.

First each visitor's first run, in the order in which they were queued, then each one's second, and so on: who queues
many runs delays nobody's first. With a single user that is simply first come, first served. A run that the system
interrupted keeps its place, so it comes before those that came after it.
"""

from __future__ import annotations

import heapq
import math
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from genlab.errors import GenlabError
from genlab.paths import at_home
from genlab.runs import visitors
from genlab.runs.quotas import most_seconds
from genlab.runs.status import Status
from genlab.runs.store import Run, list_runs


@dataclass(frozen=True)
class Place:
    """Where a run stands in the queue.

    Attributes
    ----------
    ahead
        Runs that come before it, those that train among them.
    seconds
        About how long until its turn; None where that cannot be told.
    """

    ahead: int
    seconds: float | None


def queued() -> list[Run]:
    """Runs that wait, in the order of their turns, of all homes."""
    return _in_order(_live_by_home())


def place(run: Run, slots: int) -> Place:
    """Where a run that waits stands, when so many train at once."""
    live_by_home = _live_by_home()
    order = _in_order(live_by_home)
    paths = [each.path for each in order]
    before = order[: paths.index(run.path)] if run.path in paths else order
    training = [status for live in live_by_home for _, status in live if status.state == "running"]
    to_go = [status.eta_seconds for status in training]
    return Place(len(training) + len(before), _seconds(to_go, [_budget(each) for each in before], slots))


def forget_homes_at_rest() -> None:
    """Let no worker look again into homes in which nothing waits or trains, until something does."""
    for folder in visitors.live_homes()[1:]:
        visitors.forget_live(folder)
        with at_home(folder):
            if live_runs():
                visitors.note_live()


def _live_by_home() -> list[list[tuple[Run, Status]]]:
    found = []
    for folder in visitors.live_homes():
        with at_home(folder):
            found.append(live_runs())
    return found


def _in_order(live_by_home: list[list[tuple[Run, Status]]]) -> list[Run]:
    ranked = []
    for live in live_by_home:
        waiting = sorted(((status.queued_at, run.number), run.path) for run, status in live if status.state == "queued")
        training = len(live) - len(waiting)
        ranked += [(training + i, *entry) for i, entry in enumerate(waiting)]
    return [Run(path) for *_, path in sorted(ranked)]


def live_runs() -> list[tuple[Run, Status]]:
    """Runs of this home that wait or train, the oldest first; none that is damaged, or deleted meanwhile."""
    found = []
    for run in reversed(list_runs()):
        with suppress(GenlabError):
            if (status := run.status()).is_live:
                found.append((run, status))
    return found


@lru_cache(maxsize=10_000)
def _minutes(folder: Path) -> float | None:
    """What a run's configuration says, which never changes: where hundreds wait, to read all of them takes a second."""
    return Run(folder).config.minutes


def _budget(run: Run) -> float | None:
    """Seconds that a run will take; None where its budget is not one of time."""
    minutes = _minutes(run.path)
    with at_home(run.path.parent.parent):
        most = most_seconds()
    return most if minutes is None else min(60.0 * minutes, math.inf if most is None else most)


def _seconds(to_go: list[float | None], budgets: list[float | None], slots: int) -> float | None:
    """When the first slot is free after those that train, with so many seconds to go, and those that wait."""
    if any(seconds is None for seconds in (*to_go, *budgets)):
        return None
    ends = [seconds or 0.0 for seconds in to_go] + [0.0] * (slots - len(to_go))
    heapq.heapify(ends)
    for budget in budgets:
        heapq.heapreplace(ends, ends[0] + (budget or 0.0))
    return ends[0]
