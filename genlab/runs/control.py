"""What a person can do with runs. Everything here is safe to call from several pages and terminals at once."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from filelock import Timeout

from genlab.paths import atomic_write_json
from genlab.runs import sharing
from genlab.runs.changes import changes_lock_file, changing
from genlab.runs.gate import Target, write_target
from genlab.runs.orders import (
    LR_SCALE_MAX,
    LR_SCALE_MIN,
    Command,
    read_orders,
    valid_lr_scale,
    write_orders,
)
from genlab.runs.quotas import check_waiting, one_at_a_time
from genlab.runs.status import State, lock_file, run_lock, write_status
from genlab.runs.store import TITLE_FILE, Run, RunError, check_title, create_run
from genlab.runs.worker import ensure_workers
from genlab.training.config import RunConfig

LOCK_SECONDS = 1.0
"""A page that looks at a run holds its lock for a moment; only a worker holds it for longer."""

DELETE_SECONDS = 30.0


class HeldError(RunError):
    """Another process is training the run."""


def start(config: RunConfig, title: str | None = None, target: Target | None = None) -> Run:
    """Queue a new run and see to it that a worker takes it."""
    run = create_run(config, title)
    if target is not None:
        write_target(run.path, target)
    ensure_workers()
    return run


def stop(run: Run) -> None:
    """End a run with a checkpoint and its last pictures."""
    _end(run, "stop", "stopped")


def pause(run: Run) -> None:
    """End a run for now, with a checkpoint to go on from; the next one in the queue gets its turn."""
    _end(run, "pause", "paused")


@one_at_a_time()
def resume(run: Run) -> None:
    """Queue a run again that was paused, stopped, failed or died; it goes on from its last checkpoint.

    Raises
    ------
    RunError
        It is running or queued already, or it is finished.
    """
    check_waiting()
    with _holding(run):
        status = run.status(holding=True)
        if not status.can_resume:
            raise RunError(f"This run is {status.state}; there is nothing to resume.")
        _order(run, "run")
        now = time.time()
        write_status(run.path, replace(status, state="queued", why="", updated=now, queued_at=now, tries=0))
    ensure_workers()


def set_lr_scale(run: Run, factor: float) -> None:
    """Multiply every learning rate of a run by `factor` from its next curve point on.

    Raises
    ------
    RunError
        The factor is no number from 0.01 to 100.
    """
    if not valid_lr_scale(factor):
        raise RunError(f"The factor on the learning rates lies between {LR_SCALE_MIN:g} and {LR_SCALE_MAX:g}.")
    with changing(run):
        write_orders(run.path, replace(read_orders(run.path), lr_scale=float(factor)))


def rename(run: Run, title: str) -> None:
    """Give a run a name of one's own; links and folders keep theirs.

    Raises
    ------
    RunError
        The name is empty, longer than 80 characters or of several lines.
    """
    check_title(title)
    with changing(run):
        atomic_write_json(run.path / TITLE_FILE, title.strip())


def delete(run: Run) -> None:
    """Remove a run and all that belongs to it; one that trains is stopped first.

    Raises
    ------
    RunError
        It could not be stopped in time.
    """
    _order(run, "stop")
    try:
        with run_lock(run.path).acquire(timeout=DELETE_SECONDS), changing(run):
            # Renamed first: from here on nobody sees half a run.
            sharing.end(run)
            trash = run.path.with_name(f".trash-{secrets.token_hex(6)}")
            run.path.rename(trash)
    except Timeout:
        raise HeldError("The run does not stop. Try again in a moment, or end its worker process.") from None
    shutil.rmtree(trash, ignore_errors=True)
    for lock in (lock_file(run.path), changes_lock_file(run.path)):
        with suppress(OSError):  # Windows keeps it while someone is looking
            lock.unlink()  # nobody needs it again: a run's name is given once


def _end(run: Run, command: Command, state: State) -> None:
    """Ask whoever trains the run to end it, or set the state of one that waits or is dead."""
    _order(run, command)
    try:
        with _holding(run):
            status = run.status(holding=True)
            if status.state in ("queued", "died"):
                write_status(run.path, replace(status, state=state, why="", note="", updated=time.time()))
    except HeldError:
        return  # a worker has it and will find the order at its next curve point


def _order(run: Run, command: Command) -> None:
    with changing(run):
        write_orders(run.path, replace(read_orders(run.path), command=command))


@contextmanager
def _holding(run: Run) -> Iterator[None]:
    run.check_changeable()
    try:
        lock = run_lock(run.path).acquire(timeout=LOCK_SECONDS)
    except Timeout:
        raise HeldError("This run is being trained at the moment.") from None
    except OSError as error:
        raise run.unwritable(error) from error
    with lock:
        try:
            yield
        except OSError as error:
            raise run.unwritable(error) from error
