"""Where things live on disk, and how files are written whole or not at all."""

import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_at: ContextVar[Path | None] = ContextVar("_at", default=None)
_asked: list[Callable[[], Path]] = []
"""Who tells whose home it is, once somebody was named."""


def root() -> Path:
    """The installation's folder: ``$GENLAB_ROOT``, else ``$GENLAB_HOME``, else the working directory.

    It is the home of its only user, or holds the homes of its visitors (:mod:`genlab.runs.visitors`).
    """
    chosen = os.environ.get("GENLAB_ROOT") or os.environ.get("GENLAB_HOME")
    return Path(chosen).expanduser().resolve() if chosen else Path.cwd()


def home() -> Path:
    """The folder that holds runs and a user's own data.

    That of the visitor for whom this code runs, where there are visitors; else ``$GENLAB_HOME``, else the
    working directory.
    """
    visited = _at.get() or next((ask() for ask in _asked), None)
    if visited is not None:
        return visited
    chosen = os.environ.get("GENLAB_HOME")
    return Path(chosen).expanduser().resolve() if chosen else Path.cwd()


@contextmanager
def at_home(folder: Path) -> Iterator[None]:
    """Meanwhile this thread works in the home of one visitor."""
    token = _at.set(folder)
    try:
        yield
    finally:
        _at.reset(token)


def ask_for_home(visitor: Callable[[], Path]) -> None:
    """From now on ask `visitor` whose home it is, wherever :func:`at_home` does not say; it may refuse by raising."""
    _asked[:] = [visitor]


def common_dir() -> Path:
    """Locks, logs and counters that all homes of the installation share."""
    return root() / "runs"


def runs_dir() -> Path:
    """One folder a run. Not created here: reading code must cope with its absence."""
    return home() / "runs"


def datasets_dir() -> Path:
    """The user's own picture sets, one folder each."""
    return home() / "datasets"


def cache_dir() -> Path:
    """Downloaded data: ``$GENLAB_CACHE``, else the place the operating system keeps for caches."""
    chosen = os.environ.get("GENLAB_CACHE")
    if chosen:
        return Path(chosen).expanduser().resolve()
    import pooch  # imported late: most processes only ever read runs

    return Path(pooch.os_cache("genlab"))


def atomic_write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` so that a reader, at any moment, sees the old file or the new one.

    The bytes go to a hidden file beside ``path``, are flushed to the disk, and are then renamed over
    it. When that fails (a full disk, a missing permission) the old file stays and nothing else remains.

    Parameters
    ----------
    path : Path
        The file to write; its folder is created when missing.
    data : bytes
        The whole content.

    Raises
    ------
    OSError
        As the operating system reports it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        # Opened by hand and not with tempfile, which would give the file mode 0600 for good.
        with open(beside, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def atomic_write_json(path: Path, obj: object) -> None:
    """Write ``obj`` as readable UTF-8 JSON, whole or not at all.

    Raises
    ------
    ValueError
        When ``obj`` holds NaN or an infinity, which are not JSON and which other readers refuse.
    OSError
        As the operating system reports it.
    """
    text = json.dumps(obj, indent=2, ensure_ascii=False, allow_nan=False)
    atomic_write_bytes(path, (text + "\n").encode("utf-8"))


def sync_folder(folder: Path) -> None:
    """Flush a folder's list of names, so that a rename survives a power cut (where the system can)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
