"""What a visitor may use of a shared installation, checked wherever something new begins.

Nothing here limits the installation's own home, which is all there is in the mode ``single``.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from genlab.errors import GenlabError
from genlab.paths import common_dir, home, root, runs_dir
from genlab.runs import disk
from genlab.settings import Limits, limits

JOB_SLOT = ".job-{}.lock"
BEGINNING = ".beginning.lock"


class QuotaError(GenlabError):
    """A visitor asks for more than may be; the message says what is full and what to do."""


def allowed() -> Limits | None:
    """What whoever this code runs for may use; None where nothing limits them."""
    return None if home() == root() else limits()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Begin something new for a visitor while nothing else of theirs is begun: several at once would pass one check."""
    with ExitStack() as held:
        if allowed() is not None:
            with suppress(OSError):  # where nothing can be written nothing begins, which is told then
                runs_dir().mkdir(parents=True, exist_ok=True)
                held.enter_context(FileLock(runs_dir() / BEGINNING, is_singleton=False))
        yield


def check_new_run() -> None:
    """Raise a QuotaError unless there is room for one more run."""
    most = allowed()
    if most is None:
        return
    if len(_folders()) >= most.runs:
        raise QuotaError(f"You have {most.runs} runs, as many as this server keeps for you. Delete one first.")
    check_space()


def check_waiting() -> None:
    """Raise a QuotaError unless one more run may wait or train."""
    from genlab.runs.waiting import live_runs

    most = allowed()
    if most is not None and len(live_runs()) >= most.waiting:
        raise QuotaError(f"{most.waiting} of your runs wait or train already. Let one end, or stop it.")


def check_space(more: float = 0.0) -> None:
    """Raise a QuotaError unless the visitor and the disk have room for more.

    What was computed from runs that are not the visitor's makes room first: it can be computed again.

    Parameters
    ----------
    more
        MB that are about to be written.
    """
    most = allowed()
    if most is None:
        return
    if megabytes(home()) + more >= most.megabytes:
        for folder in _derived():
            if not any(_is_held(path) for path in folder.glob("*/*.lock")):
                shutil.rmtree(folder, ignore_errors=True)
    if megabytes(home()) + more >= most.megabytes:
        raise QuotaError(f"Your workspace is full: {most.megabytes} MB. Delete runs or pictures you do not need.")
    if disk.is_low():
        raise QuotaError("The server's disk is nearly full. Nothing of yours is lost; try again later.")


def check_long_work() -> None:
    """Raise a QuotaError unless visitors may start searches and experiments, which train one run after the other."""
    most = allowed()
    if most is not None and not most.searches:
        raise QuotaError(
            "This server runs no searches and no experiments for visitors. Install genlab on a machine of yours for "
            "that."
        )


def most_seconds() -> float | None:
    """How long a run may train; None for as long as it likes."""
    most = allowed()
    return None if most is None else 60.0 * most.minutes


def megabytes(folder: Path) -> float:
    """What a folder's files take on the disk."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # replaced or deleted this moment
                total += (Path(parent) / name).lstat().st_size
    return total / 1e6


def check_job() -> None:
    """Raise a QuotaError unless one more map, film or inversion may be computed for this visitor."""
    most = allowed()
    if most is None:
        return
    if len({path.with_name(path.name.split(".")[0]) for path in _jobs()}) >= most.jobs:
        raise QuotaError("Something of yours is being computed already. Let it end, or stop it.")
    if all(_is_held(path) for path in job_slots(most)):
        raise QuotaError("The server is computing for others at the moment. Try again in a minute.")
    check_space()


def _jobs() -> Iterator[Path]:
    """Files of the visitor's jobs that are computed, or were started a moment ago and hold no lock yet."""
    for folder in [*_folders(), *_derived()]:
        yield from filter(_is_held, folder.glob("*/*.lock"))
        yield from filter(_is_starting, folder.glob("*/*.progress.json"))


def _is_starting(told: Path) -> bool:
    from genlab.runs.derived import START_SECONDS

    try:
        values = json.loads(told.read_text("utf-8"))
        return bool(values["phase"] == "waiting" and values["updated"] > time.time() - START_SECONDS)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def job_slots(most: Limits) -> list[Path]:
    """Files of the locks of which each job that is computed for a visitor holds one."""
    return [common_dir() / JOB_SLOT.format(number) for number in range(most.all_jobs)]


def _is_held(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        with FileLock(path, is_singleton=False).acquire(timeout=0):
            return False
    except Timeout:
        return True


def _derived() -> list[Path]:
    try:
        return list((home() / "derived").iterdir())
    except FileNotFoundError:
        return []


def _folders() -> list[Path]:
    from genlab.runs.numbering import FOLDER

    try:
        return [entry for entry in runs_dir().iterdir() if FOLDER.fullmatch(entry.name)]
    except FileNotFoundError:
        return []
