"""Searches in processes of their own, which any page can watch, stop, and let go on after anything that happens.

::

    searches/gan-rates/
      state.json         how the search stands, or how it ended
      .lock              held by whoever conducts it; the system frees it when that process dies
      .stop              asks that process to end
      log.txt            what it printed

A page writes the plan and starts ``python -m genlab search --name NAME --queue``. That process trains nothing
itself: it queues one trial after the other and waits, so that trials and all other runs take turns with the worker.
It belongs to no page, and whatever becomes of it, the trial that the worker is at comes to its end.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from filelock import FileLock, Timeout

from genlab.errors import GenlabError
from genlab.paths import atomic_write_bytes, atomic_write_json
from genlab.runs import control
from genlab.runs.processes import interrupted_when, spawn
from genlab.runs.search import LOCK_FILE, Search, holding, unwritable
from genlab.runs.search_plan import NAME, PLAN_FILE, Plan, check_name, new_name, read_trials, searches_dir
from genlab.runs.space import SearchError
from genlab.runs.status import Status
from genlab.runs.store import Run, RunError
from genlab.runs.worker import ensure_workers

State = Literal["starting", "running", "paused", "finished", "failed", "died"]

STATE_FILE = "state.json"
STOP_FILE = ".stop"
LOG_FILE = "log.txt"

START_SECONDS = 30.0
"""A started process that has not taken the lock by then will not any more."""
POLL_SECONDS = 0.2
PAUSE_SECONDS = 60.0
"""How long a search that is stopped waits for its training to pause."""


@dataclass(frozen=True)
class SearchStatus:
    """How a search stands.

    Attributes
    ----------
    state
        ``"died"`` is never written: the file says running while no process holds the lock.
    why
        How it came to this, in a sentence, where it failed.
    updated
        Unix seconds.
    """

    state: State = "paused"
    why: str = ""
    updated: float = 0.0

    @property
    def is_live(self) -> bool:
        """Whether something may still happen by itself."""
        return self.state in ("starting", "running")


def begin(plan: Plan) -> str:
    """Write a new search and start the process that conducts it; its name.

    Raises
    ------
    SearchError
        It cannot be written, or no process can be started.
    """
    try:
        folder = _new_folder()
        atomic_write_json(folder / PLAN_FILE, asdict(plan))
    except OSError as error:
        raise unwritable(searches_dir(), error) from error
    go_on(folder.name)
    return folder.name


def _new_folder() -> Path:
    while True:
        folder = searches_dir() / new_name()
        with suppress(FileExistsError):  # another page was quicker
            folder.mkdir(parents=True)
            return folder


def go_on(name: str) -> None:
    """Start a process that conducts the search from where it stands; nothing happens where one is at it.

    Raises
    ------
    SearchError
        There is no such search, its files cannot be written, or no process can be started.
    """
    if read_status(name).is_live:
        return
    folder = searches_dir() / name
    try:
        (folder / STOP_FILE).unlink(missing_ok=True)
        _write(folder, SearchStatus("starting"))
        process = spawn(["search", "--name", name, "--queue"], folder / LOG_FILE)
    except OSError as error:
        raise unwritable(folder, error) from error
    # The dead must be collected by whoever started them, and nobody else waits for this one.
    threading.Thread(target=process.wait, name="genlab-search", daemon=True).start()


def stop(name: str) -> None:
    """Ask the process that conducts a search to pause the trial it is at, and to end; it does within seconds.

    Raises
    ------
    SearchError
        There is no such search, or its folder cannot be written.
    """
    if not read_status(name).is_live:
        return
    folder = searches_dir() / name
    try:
        atomic_write_bytes(folder / STOP_FILE, b"")
    except OSError as error:
        raise unwritable(folder, error) from error


def is_stopping(name: str) -> bool:
    """Whether a search was asked to end, and has not yet."""
    check_name(name)
    return (searches_dir() / name / STOP_FILE).exists()


def read_status(name: str) -> SearchStatus:
    """How a search stands, as its file and its lock show it.

    Raises
    ------
    SearchError
        There is no search of this name.
    """
    check_name(name)
    folder = searches_dir() / name
    if not (folder / PLAN_FILE).is_file():
        raise SearchError(f"There is no search {name!r} here. It may have been deleted; choose another one.")
    written = _read(folder)
    if _is_held(folder):
        return SearchStatus("running", updated=written.updated)
    written = _read(folder)  # its holder may have ended between the two looks
    if not written.is_live:
        return written
    if written.state == "starting" and written.updated > time.time() - START_SECONDS:
        return written  # about to take the lock
    return SearchStatus("running") if _is_held(folder) else SearchStatus("died", updated=written.updated)


def list_searches() -> list[str]:
    """The names of all searches, the newest first."""
    try:
        plans = [folder / PLAN_FILE for folder in searches_dir().iterdir() if NAME.fullmatch(folder.name)]
        begun = {path.parent.name: path.stat().st_mtime_ns for path in plans if path.is_file()}
    except OSError:  # there is none, or one is deleted this moment
        return []
    return sorted(begun, key=begun.__getitem__, reverse=True)


def search_of(run_id: str) -> tuple[str, int] | None:
    """Name of the search that a run is a trial of, and the trial's number; None for other runs."""
    for name in list_searches():
        for trial in read_trials(searches_dir() / name):
            if trial.run == run_id:
                return name, trial.number
    return None


