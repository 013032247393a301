"""What becomes of a training whose process is asked to end: a person interrupts it, or the system goes down."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from genlab.runs.session import Session

GRACE_SECONDS = 6.0
"""How long a worker that is told to end may take to save its run. Containers are given ten seconds by default."""

Handler = Callable[[int, FrameType | None], Any]


@contextmanager
def pausing_on_signals(session: Session) -> Iterator[None]:
    """While it lasts, being asked to end (Ctrl-C, shutdown) pauses the run; asking twice insists."""
    with _handling(signal.SIGINT, _pausing(session)), _handling(signal.SIGTERM, _pausing(session)):
        yield


@contextmanager
def requeueing_on_shutdown(session: Session) -> Iterator[None]:
    """While it lasts, SIGTERM, by which a system that goes down ends a worker, puts the run back into the queue.

    What was trained is saved first. Where that takes longer than some seconds, the process ends all the same, and the
    run goes on from its last checkpoint. Ctrl-C pauses the run, and insists the second time.
    """
    late = threading.Timer(GRACE_SECONDS, _give_up, (session,))
    late.daemon = True

    def requeue(_number: int, _frame: FrameType | None) -> None:
        if session.interrupted != "queued":  # it may be told so by several, all of which mean the same
            session.interrupted = "queued"
            late.start()

    with _handling(signal.SIGINT, _pausing(session)), _handling(signal.SIGTERM, requeue):
        try:
            yield
        finally:
            late.cancel()


def _give_up(session: Session) -> None:
    session.abandon()
    os._exit(0)


def _pausing(session: Session) -> Handler:
    def handle(number: int, _frame: FrameType | None) -> None:
        if session.interrupted:
            raise KeyboardInterrupt(number)
        session.interrupted = "paused"

    return handle


@contextmanager
def _handling(number: signal.Signals, handler: Handler) -> Iterator[None]:
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)
