"""Who has a workspace on a shared installation, and what trains there: for who runs it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from genlab.paths import at_home, root
from genlab.runs import control, waiting
from genlab.runs.quotas import megabytes
from genlab.runs.store import Run, RunError, list_runs, open_run
from genlab.runs.visitors import FOLDER, live_homes, seen, visitors, visitors_dir, who


class Workspace(NamedTuple):
    """A visitor's home.

    Attributes
    ----------
    who
        The address of whom it belongs to; in the mode ``demo``, where nobody has one, the folder's name.
    megabytes
        On the disk.
    seen
        The last visit, in Unix seconds.
    """

    who: str
    runs: int
    megabytes: float
    seen: float


class Live(NamedTuple):
    """A run that trains or waits; the home's name is empty for the installation's own."""

    home: str
    who: str
    run: Run


def workspaces() -> list[Workspace]:
    """Those of all visitors, the last visited first."""
    found = []
    for folder in visitors():
        with at_home(folder):
            found.append(Workspace(who(folder), len(list_runs()), megabytes(folder), seen(folder)))
    return sorted(found, key=lambda workspace: workspace.seen, reverse=True)


def live() -> list[Live]:
    """What trains or waits, of all visitors and of the installation itself."""
    found = []
    for folder in live_homes():
        name = "" if folder == root() else folder.name
        with at_home(folder):
            found += [Live(name, who(folder) if name else "", run) for run, _ in reversed(waiting.live_runs())]
    return found


def stop(home: str, run_id: str) -> None:
    """Stop a run of anybody's; it keeps its checkpoint.

    Raises
    ------
    RunError
        There is no such run.
    """
    if home and not FOLDER.fullmatch(home):
        raise RunError(f"There is no workspace {home[:40]!r} here.")
    folder: Path = visitors_dir() / home if home else root()
    with at_home(folder):
        control.stop(open_run(run_id))