def is_awaited(run_id: str) -> bool:
    """Whether a search that is at work waits for this run, and will score it."""
    found = search_of(run_id)
    return found is not None and read_status(found[0]).is_live


@contextmanager
def conducting(name: str, plan: Plan) -> Iterator[Search]:
    """As :func:`genlab.runs.search.holding`, while a page can see how the search stands, and stop it.

    For the main thread of a process: being stopped ends the block as Ctrl-C does.

    Raises
    ------
    SearchError
        As `holding` does.
    """
    with holding(name, plan) as search:
        stop_file = search.path / STOP_FILE
        _write(search.path, SearchStatus("running"))
        try:
            with interrupted_when(stop_file.exists):
                yield search
        except KeyboardInterrupt:
            _write_end(search.path, SearchStatus("paused"))
            raise
        except GenlabError as error:
            _write_end(search.path, SearchStatus("failed", str(error)))
            raise
        except BaseException as error:
            why = f"A fault in the program ended it: {type(error).__name__}: {error}"
            _write_end(search.path, SearchStatus("failed", why))
            raise
        else:
            over = bool(search.trials) and search.trials[-1].outcome != "open"
            _write_end(search.path, SearchStatus("finished" if over else "paused"))
        finally:
            stop_file.unlink(missing_ok=True)


def train_by_worker(run: Run) -> Status:
    """Queue a run, see to it that a worker takes it, and wait until it comes to an end of whatever kind.

    Interrupted, it pauses the run first.

    Raises
    ------
    RunError
        The run cannot be queued.
    """
    try:
        if not run.status().is_live:  # else a worker is at it since a process like this one was killed
            control.resume(run)
        return _ended(run)
    except KeyboardInterrupt:
        with suppress(RunError):  # it was deleted
            control.pause(run)
            deadline = time.monotonic() + PAUSE_SECONDS
            while run.status().is_live and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
        raise


def _ended(run: Run) -> Status:
    while True:
        try:
            status = run.status()
        except RunError as error:  # someone deleted it
            return Status("failed", str(error))
        if status.state == "died":  # and would again, where it needs more memory than there is
            return Status("failed", status.why)
        if not status.is_live:
            return status
        if status.state == "queued":
            ensure_workers()
        time.sleep(POLL_SECONDS)


def _write(folder: Path, status: SearchStatus) -> None:
    try:
        atomic_write_json(folder / STATE_FILE, {**asdict(status), "updated": time.time()})
    except OSError as error:
        raise unwritable(folder, error) from error


def _write_end(folder: Path, status: SearchStatus) -> None:
    with suppress(SearchError):  # a full disk: there is nowhere to tell it
        _write(folder, status)


def _read(folder: Path) -> SearchStatus:
    """What the file says; a search that was never conducted by this version is paused."""
    try:
        values: Any = json.loads((folder / STATE_FILE).read_text("utf-8"))
        status = SearchStatus(**{entry.name: values[entry.name] for entry in fields(SearchStatus)})
    except (OSError, ValueError, KeyError, TypeError):
        return SearchStatus()
    fits = status.state in get_args(State) and isinstance(status.why, str) and isinstance(status.updated, int | float)
    return status if fits else SearchStatus()


def _is_held(folder: Path) -> bool:
    if not (folder / LOCK_FILE).exists():
        return False
    try:
        with FileLock(folder / LOCK_FILE, is_singleton=False).acquire(timeout=0):
            return False
    except Timeout:
        return True
