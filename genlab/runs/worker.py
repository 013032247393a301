"""The worker process: takes queued runs, oldest first, and trains them one after the other.

It belongs to no page and outlives all of them. How many may work at once is the number of slots, each a lock
file; who holds none exits. A run is claimed by its own lock, so no run is ever trained twice at a time.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from filelock import FileLock, Timeout

from genlab.errors import GenlabError
from genlab.paths import at_home, common_dir, root
from genlab.runs import disk
from genlab.runs.cluster import check_installed, conduct
from genlab.runs.processes import spawn
from genlab.runs.scoring import Scorer, scores_wanted
from genlab.runs.status import run_lock
from genlab.runs.store import Run, RunError
from genlab.runs.visitors import note_live
from genlab.runs.waiting import forget_homes_at_rest, queued
from genlab.settings import settings

log = logging.getLogger(__name__)

LINGER_SECONDS = 30.0
"""How long a worker waits for another run: one that follows soon starts without loading torch again."""

POLL_SECONDS = 0.2
TURN_SECONDS = 1.0
PROBE_SECONDS = 0.2
"""Longer than a page needs to see whether a slot is taken, for which it takes it for a moment."""

_started: list[subprocess.Popen[bytes]] = []
"""Workers that this process started. They are polled now and then, since the dead must be collected."""


def slots() -> int:
    """How many runs may train at once: ``$GENLAB_WORKERS``, by default one.

    Raises
    ------
    RunError
        The variable is no whole number from 1 to 64.
    """
    text = os.environ.get("GENLAB_WORKERS", "1")
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 64):
        raise RunError(f"GENLAB_WORKERS is {text!r}, but must be a whole number from 1 to 64.")
    return int(text)


def on_cluster() -> bool:
    """Whether a Ray cluster trains what is queued; there is then one worker, which conducts."""
    return settings().launcher == "ray"


def threads(processes: int = 1) -> int:
    """How many CPU threads each of `processes` that train one run together takes."""
    from genlab.training.device import default_threads

    return max(1, int(settings().ray.cpus)) if on_cluster() else default_threads(slots() * processes)


def ensure_workers() -> None:
    """Start a worker where runs wait and a slot is free. Cheap enough for every look at the queue.

    Raises
    ------
    GenlabError
        One of the variables that a worker reads makes no sense, or the folder of runs cannot be written.
    """
    _started[:] = [process for process in _started if process.poll() is None]
    note_live()
    if not queued():
        return
    scores_wanted()  # raises where a worker would end at once, time and again
    if on_cluster():
        check_installed()
    try:
        free = sum(not _is_taken(lock) for lock in _slot_locks())
        if free and len(_starting()) < free:
            _started.append(_spawn())
    except OSError as error:
        raise RunError(
            f"Runs wait, but nothing can be trained in {common_dir()}: {error.strerror or error}. "
            "See that it can be written."
        ) from error


def _starting() -> list[subprocess.Popen[bytes]]:
    """Workers started here that have not taken a slot yet, and so still look free."""
    taken = sum(_is_taken(lock) for lock in _slot_locks())
    return _started[taken:]


def _spawn() -> subprocess.Popen[bytes]:
    with at_home(root()):  # it works for all
        return spawn(["worker"], common_dir() / ".workers" / "worker.log")


def work(linger: float = LINGER_SECONDS, scores: bool = False) -> None:
    """Take a slot and train what is queued, until nothing has come for `linger` seconds.

    Parameters
    ----------
    scores
        Whether checkpoints are scored, each in a process of its own. Those of a search's trials never are: the
        search scores them.
    """
    from genlab.runs.mending import mend
    from genlab.training.device import be_nice

    be_nice()
    mend()
    while queued():
        slot = _take_slot()
        if slot is None:
            return
        with slot:
            (conduct if on_cluster() else _serve)(linger, scores)
        # A run that was queued while the slot was still taken found no worker: look once more without it.


def _serve(linger: float, scores: bool) -> None:
    idle_since = time.monotonic()
    given_up: set[str] = set()
    while True:
        if disk.is_low() and queued():  # what waits is begun once there is room
            idle_since = time.monotonic()
            time.sleep(disk.LOOK_SECONDS)
        elif train_next(given_up, scores):
            idle_since = time.monotonic()
        elif time.monotonic() - idle_since < linger:
            forget_homes_at_rest()
            time.sleep(POLL_SECONDS)
        else:
            return


def train_next(given_up: set[str], scores: bool = False) -> bool:
    """Claim and train the oldest run that waits and is not given up; False when there is none."""
    from genlab.runs.interrupts import requeueing_on_shutdown
    from genlab.runs.search_jobs import is_awaited
    from genlab.runs.session import Session

    for run in queued():
        if run.id in given_up:
            continue
        try:
            lock = run_lock(run.path).acquire(timeout=0)
        except Timeout:
            continue  # another worker was quicker, or a page is looking
        with lock, at_home(run.path.parent.parent):
            if not _waits(run):  # taken, stopped or deleted since we looked
                continue
            scorer = Scorer(run.id) if scores and not is_awaited(run.id) else None
            session = Session(run, scorer=scorer, from_queue=True)
            with requeueing_on_shutdown(session):
                session.train()
            if _waits(run) and not session.interrupted:
                given_up.add(run.id)  # not even its status could be written: trying at once again would not end
        if session.interrupted:
            sys.exit()
        return True
    return False


@contextmanager
def taking_turns() -> Iterator[None]:
    """Hold a slot, once no run waits for one: for trainings of this process that no worker is to disturb.

    Raises
    ------
    GenlabError
        As :func:`ensure_workers` does.
    """
    if on_cluster():  # what trains there disturbs nobody here
        yield
        return
    while True:
        ensure_workers()
        slot = None if queued() else _take_slot()
        if slot is not None:
            break
        time.sleep(TURN_SECONDS)
    with slot:
        yield


def _waits(run: Run) -> bool:
    try:
        return run.status().state == "queued"
    except GenlabError:
        return False


def _slot_locks() -> list[FileLock]:
    folder = common_dir() / ".workers"
    folder.mkdir(parents=True, exist_ok=True)
    names = ["conductor"] if on_cluster() else [f"slot-{number}" for number in range(slots())]
    return [FileLock(folder / f"{name}.lock", is_singleton=False) for name in names]


def _is_taken(lock: FileLock) -> bool:
    try:
        with lock.acquire(timeout=0):
            return False
    except Timeout:
        return True


def _take_slot() -> AbstractContextManager[object] | None:
    """A slot, free again when the context that is returned ends."""
    for lock in _slot_locks():
        with contextlib.suppress(Timeout):
            return lock.acquire(timeout=PROBE_SECONDS)
    return None
