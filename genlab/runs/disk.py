"""Room on the disk, and trainings that wait for it rather than fail.

Where less is free than the setting ``free_megabytes`` leaves alone, no run is begun and those that train wait, with all
they have learned in memory, until there is clearly more; so do those that the system refuses a write for want of room.
"""

from __future__ import annotations

import errno
import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from genlab.paths import root
from genlab.settings import settings

log = logging.getLogger(__name__)

FULL = (errno.ENOSPC, errno.EDQUOT)
ENOUGH = 1.2
"""How many times the least has to be free until what waits goes on: else it would begin and wait by turns."""
LOOK_SECONDS = 1.0
"""Between two looks at the disk of who waits for room."""

WAITS = "waiting for room on the disk"
NO_ROOM = "The disk is nearly full, so the training waits; it goes on by itself once there is room. Delete old runs."

RESERVE_FILE = ".reserve"
RESERVE_BYTES = 64 * 1024
"""Given back when the disk is full, so that there is room to say so."""


def free_bytes() -> int:
    """What is free of the disk that runs are kept on, also before their folder is there."""
    folder = root()
    return shutil.disk_usage(next(path for path in (folder, *folder.parents) if path.exists())).free


def is_low() -> bool:
    """Whether less is free than is to be left alone."""
    return free_bytes() < least_bytes()


def least_bytes() -> float:
    """What is to be left alone."""
    return settings().limits.free_megabytes * 1e6


def keep_reserve(run: Path) -> None:
    """Take some room for a run's folder, to be given back when there is none."""
    (run / RESERVE_FILE).write_bytes(b"\0" * RESERVE_BYTES)


def give_reserve_back(run: Path) -> None:
    """Make room for a few words."""
    (run / RESERVE_FILE).unlink(missing_ok=True)


class Patience:
    """Writes for one training, and waits where there is no room for that.

    Parameters
    ----------
    is_over
        Whether someone asks for the end of the training: then a write that is refused raises.
    tell
        Told that the training waits, and that it goes on.

    Attributes
    ----------
    waited
        Seconds that were spent waiting.
    """

    def __init__(
        self, is_over: Callable[[], bool] = lambda: False, tell: Callable[[bool], None] = lambda _: None
    ) -> None:
        self._is_over, self._tell = is_over, tell
        self.waited = 0.0

    def clock(self) -> float:
        """Seconds of a clock that stands still while it waits."""
        return time.perf_counter() - self.waited

    def write(self, what: Callable[[], object]) -> None:
        """Write once there is room.

        Parameters
        ----------
        what
            Writes, or leaves all as it was and raises an OSError; it may be called again then.

        Raises
        ------
        OSError
            The system refuses for another reason than want of room, or someone asks for the end.
        """
        waits = is_low() and not self._is_over()
        if not waits and self._done(what):
            return
        while True:
            self._wait()
            if self._done(what):
                self._tell(False)
                return

    def _done(self, what: Callable[[], object]) -> bool:
        try:
            what()
        except OSError as error:
            if error.errno not in FULL or self._is_over():
                raise
            log.warning("The disk is full: %s", error)
            return False
        return True

    def _wait(self) -> None:
        """Wait for a while, and until there is clearly room or someone asks for the end."""
        began = time.perf_counter()
        self._tell(True)
        time.sleep(LOOK_SECONDS)
        while free_bytes() < ENOUGH * least_bytes() and not self._is_over():
            time.sleep(LOOK_SECONDS)
        self.waited += time.perf_counter() - began
