"""Long work in a folder of its own, conducted by one process that any page can watch and stop.

::

    state.json         how the work stands, or how it ended
    .lock              held by whoever conducts it; the system frees it when that process dies
    .stop              asks that process to end
    log.txt            what it printed

The process belongs to no page, and may be killed at any moment: what the files and the lock show is true then too.
Searches and experiments are conducted so. All functions but :func:`standing` and :func:`is_stopping` raise an OSError
where the folder cannot be written.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from filelock import FileLock, Timeout

from genlab.errors import GenlabError
from genlab.paths import atomic_write_bytes, atomic_write_json
from genlab.runs.processes import interrupted_when, spawn
from genlab.runs.quotas import check_long_work

State = Literal["starting", "running", "paused", "finished", "failed", "died"]

STATE_FILE = "state.json"
LOCK_FILE = ".lock"
STOP_FILE = ".stop"
LOG_FILE = "log.txt"

LOCK_SECONDS = 1.0
"""A page that looks whether work is alive holds its lock for a moment; only who conducts it holds it for longer."""
START_SECONDS = 30.0
"""A started process that has not taken the lock by then will not any more."""


@dataclass(frozen=True)
class Standing:
    """How the work stands.

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


def standing(folder: Path, holding: bool = False) -> Standing:
    """How the work stands, as its file and its lock show it.

    Parameters
    ----------
    holding
        Whether the caller holds the lock, so that no other process can be at it.
    """
    written = _read(folder)
    if not holding and _is_held(folder):
        return Standing("running", updated=written.updated)
    written = _read(folder)  # its holder may have ended between the two looks
    if not written.is_live:
        return written
    if written.state == "starting" and written.updated > time.time() - START_SECONDS:
        return written  # about to take the lock
    alive = not holding and _is_held(folder)
    return Standing("running") if alive else Standing("died", updated=written.updated)


def lock(folder: Path) -> FileLock:
    """What whoever conducts the work holds."""
    return FileLock(folder / LOCK_FILE, is_singleton=False)


def start(folder: Path, command: list[str]) -> None:
    """Start a process that conducts the work; nothing happens where one is at it.

    Parameters
    ----------
    command
        The words after ``python -m genlab``.
    """
    if standing(folder).is_live:
        return
    check_long_work()
    (folder / STOP_FILE).unlink(missing_ok=True)
    write(folder, Standing("starting"))
    process = spawn(command, folder / LOG_FILE)
    # The dead must be collected by whoever started them, and nobody else waits for this one.
    threading.Thread(target=process.wait, name="genlab-conductor", daemon=True).start()


def stop(folder: Path) -> None:
    """Ask the process that conducts the work to end."""
    if standing(folder).is_live:
        atomic_write_bytes(folder / STOP_FILE, b"")


def is_stopping(folder: Path) -> bool:
    """Whether the work was asked to end, and has not yet."""
    return (folder / STOP_FILE).exists()


@contextmanager
def at_work(folder: Path, is_over: Callable[[], bool]) -> Iterator[None]:
    """Meanwhile a page can stop the work; how it ends is written down.

    For the main thread of a process that holds the lock and has written that it is running: being stopped ends the
    block as Ctrl-C does.

    Parameters
    ----------
    is_over
        Whether the block, once it ended by itself, leaves nothing to be done.
    """
    stop_file = folder / STOP_FILE
    try:
        with interrupted_when(stop_file.exists):
            yield
    except KeyboardInterrupt:
        _write_end(folder, Standing("paused"))
        raise
    except GenlabError as error:
        _write_end(folder, Standing("failed", str(error)))
        raise
    except BaseException as error:
        why = f"A fault in the program ended it: {type(error).__name__}: {error}"
        _write_end(folder, Standing("failed", why))
        raise
    else:
        _write_end(folder, Standing("finished" if is_over() else "paused"))
    finally:
        stop_file.unlink(missing_ok=True)


def write(folder: Path, told: Standing) -> None:
    """Replace the state file."""
    atomic_write_json(folder / STATE_FILE, {**asdict(told), "updated": time.time()})


def _write_end(folder: Path, told: Standing) -> None:
    with suppress(OSError):  # a full disk: there is nowhere to tell it
        write(folder, told)


def _read(folder: Path) -> Standing:
    """What the file says; work that was never conducted by this version is paused."""
    try:
        values: Any = json.loads((folder / STATE_FILE).read_text("utf-8"))
        told = Standing(**{entry.name: values[entry.name] for entry in fields(Standing)})
    except (OSError, ValueError, KeyError, TypeError):
        return Standing()
    fits = told.state in get_args(State) and isinstance(told.why, str) and isinstance(told.updated, int | float)
    return told if fits else Standing()


def _is_held(folder: Path) -> bool:
    """Whether some process holds the lock; on a disk that cannot be written nobody can be at work."""
    if not (folder / LOCK_FILE).exists():
        return False
    try:
        with lock(folder).acquire(timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False
