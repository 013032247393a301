"""Where a run stands, as ``status.json`` says it and as the run's lock shows it."""

from __future__ import annotations

import json
import platform
import time
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from filelock import FileLock, Timeout

from genlab.paths import atomic_write_json
from genlab.settings import settings

State = Literal["queued", "running", "paused", "stopped", "finished", "failed", "died"]
"""``died`` is never written: it is what a run is whose file says running while no process holds its lock."""

STATUS_FILE = "status.json"
LOCKS = ".locks"

LATER = {"queued_at": 0, "tries": 0, "tried_from": 0, "host": ""}
"""Fields that the files of earlier versions lack."""
TEXTS = ("host", "state", "why", "note", "stage", "device", "precision", "precision_why")
MAX_NUMBER = 1e18

SILENT_SECONDS = 30.0
"""A run that another machine of a cluster trains is dead once nothing was heard of it for so long."""


@dataclass(frozen=True)
class Status:
    """A snapshot of a run's state, rewritten about once a second while it trains.

    Attributes
    ----------
    why
        How it came to this state, in one sentence; empty where the state says it all.
    note
        What it is doing right now, such as a download; empty while it trains.
    progress
        Share of the budget spent, 0 to 1.
    seconds, eta_seconds
        Time trained, and time to go where it can be told.
    updated
        When this was written, in Unix seconds.
    queued_at
        When it took its place in the queue, in Unix seconds, which it keeps when the system interrupts it; 0 where no
        worker is to train it.
    tries, tried_from
        How often in a row it was put back into the queue after its process died, and the step of the checkpoint that
        it was to go on from each time.
    host
        The machine whose process trains it, or trained it last.
    """

    state: State = "queued"
    why: str = ""
    note: str = ""
    step: int = 0
    total_steps: int | None = None
    progress: float = 0.0
    seconds: float = 0.0
    eta_seconds: float | None = None
    images_per_second: float = 0.0
    stage: str = ""
    device: str = ""
    precision: str = ""
    precision_why: str = ""
    updated: float = field(default_factory=time.time)
    queued_at: float = 0.0
    tries: int = 0
    tried_from: int = 0
    host: str = ""

    @property
    def is_live(self) -> bool:
        """Whether something may still happen by itself."""
        return self.state in ("queued", "running")

    @property
    def can_resume(self) -> bool:
        """Whether a person may let it go on."""
        return self.state in ("paused", "stopped", "failed", "died")


class StatusError(ValueError):
    """``status.json`` cannot be read."""


def run_lock(folder: Path) -> FileLock:
    """The lock that whoever trains or deletes a run holds; the system frees it when its holder dies.

    Its file lies beside the run's folder: to look at a run that was just deleted must not bring the folder back,
    and Windows renames no folder in which a file is open.
    """
    return FileLock(lock_file(folder), is_singleton=False)


def lock_file(folder: Path) -> Path:
    """The file of a run's lock."""
    return folder.parent / LOCKS / f"{folder.name}.lock"


def is_held(folder: Path) -> bool:
    """Whether some process holds the run's lock at this moment.

    On a disk that cannot be written nobody can tell: where the lock's file is there, somebody else may hold it.
    """
    try:
        with run_lock(folder).acquire(timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return lock_file(folder).exists()


def write_status(folder: Path, status: Status) -> None:
    """Replace ``status.json``; only who holds the run's lock may do so."""
    atomic_write_json(folder / STATUS_FILE, asdict(status))


def read_status(folder: Path, holding: bool = False) -> Status:
    """What the file says, and ``died`` where it says running although nobody is.

    Parameters
    ----------
    holding
        Whether the caller holds the run's lock, so that no other process can be training.

    Raises
    ------
    StatusError
        The file is missing or makes no sense.
    """
    status = _read(folder)
    if status.state != "running" or (not holding and is_held(folder)):
        return status
    # Its holder may have finished between the two looks: what it left is in the file by now.
    status = _read(folder)
    if status.state != "running" or _told_elsewhere(status):
        return status
    why = "Its process ended without a word: it was killed, ran out of memory, or the machine was switched off."
    return Status(**{**asdict(status), "state": "died", "why": why, "note": "", "eta_seconds": None})


def _told_elsewhere(status: Status) -> bool:
    """Whether another machine of a cluster told of it a moment ago.

    Some shared disks keep locks from one machine to another to themselves, so a free lock proves little there.
    """
    if settings().launcher != "ray" or status.host in ("", platform.node()):
        return False
    return time.time() - status.updated < SILENT_SECONDS


def _read(folder: Path) -> Status:
    path = folder / STATUS_FILE
    try:
        values: Any = json.loads(path.read_text(encoding="utf-8"))
        values = {**LATER, **values}
        status = Status(**{entry.name: _checked(entry.name, values[entry.name]) for entry in fields(Status)})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StatusError(f"{STATUS_FILE} cannot be read ({type(error).__name__}: {error})") from error
    if status.state not in get_args(State):
        raise StatusError(f"{STATUS_FILE} names the unknown state {status.state!r}")
    return status


def _checked(name: str, value: Any) -> Any:
    if name in TEXTS:
        fits = isinstance(value, str)
    elif value is None:
        fits = name in ("total_steps", "eta_seconds")
    else:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_NUMBER
    if not fits:
        raise ValueError(f"{name} is {str(value)[:40]!r}")
    return value
