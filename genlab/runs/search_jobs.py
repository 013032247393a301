"""Searches in processes of their own, which any page can watch, stop, and let go on after anything that happens.

A page writes the plan and starts ``python -m genlab search --name NAME --queue``. That process trains nothing
itself: it queues one trial after the other and waits, so that trials and all other runs take turns with the worker.
It belongs to no page, and whatever becomes of it, the trial that the worker is at comes to its end. How it is watched
and stopped stands in :mod:`genlab.runs.conducted`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from genlab.paths import atomic_write_json
from genlab.runs import conducted, control
from genlab.runs.conducted import Standing
from genlab.runs.search import Search, holding, unwritable
from genlab.runs.search_plan import NAME, PLAN_FILE, Plan, check_name, new_name, read_trials, searches_dir
from genlab.runs.space import SearchError
from genlab.runs.status import Status
from genlab.runs.store import Run, RunError
from genlab.runs.worker import ensure_workers

POLL_SECONDS = 0.2
PAUSE_SECONDS = 60.0
"""How long a search that is stopped waits for its training to pause."""


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
    folder = _folder(name)
    try:
        conducted.start(folder, ["search", "--name", name, "--queue"])
    except OSError as error:
        raise unwritable(folder, error) from error


def stop(name: str) -> None:
    """Ask the process that conducts a search to pause the trial it is at, and to end; it does within seconds.

    Raises
    ------
    SearchError
        There is no such search, or its folder cannot be written.
    """
    folder = _folder(name)
    try:
        conducted.stop(folder)
    except OSError as error:
        raise unwritable(folder, error) from error


def is_stopping(name: str) -> bool:
    """Whether a search was asked to end, and has not yet."""
    check_name(name)
    return conducted.is_stopping(searches_dir() / name)


def read_status(name: str) -> Standing:
    """How a search stands, as its file and its lock show it.

    Raises
    ------
    SearchError
        There is no search of this name.
    """
    return conducted.standing(_folder(name))


def _folder(name: str) -> Path:
    check_name(name)
    folder = searches_dir() / name
    if not (folder / PLAN_FILE).is_file():
        raise SearchError(f"There is no search {name!r} here. It may have been deleted; choose another one.")
    return folder


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
        try:
            conducted.write(search.path, Standing("running"))
        except OSError as error:
            raise unwritable(search.path, error) from error
        with conducted.at_work(search.path, lambda: bool(search.trials) and search.trials[-1].outcome != "open"):
            yield search


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
            deadline = time.monotonic() + PAUSE_SECONDS
            while run.status().is_live and time.monotonic() < deadline:
                control.pause(run)  # and again, where its worker put it back into the queue meanwhile
                time.sleep(POLL_SECONDS)
        raise


def _ended(run: Run) -> Status:
    while True:
        try:
            status = run.status()
        except RunError as error:  # someone deleted it
            return Status("failed", str(error))
        if status.state == "died":  # and would again, where it needs more memory than there is
            control.stop(run)
            return Status("failed", status.why)
        if not status.is_live:
            return status
        if status.state == "queued":
            ensure_workers()
        time.sleep(POLL_SECONDS)
