"""Processes that outlive whoever starts them, and how one of them is asked to end."""

from __future__ import annotations

import _thread
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import psutil

import genlab
from genlab.paths import home, root

LOG_BYTES_MAX = 1 << 20
"""A log that is longer is begun anew."""

WATCH_SECONDS = 0.2

STARTED_BY = "GENLAB_STARTED_BY"
"""A variable that a server sets, and that all processes inherit that it starts, and that those start."""


def spawn(
    arguments: list[str], log: Path, *, same_session: bool = False, **environment: str
) -> subprocess.Popen[bytes]:
    """Start ``python -m genlab`` with `arguments`, over this home and with this code. It has to be waited for.

    Parameters
    ----------
    log
        What it prints is appended there; the folder is there.
    same_session
        Stay in this process's session, though out of its group: whoever interrupts this one does not mean that one.
    environment
        What it finds in its environment besides.

    Raises
    ------
    OSError
        As the operating system reports it.
    """
    mode = "ab" if not log.exists() or log.stat().st_size < LOG_BYTES_MAX else "wb"
    package = str(Path(genlab.__file__).parent.parent)
    search = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
    homes = {"GENLAB_HOME": str(home()), "GENLAB_ROOT": str(root())}
    with open(log, mode) as output:
        return subprocess.Popen(
            [sys.executable, "-m", "genlab", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **homes, "PYTHONPATH": search, **environment},
            start_new_session=not same_session,
            process_group=0 if same_session else None,
        )


@contextlib.contextmanager
def interrupted_when(asked: Callable[[], bool]) -> Iterator[None]:
    """Meanwhile the main thread, which has to be this one, is interrupted as by Ctrl-C once `asked` says so.

    SIGTERM, by which the system ends processes, does the same, once: it may be told by several.
    """
    over = threading.Event()
    ending = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal ending
        if not ending:
            ending = True
            raise KeyboardInterrupt

    def watch() -> None:
        while not over.wait(WATCH_SECONDS):
            if asked():
                _thread.interrupt_main()
                return

    # A shell that starts us in the background may have told us to ignore Ctrl-C, and with it `watch`.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    before_end = signal.signal(signal.SIGTERM, end)
    watcher = threading.Thread(target=watch, name="genlab-stop", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        with contextlib.suppress(KeyboardInterrupt):  # it may have come after the work was done
            watcher.join()
            time.sleep(0)
        signal.signal(signal.SIGINT, before)
        if not ending:  # else how it ended is still to be written down
            signal.signal(signal.SIGTERM, before_end)


def end_started(mark: str, seconds: float) -> None:
    """Ask all processes that have `mark` in :data:`STARTED_BY` to end, and wait until they do, or time is over."""
    deadline = time.monotonic() + seconds
    asked: set[psutil.Process] = set()
    while (left := _started_by(mark)) and time.monotonic() < deadline:
        for process in left - asked:
            with contextlib.suppress(psutil.Error):  # it has ended by itself
                process.terminate()
        asked |= left
        time.sleep(WATCH_SECONDS)


def _started_by(mark: str) -> set[psutil.Process]:
    found = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # it ended this moment, or is somebody else's
            if process.pid != os.getpid() and process.environ().get(STARTED_BY) == mark:
                found.add(process)
    return found
