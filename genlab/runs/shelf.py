"""Runs that one may look at but not change.

``zoo-<name>`` is a run that comes with the package, in ``genlab/zoo/runs/<name>/``. Nothing is ever written there: what
is computed from it goes into the home of whoever asks (:mod:`genlab.runs.derived`). ``shared-<secret>`` is a run that
somebody shares (:mod:`genlab.runs.sharing`).
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import ClassVar

import genlab
from genlab.paths import home
from genlab.runs.status import Status
from genlab.runs.store import Run, RunError

ZOO = Path(genlab.__file__).parent / "zoo" / "runs"
ZOO_ID = re.compile(r"zoo-([a-z0-9-]+)")


class Shelved(Run):
    """A run that one may look at but not change."""

    read_only: ClassVar[bool] = True

    def __init__(self, path: Path, run_id: str, name: str) -> None:
        super().__init__(path)
        self._id, self._name = run_id, name

    @property
    def id(self) -> str:
        """What links use."""
        return self._id

    @property
    def name(self) -> str:
        """What files that are made of it are called by."""
        return self._name

    @property
    def number(self) -> int:
        """0: it has none."""
        return 0

    @property
    def derived(self) -> Path:
        """A folder of whoever looks at it, who may delete what is in it at any time."""
        return home() / "derived" / self._name


class ZooRun(Shelved):
    """A run that comes with the package."""

    def __init__(self, name: str) -> None:
        super().__init__(ZOO / name, f"zoo-{name}", f"zoo-{name}")

    def status(self, *, holding: bool = False) -> Status:  # noqa: ARG002 -- as every run's
        """Where the run stands; no lock is looked for, since nobody trains it."""
        return super().status(holding=True)


def zoo_runs() -> list[Run]:
    """The runs that come with the package, by name."""
    try:
        names = sorted(entry.name for entry in ZOO.iterdir() if ZOO_ID.fullmatch(f"zoo-{entry.name}"))
    except FileNotFoundError:
        return []
    return [run for run in map(ZooRun, names) if run.problem is None]


def open_shelved(run_id: str) -> Run:
    """The run of an id that begins as those of :data:`genlab.runs.store.SHELVED` do, which may come from a link.

    Raises
    ------
    RunError
        There is no such run.
    """
    if run_id.startswith("shared-"):
        from genlab.runs.sharing import open_shared

        return open_shared(run_id)
    match = ZOO_ID.fullmatch(run_id)
    # The pattern allows no separator and no dot, so the path stays inside the folder.
    if match is None or not (ZOO / match[1]).is_dir():
        raise RunError(f"There is no run {run_id[:80]!r} here. It may have been deleted; choose another one.")
    return ZooRun(match[1])


def take_copy(run: Run) -> Run:
    """A copy of a run among those of whoever asks, who may go on with it; one that was under way is paused.

    Raises
    ------
    GenlabError
        The run is damaged or gone, or there is no room for it.
    """
    from genlab.runs.pack import packed  # these two import what a look at a run does not need
    from genlab.runs.unpack import unpack

    return unpack(io.BytesIO(packed(run)))
