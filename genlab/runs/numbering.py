"""The folders of new runs: filled out of sight, and given a number once they are whole."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from filelock import FileLock

from genlab.paths import atomic_write_bytes, runs_dir
from genlab.training.config import RunConfig

FOLDER = re.compile(r"(\d{5,})-[a-z0-9-]+")
NUMBER_LOCK = ".number.lock"
LAST_NUMBER_FILE = ".last-number"


def hidden() -> Path:
    """Where a new run's folder may be filled; nobody lists it, and it is not made here."""
    return runs_dir() / f".new-{secrets.token_hex(6)}"


def settle(beside: Path, config: RunConfig) -> Path:
    """Give a whole hidden folder the next number and the name of what it trains on what; its place from now on.

    Raises
    ------
    OSError
        As the operating system reports it.
    """
    root = beside.parent
    slug = re.sub(r"[^a-z0-9]+", "-", f"{config.data} {config.model}".lower()).strip("-")
    with FileLock(root / NUMBER_LOCK):  # two processes must not take the same number
        taken = [int(match[1]) for entry in root.iterdir() if (match := FOLDER.fullmatch(entry.name))]
        number = max(_last_number(root), *taken, 0) + 1
        atomic_write_bytes(root / LAST_NUMBER_FILE, b"%d\n" % number)
        return beside.rename(root / f"{number:05d}-{slug}")


def _last_number(root: Path) -> int:
    """The last number given away: a new run never takes a deleted one's name, which links and caches may hold."""
    try:
        return int((root / LAST_NUMBER_FILE).read_bytes())
    except (FileNotFoundError, ValueError):
        return 0
