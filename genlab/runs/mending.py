"""What a crash left behind, put in order: when a server starts, and when a worker does.

A machine that is switched off, or a process that is killed, leaves what it was at: runs that say running, folders that
were being filled or removed, locks of what is gone. Nobody reads those, but they take room, and runs wait for ever.
All this is done by one process at a time, also where several servers share a home; what others are at is told by the
locks they hold, and where there are none by the age of files.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from genlab.data.own.store import UNFINISHED
from genlab.errors import GenlabError
from genlab.paths import at_home, common_dir, datasets_dir, home, root, runs_dir
from genlab.runs import conducted, visitors
from genlab.runs.derived import START_SECONDS
from genlab.runs.disk import give_reserve_back
from genlab.runs.orders import ENDS, read_orders
from genlab.runs.status import LOCKS, Status, run_lock, write_status
from genlab.runs.store import CHECKPOINTS, Run, list_runs
from genlab.runs.waiting import live_runs
from genlab.training.checkpoint import REPLACED, is_resumable, restore_replaced

log = logging.getLogger(__name__)

LOCK = ".mending.lock"
LEFT_SECONDS = 600.0
"""What is hidden and was not touched for so long is nobody's: who fills a folder writes more often than that."""
MOST_TRIES = 2
"""So often in a row a run whose process died is tried again from the same checkpoint."""
DIED = "Its process died, so it was put back into the queue and goes on by itself."

LEFT = {"runs": (".new-", ".trash-"), "searches": (".trash-",), "visitors": (".trash-",), "": (".runs-",)}
"""How folders are called that were being filled or removed, by the folder that they are in."""
KEEPING = ("runs", "searches", "experiments", "derived")
"""Where files are written beside their place, and then renamed."""


def mend(left_seconds: float = LEFT_SECONDS) -> None:
    """Put in order what a crash left in the homes of this installation; nothing where another process is at it.

    Runs whose worker died are queued again, unless a person asked for their end, or they died repeatedly without
    getting any further. Those that somebody trains in a terminal are left to them.

    Parameters
    ----------
    left_seconds
        Since when nobody must have touched what has no lock.
    """
    if not common_dir().is_dir():
        return
    try:
        lock = FileLock(common_dir() / LOCK, is_singleton=False).acquire(timeout=0)
    except Timeout:
        return
    except OSError:  # a disk that cannot be written has nothing to be put in order
        log.exception("What a crash left cannot be put in order.")
        return
    with lock:
        for folder in [root(), *visitors.visitors()]:
            try:
                with at_home(folder):
                    _mend_home(time.time() - left_seconds)
            except OSError:  # others can be put in order all the same
                log.exception("What a crash left in %s cannot be put in order.", folder)
        for folder in visitors.live_homes()[1:]:
            if not folder.is_dir():
                visitors.forget_live(folder)


def _mend_home(before: float) -> None:
    for run in list_runs():
        mend_run(run)
    _sweep(before)
    for folder in [*_folders(home() / "searches"), *_folders(home() / "experiments")]:
        if not conducted.standing(folder).is_live:
            (folder / conducted.STOP_FILE).unlink(missing_ok=True)
    for folder in [*_folders(runs_dir()), *_folders(home() / "derived")]:
        for told in folder.glob("*/*.progress.json"):
            _mend_job(told)
    _forget_locks()
    if live_runs():
        visitors.note_live()


def mend_run(run: Run) -> None:
    """See that nothing of a run waits for a process that is dead; for who may change it."""
    try:
        if run.status().state in ("queued", "running"):
            return
        with run_lock(run.path).acquire(timeout=0):
            restore_replaced(run.path / CHECKPOINTS)
            give_reserve_back(run.path)
            status = run.status(holding=True)
            if status.state == "died" and (after := _after_death(run, status)) is not None:
                write_status(run.path, after)
                log.warning("The run %s died at step %d; it is %s now.", run.id, status.step, after.state)
    except (GenlabError, Timeout):  # it is damaged, which its page tells, or somebody is at it
        return
    except OSError:
        log.exception("The run %s cannot be put in order.", run.id)


def _after_death(run: Run, status: Status) -> Status | None:
    """Where a run stands whose process died; None where that is for a person to decide."""
    status = replace(status, note="", eta_seconds=None, updated=time.time())
    asked = read_orders(run.path).command
    if asked != "run":
        return replace(status, state=ENDS[asked], why="")
    last = max((step for step, folder in run.checkpoints() if is_resumable(folder)), default=0)
    tries = status.tries + 1 if status.tried_from == last else 1
    if not status.queued_at or tries > MOST_TRIES:
        return None
    return replace(status, state="queued", why=DIED, tries=tries, tried_from=last)


def _sweep(before: float) -> None:
    """Remove what was being written or removed, and files written beside their place."""
    for name, beginnings in LEFT.items():
        for folder in _folders(home() / name):
            if folder.name.startswith(beginnings) and _newest(folder) < before:
                shutil.rmtree(folder, ignore_errors=True)
    for folder in datasets_dir().glob(f".*{UNFINISHED}"):
        if _newest(folder) < before:
            shutil.rmtree(folder, ignore_errors=True)
    for name in KEEPING:
        for parent, folders, files in os.walk(home() / name):
            for entry in [*folders, *files]:
                if _is_beside(entry) and _newest(Path(parent, entry)) < before:
                    _remove(Path(parent, entry))


def _is_beside(name: str) -> bool:
    return name.startswith(".") and name.endswith(".tmp") and not name.endswith(REPLACED)


def _newest(path: Path) -> float:
    """When a file, or anything within a folder, was changed last."""
    newest = 0.0
    within = (Path(parent, name) for parent, folders, files in os.walk(path) for name in (*folders, *files))
    for entry in (path, *within):
        with suppress(OSError):  # it is removed this moment
            newest = max(newest, entry.lstat().st_mtime)
    return newest


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _mend_job(told: Path) -> None:
    """Forget how far a computation was that nobody is at: it can be started anew."""
    stem = told.name.removesuffix(".progress.json")
    try:
        values = json.loads(told.read_text("utf-8"))
        alive = values["state"] != "running" or float(values["updated"]) > time.time() - START_SECONDS
    except (OSError, ValueError, KeyError, TypeError):
        alive = False
    if not alive:
        with _free(told.with_name(f"{stem}.lock")) as is_free:
            for suffix in (".progress.json", ".stop", ".forming") if is_free else ():
                told.with_name(stem + suffix).unlink(missing_ok=True)


def _forget_locks() -> None:
    """Remove the locks of runs that are gone. A run's name is given once, so nobody will want them again."""
    for lock in (runs_dir() / LOCKS).glob("*.lock"):
        run = lock.with_name(lock.name.removesuffix(".lock").removesuffix(".changes"))
        if not (runs_dir() / run.name).exists():
            with _free(lock) as is_free:
                if is_free:
                    with suppress(PermissionError):  # Windows keeps what is open
                        lock.unlink(missing_ok=True)


@contextmanager
def _free(path: Path) -> Iterator[bool]:
    """Hold a lock that nobody holds; whether that is so. One whose file is not there is nobody's."""
    if not path.exists():
        yield True
        return
    try:
        lock = FileLock(path, is_singleton=False).acquire(timeout=0)
    except Timeout:
        yield False
        return
    with lock:
        yield True


def _folders(folder: Path) -> list[Path]:
    try:
        return [entry for entry in folder.iterdir() if entry.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
