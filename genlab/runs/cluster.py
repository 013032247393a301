"""Trains queued runs on a Ray cluster instead of in worker processes of this machine.

One process of the installation conducts: it asks Ray for a task for each run that waits. A task, once Ray has found a
node with the processors and GPUs that it wants, trains the run whose turn it is at that moment. So Ray decides where
runs train and how many at once, up to ``$GENLAB_WORKERS``, and our own queue decides which is next: it is as fair as on
one machine. All else goes by way of the run's folder, on a file system that all nodes share: pages see no difference.

A run whose node or process dies is put back into the queue, as that of a worker on this machine is, and goes on from
its last checkpoint wherever Ray finds room. Tasks end with the process that conducts; the next one puts them back.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import time
from pathlib import Path
from typing import Any

from genlab.paths import common_dir, home, root
from genlab.runs import disk
from genlab.runs.status import SILENT_SECONDS
from genlab.runs.store import RunError
from genlab.runs.waiting import forget_homes_at_rest, queued
from genlab.settings import settings

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
RETRY_SECONDS = 10.0
OWN = ("GENLAB_CACHE", "GENLAB_METRICS__TOKEN")
"""Settings that nodes of the cluster are not told: where this machine keeps data sets, and the operator's secret."""


def check_installed() -> None:
    """See that Ray is there.

    Raises
    ------
    RunError
        It is not.
    """
    if importlib.util.find_spec("ray") is None:
        raise RunError(
            "Runs are to be trained by Ray, which is not installed. Install requirements-cluster.txt, or set "
            "GENLAB_LAUNCHER to local."
        )


def conduct(linger: float, scores: bool) -> None:
    """Have what is queued trained, until nothing has come for `linger` seconds.

    Parameters
    ----------
    scores
        Whether checkpoints are scored, on the node that trains, beside what Ray counts.

    Raises
    ------
    RunError
        Ray is not installed.
    """
    check_installed()
    import ray

    _mark().touch()
    while not _connected(settings().ray.address):
        time.sleep(RETRY_SECONDS)
    _mark().unlink(missing_ok=True)
    try:
        Conductor(scores).work(linger)
    finally:
        ray.shutdown()


def _mark() -> Path:
    """A file that is there while the cluster is looked for, or whoever did that was killed."""
    return common_dir() / ".workers" / "connecting"


def is_unreachable() -> bool:
    """Whether the cluster has been looked for in vain for a while; to be asked once a worker was seen to."""
    try:
        return _mark().stat().st_mtime < time.time() - RETRY_SECONDS
    except FileNotFoundError:
        return False


def _connected(address: str) -> bool:
    import ray

    try:
        ray.init(address, namespace="genlab", log_to_driver=False, logging_level=logging.WARNING)
    except (ConnectionError, RuntimeError, ValueError) as error:
        log.error("The Ray cluster at %s cannot be reached, and is tried again: %s", address, error)
        return False
    return True


class Conductor:
    """Keeps as many tasks in Ray's queue as runs wait in ours."""

    def __init__(self, scores: bool) -> None:
        import ray

        wanted = settings().ray
        # A process a task: what one leaves in torch and in its environment, the next does not find.
        self.task: Any = ray.remote(num_cpus=wanted.cpus, num_gpus=wanted.gpus, max_retries=0, max_calls=1)(one_run)
        self.scores = scores
        self.tasks: list[Any] = []
        self.asked_for: set[str] = set()
        self.given_up: set[str] = set()
        self._expect_dead()  # whoever conducted before may have died just now, and the tasks with it

    def work(self, linger: float) -> None:
        """Go on until nothing has come for `linger` seconds."""
        idle_since = time.monotonic()
        while True:
            self._mend()
            is_low = disk.is_low()
            if not is_low:  # else what waits is begun once there is room
                self._ask()
            if self.tasks or (is_low and queued()):
                idle_since = time.monotonic()
            elif time.monotonic() < max(self.mending_until, idle_since + linger):
                forget_homes_at_rest()
            else:
                return
            self._hear()

    def _expect_dead(self) -> None:
        """Mend now and for a while: what another machine trained is known to be dead once it was silent for long."""
        self.mending_next = time.monotonic()
        self.mending_until = self.mending_next + 2.0 * SILENT_SECONDS

    def _mend(self) -> None:
        """While runs may turn out to be dead, put them back into the queue."""
        from genlab.runs.mending import mend

        now = time.monotonic()
        if self.mending_next <= now < self.mending_until:
            self.mending_next = now + RETRY_SECONDS
            self.asked_for &= {run.id for run in queued()}
            mend()

    def _ask(self) -> None:
        from genlab.runs.worker import slots

        waiting = {run.id for run in queued()} - self.given_up
        self.asked_for &= waiting
        for run_id in sorted(waiting - self.asked_for)[: max(0, slots() - len(self.tasks))]:
            self.tasks.append(self.task.remote(_environment(), sorted(self.given_up), self.scores))
            self.asked_for.add(run_id)

    def _hear(self) -> None:
        """Wait a moment for tasks to end, and see what came of them."""
        import ray

        if not self.tasks:
            time.sleep(POLL_SECONDS)
            return
        done, self.tasks = ray.wait(self.tasks, num_returns=1, timeout=POLL_SECONDS)
        for task in done:
            try:
                trained, given_up = ray.get(task)
            except ray.exceptions.RayError as error:
                log.warning("A training ended without a word: %s", error)
                self._expect_dead()
                continue
            self.given_up |= set(given_up)
            if not trained:  # somebody held what waits; it is asked for again
                self.asked_for.clear()


def one_run(environment: dict[str, str], given_up: list[str], scores: bool) -> tuple[bool, list[str]]:
    """What a task does, in a process of some node: train the run whose turn it is.

    Parameters
    ----------
    environment
        The variables by which the installation is known, as on the machine that conducts.
    given_up
        Runs that are left alone.

    Returns
    -------
    tuple[bool, list[str]]
        Whether there was one, and the runs to be left alone from now on.
    """
    os.environ.update(environment)
    from genlab.runs.scoring import wait_for_scores
    from genlab.runs.worker import train_next

    left = set(given_up)
    trained = train_next(left, scores)
    wait_for_scores()  # with the process that ends, Ray ends those that it started
    return trained, sorted(left)


def _environment() -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if name.startswith("GENLAB_") and name not in OWN}
    return {**ours, "GENLAB_HOME": str(home()), "GENLAB_ROOT": str(root())}
