"""The folders of new runs: filled out of sight, and given a number once they are whole."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from filelock import FileLock

from genlab.paths import atomic_write_bytes, common_dir, runs_dir
from genlab.runs.quotas import check_new_run
from genlab.training.config import RunConfig

FOLDER = re.compile(r"(\d{5,})-[a-z0-9-]+")
NUMBER_LOCK = ".number.lock"
LAST_NUMBER_FILE = ".last-number"


def hidden() -> Path:
    """Where a new run's folder may be filled; nobody lists it, and it is not made here.

    Raises
    ------
    QuotaError
        Whoever asks has no room for one more.
    """
    check_new_run()
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
    shared = common_dir()  # all homes count together, so that a run's name tells one visitor's from another's
    shared.mkdir(parents=True, exist_ok=True)
    with FileLock(shared / NUMBER_LOCK):  # two processes must not take the same number
        taken = [int(match[1]) for entry in root.iterdir() if (match := FOLDER.fullmatch(entry.name))]
        number = max(_last_number(shared), *taken, 0) + 1
        atomic_write_bytes(shared / LAST_NUMBER_FILE, b"%d\n" % number)
        return beside.rename(root / f"{number:05d}-{slug}")


def _last_number(root: Path) -> int:
    """The last number given away: a new run never takes a deleted one's name, which links and caches may hold."""
    try:
        return int((root / LAST_NUMBER_FILE).read_bytes())
    except (FileNotFoundError, ValueError):
        return 0
