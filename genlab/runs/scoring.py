"""Scores while a training goes on, in a process of their own: ``python -m genlab evaluate``, at low priority.

The training shares nothing with it but the run's folder. A quick score is started after a checkpoint, one at a time
and so seldom that together they take no more than a twentieth of the training's time; a full one when the training
ends. A scoring that dies leaves nothing behind but its missing line.

Light to import: who waits for its turn to score should be small.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from genlab.paths import runs_dir

log = logging.getLogger(__name__)

SLOT_LOCK = ".scoring.lock"
LOG_FILE = "scoring.log"
SHARE = 0.05
"""Of the training's time, for all quick scores together."""
FIRST_SECONDS = 8.0
"""What the first quick score is taken to cost, before it has been measured."""


@contextmanager
def scoring_slot(waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """One scoring at a time on this machine: each fills a core, and training wants the others.

    Parameters
    ----------
    waiting
        Called where another one is at work.
    """
    runs_dir().mkdir(parents=True, exist_ok=True)
    lock = FileLock(runs_dir() / SLOT_LOCK, is_singleton=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        waiting()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
