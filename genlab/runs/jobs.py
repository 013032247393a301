"""What takes long is computed by a process of its own, which any page can watch, and stop.

Pages start ``python -m genlab project`` and the like; a person may type the same. What the two share is files only: no
process number is ever trusted, since the system gives it away again. A job is alive while it
holds the result's lock, and it is stopped by a file that it looks for.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

from filelock import FileLock, Timeout

from genlab.errors import GenlabError
from genlab.latent.project import Phase, Progress
from genlab.paths import atomic_write_bytes, common_dir
from genlab.runs.derived import Derived, JobStatus, Made
from genlab.runs.processes import interrupted_when, spawn
from genlab.runs.quotas import allowed, check_job, job_slots, one_at_a_time

SLOT_SECONDS = 0.2


class StoppedError(GenlabError):
    """The computation ended because someone asked for it."""


@one_at_a_time()
def start(wanted: Derived[Any]) -> None:
    """Begin to make a result in a process of its own; nothing happens where it is there or being made.

    Raises
    ------
    GenlabError
        The process cannot be started, or its files cannot be written.
    """
    if wanted.status().state in ("done", "running"):
        return
    check_job()
    try:
        wanted.lock()  # makes the folder
        wanted.file(".stop").unlink(missing_ok=True)
        wanted.file(".log").unlink(missing_ok=True)
        wanted.write(JobStatus("running", phase="waiting"))
        process = spawn(wanted.command(), wanted.file(".log"))
    except OSError as error:
        raise GenlabError(f"The computation cannot be started: {error.strerror}.") from error
    # The dead must be collected by whoever started them, and nobody else waits for this one.
    threading.Thread(target=process.wait, name="genlab-job", daemon=True).start()


def stop(wanted: Derived[Any]) -> None:
    """Ask the process that makes a result to end; it does within a second or so, and leaves nothing half."""
    if wanted.status().state == "running":
        atomic_write_bytes(wanted.file(".stop"), b"")


def run_job(wanted: Derived[Made], progress: Progress | None = None) -> Made:
    """Make a result and tell in its progress file how far it is; for the main thread of a process.

    Waits where another process is making the same, and takes over what that one leaves.

    Parameters
    ----------
    progress
        Told the same, for a progress bar.

    Raises
    ------
    StoppedError
        Someone asked for an end, here or from a page.
    GenlabError
        It cannot be made; the message says why.
    """

    def tell(fraction: float, phase: Phase, eta: float | None) -> None:
        wanted.write(JobStatus("running", fraction, phase, eta))
        if progress is not None:
            progress(fraction, phase, eta)

    with _stoppable(wanted), _locked(wanted, progress):
        try:
            with _slot():
                if wanted.is_done():
                    return wanted.load()
                made = wanted.make(tell)
        except KeyboardInterrupt:
            _write_end(wanted, JobStatus("stopped"))
            raise
        except GenlabError as error:
            _write_end(wanted, JobStatus("failed", why=str(error)))
            raise
        except BaseException as error:
            why = f"A fault in the program ended it: {type(error).__name__}: {error}"
            _write_end(wanted, JobStatus("failed", why=why))
            raise
        wanted.file(".progress.json").unlink(missing_ok=True)
        return made


def _write_end(wanted: Derived[Any], status: JobStatus) -> None:
    with contextlib.suppress(OSError, GenlabError):  # a full disk, or the run is gone: there is nowhere to tell it
        wanted.write(status)


@contextlib.contextmanager
def _locked(wanted: Derived[Any], progress: Progress | None) -> Iterator[None]:
    lock = wanted.lock()
    try:
        lock.acquire(timeout=1.0)  # longer than a page needs to see whether it is held
    except Timeout:
        if progress is not None:
            progress(0.0, "waiting", None)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _slot() -> Iterator[None]:
    """A slot of those for visitors; a page asks for one before it starts a job, so this rarely waits."""
    most = allowed()
    if most is None:
        yield
        return
    common_dir().mkdir(parents=True, exist_ok=True)
    locks = [FileLock(path, is_singleton=False) for path in job_slots(most)]
    while True:
        for lock in locks:
            with contextlib.suppress(Timeout), lock.acquire(timeout=0):
                yield
                return
        time.sleep(SLOT_SECONDS)


@contextlib.contextmanager
def _stoppable(wanted: Derived[Any]) -> Iterator[None]:
    """Meanwhile the result's stop file, or the loss of its run, interrupts the main thread as Ctrl-C does."""
    try:
        with interrupted_when(lambda: wanted.file(".stop").exists() or not wanted.run.is_there):
            yield
    except KeyboardInterrupt:
        raise StoppedError("Stopped. Nothing was kept; compute it again when you like.") from None
    finally:
        wanted.file(".stop").unlink(missing_ok=True)
