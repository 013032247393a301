"""Visitors of a shared installation: each has a home of its own, that nobody else can name.

::

    visitors/
      5d41402abc4b2a76b9719d911017c592/   a home, called by the hash of its visitor's secret
        runs/  datasets/  ...
        .seen                             touched while the visitor is here
    runs/
      .live/5d41402abc4b2a76...           a run of this home waits or trains; without it no worker looks there

Whoever can list the folders still cannot enter as a visitor: that takes the secret, which is only in their browser.
A home that nobody has visited for long is removed.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from genlab.errors import GenlabError
from genlab.paths import at_home, common_dir, home, root, sync_folder
from genlab.settings import Limits, limits

FOLDER = re.compile(r"[0-9a-f]{32}")
SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
"""As ``secrets.token_urlsafe(32)`` writes 256 random bits."""
SEEN_FILE = ".seen"
SEEN_SECONDS = 60.0
WHO_FILE = ".who"
LIVE = ".live"
LOCK = ".visitors.lock"


class VisitorError(GenlabError):
    """A visitor cannot be let in; the message says why and what to do."""


def visitors_dir() -> Path:
    """One folder a visitor."""
    return root() / "visitors"


def new_secret() -> str:
    """What a visitor is known by."""
    return secrets.token_urlsafe(32)


def name_of(known_by: str) -> str:
    """The folder's name of who is known by a secret or by an address they have proved to be theirs."""
    return hashlib.sha256(known_by.encode()).hexdigest()[:32]


def enter(known_by: str, address: str = "") -> Path:
    """The home of a visitor, made at the first visit.

    Parameters
    ----------
    address
        By which an admin is to know the visitor.

    Raises
    ------
    VisitorError
        There are as many visitors as may be, or the folder cannot be made.
    """
    folder = visitors_dir() / name_of(known_by)
    try:
        mark = folder / SEEN_FILE
        if not folder.is_dir():
            _make(folder, address)
        if not mark.exists() or mark.stat().st_mtime < time.time() - SEEN_SECONDS:
            mark.touch()
    except OSError as error:
        raise VisitorError(f"Your workspace cannot be made: {error.strerror or error}. Try again later.") from error
    return folder


def _make(folder: Path, address: str) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / LOCK):
        if (allowed := limits()) is not None:
            expire(allowed)
            if len(visitors()) >= allowed.visitors:
                raise VisitorError("There are as many visitors here as this server takes. Come back later.")
        folder.mkdir(exist_ok=True)
        if address:
            (folder / WHO_FILE).write_text(address, "utf-8")


def visitors() -> list[Path]:
    """The homes of all visitors."""
    try:
        return [entry for entry in visitors_dir().iterdir() if FOLDER.fullmatch(entry.name) and entry.is_dir()]
    except FileNotFoundError:
        return []


def expire(allowed: Limits) -> list[Path]:
    """Remove the homes that nobody visited for as long as is allowed, but for those in which something trains."""
    from genlab.runs import sharing

    last = time.time() - allowed.idle_hours * 3600
    gone = []
    for folder in visitors():
        if seen(folder) >= last or _works(folder):
            continue
        gone.append(folder)
        # Renamed first: a visitor who comes back this moment finds a new home, and never half of the old one.
        trash = folder.with_name(f".trash-{secrets.token_hex(6)}")
        with suppress(OSError):
            folder.rename(trash)
            sync_folder(folder.parent)
            shutil.rmtree(trash, ignore_errors=True)
            sharing.end_all(folder)
    return gone


def who(folder: Path) -> str:
    """The address of whom a home belongs to; the folder's name where it is not known."""
    try:
        return (folder / WHO_FILE).read_text("utf-8")
    except OSError:
        return folder.name


def seen(folder: Path) -> float:
    """When the visitor was here last, in Unix seconds."""
    for path in (folder / SEEN_FILE, folder):
        with suppress(OSError):
            return path.stat().st_mtime
    return 0.0


def _works(folder: Path) -> bool:
    from genlab.runs.waiting import live_runs

    with at_home(folder):
        return bool(live_runs())


def note_live() -> None:
    """Note that a run of the home in which this is called waits or trains."""
    if home() != root():
        marks = common_dir() / LIVE
        marks.mkdir(parents=True, exist_ok=True)
        (marks / home().name).touch()


def forget_live(folder: Path) -> None:
    """Take back what :func:`note_live` noted; ask for it *before* looking whether it is still so, and note it again."""
    (common_dir() / LIVE / folder.name).unlink(missing_ok=True)


def live_homes() -> list[Path]:
    """The installation's own home, and those of visitors of whom a run may wait or train."""
    try:
        names = sorted(entry.name for entry in (common_dir() / LIVE).iterdir() if FOLDER.fullmatch(entry.name))
    except FileNotFoundError:
        names = []
    return [root(), *(visitors_dir() / name for name in names)]
