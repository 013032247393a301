"""Scores while a training goes on, in processes of their own: ``python -m genlab evaluate``.

The training shares nothing with them but the run's folder. Quick scores follow checkpoints, one at a time; a full one
follows the end of the training. They give way to everything else: on a single core they get some 3 % beside a training.
A scoring that is killed leaves nothing behind but its missing line.

Light to import: several processes may be waiting for their turn to score.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from genlab.errors import GenlabError
from genlab.paths import common_dir
from genlab.runs.processes import spawn

log = logging.getLogger(__name__)

SLOT_LOCK = ".scoring.lock"
LOG_FILE = "scoring.log"
THREAD = "genlab-scores"


def scores_wanted() -> bool:
    """Whether trainings are scored: ``$GENLAB_SCORES``, ``on`` by default, or ``off``.

    Raises
    ------
    GenlabError
        The variable is neither.
    """
    text = os.environ.get("GENLAB_SCORES", "on")
    if text not in ("on", "off"):
        raise GenlabError(f"GENLAB_SCORES is {text!r}, but must be on or off.")
    return text == "on"


class Scorer:
    """Starts the scorings of one training.

    Parameters
    ----------
    run_id
        Name of the run's folder.
    """

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self._running = self._failed = False

    def quick(self, step: int) -> None:
        """Score the checkpoint of a step, if the last scoring is over and did not fail; returns at once."""
        if not self._running and not self._failed:
            self._start(step, "--quick")

    def full(self, step: int) -> None:
        """Score the last checkpoint of a training, whatever else is running; returns at once."""
        self._start(step)

    def _start(self, step: int, *options: str) -> None:
        try:
            process = _spawn(["evaluate", self.run_id, "--step", str(step), *options])
        except OSError as error:
            log.warning("The checkpoint of step %d is not scored: %s.", step, error.strerror or error)
            return
        give_way(process.pid)
        self._running = True
        # It also collects the dead, which nobody else waits for.
        threading.Thread(target=self._wait, args=(process,), name=THREAD, daemon=True).start()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        self._failed = process.wait() != 0
        if self._failed:
            log.warning("A score could not be computed; %s tells why.", _log_file())
        self._running = False


def wait_for_scores() -> None:
    """Wait until all scorings are over that this process started."""
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join()


def give_way(pid: int) -> None:
    """Let a process run where nothing else wants to, as far as the system knows how."""
    with suppress(OSError):  # it may have ended already
        if sys.platform == "linux":
            os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
        elif sys.platform != "win32":
            os.setpriority(os.PRIO_PROCESS, pid, 19)


def _spawn(arguments: list[str]) -> subprocess.Popen[bytes]:
    path = _log_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    # In this session, since Linux may share the processor evenly between sessions, where low priority counts within
    # one alone.
    return spawn(arguments, path, same_session=True, OMP_NUM_THREADS="1")


def _log_file() -> Path:
    return common_dir() / ".workers" / LOG_FILE


@contextmanager
def scoring_slot(waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """One scoring at a time on this machine: each fills a core, and training wants the others.

    Parameters
    ----------
    waiting
        Called where another one is at work.
    """
    common_dir().mkdir(parents=True, exist_ok=True)
    lock = FileLock(common_dir() / SLOT_LOCK, is_singleton=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        waiting()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
