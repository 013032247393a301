"""Changes that people make to a run, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from genlab.runs.status import LOCKS
from genlab.runs.store import Run, RunError

CHANGE_SECONDS = 5.0


@contextmanager
def changing(run: Run) -> Iterator[None]:
    """Meanwhile no other page or terminal changes what people may change of a run, or deletes it.

    Raises
    ------
    RunError
        The run was deleted, is not to be changed, or the operating system refuses the change.
    """
    run.check_changeable()
    try:
        with FileLock(changes_lock_file(run.path), CHANGE_SECONDS, is_singleton=False):
            if not run.is_there:
                raise run.gone()
            yield
    except Timeout:
        raise RunError(f"The run {run.id} is being changed by another process. Try again in a moment.") from None
    except OSError as error:
        raise run.unwritable(error) from error


def changes_lock_file(folder: Path) -> Path:
    """The file of the lock that :func:`changing` holds."""
    return folder.parent / LOCKS / f"{folder.name}.changes.lock"
