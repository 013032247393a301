"""A run is a folder a person can read, and the only thing that processes share.

::

    runs/00012-mnist-dcgan/
      config.json        everything needed to run it again
      target.json        the score that it is to reach, where one was set
      start.safetensors  the weights that a branch of another run starts with
      status.json        where it stands
      title.json         the name a person gave it, where one did
      control.json       what a person asks of it while it trains
      metrics.jsonl      the curves
      samples/000200.png an 8 x 8 grid of the same latents at every snapshot
      checkpoints/       see genlab.training.checkpoint
      log.txt            what happened, with the traceback of a fault
"""

from __future__ import annotations

import json
import re
import shutil
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from genlab.errors import GenlabError
from genlab.paths import atomic_write_bytes, atomic_write_json, runs_dir
from genlab.runs.metrics import read_metrics
from genlab.runs.numbering import FOLDER, hidden, settle
from genlab.runs.provenance import Origin, provenance, read_origin
from genlab.runs.quotas import check_waiting, one_at_a_time
from genlab.runs.status import State, Status, StatusError, read_status, write_status
from genlab.training.config import RunConfig

if TYPE_CHECKING:
    import pandas as pd

CONFIG_FILE = "config.json"
TITLE_FILE = "title.json"
LOG_FILE = "log.txt"
START_FILE = "start.safetensors"
SAMPLES = "samples"
CHECKPOINTS = "checkpoints"
MAX_TITLE = 80
LOG_TAIL_BYTES = 256 * 1024
SHELVED = ("zoo-", "shared-")
"""How the ids of runs begin that one may look at but not change."""


class RunError(GenlabError):
    """Something cannot be done with a run; the message says why and what to do."""


class Run:
    """One run folder. Every read looks at the disk anew, but for the configuration, which never changes."""

    read_only: ClassVar[bool] = False
    """Whether one may look at it but not change it: see :mod:`genlab.runs.shelf`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def path(self) -> Path:
        """Its folder."""
        return self._path

    @property
    def is_there(self) -> bool:
        """Whether it was not deleted meanwhile."""
        return self.path.is_dir()

    @property
    def id(self) -> str:
        """Name of the folder, which is also what links use."""
        return self.path.name

    @property
    def name(self) -> str:
        """What files that are made of it are called by."""
        return self.id

    @property
    def number(self) -> int:
        """The number the folder's name begins with; 0 for one that has none."""
        return int(self.id.split("-", 1)[0])

    @property
    def derived(self) -> Path:
        """Where is kept what is computed from it; see :mod:`genlab.runs.derived`."""
        return self.path

    @property
    def places(self) -> tuple[Path, ...]:
        """Where what was computed from it is looked for."""
        return tuple(dict.fromkeys((self.path, self.derived)))

    @cached_property
    def _record(self) -> tuple[Any, float, Origin | None]:
        try:
            record: Any = json.loads((self.path / CONFIG_FILE).read_text(encoding="utf-8"))
            return record["config"], float(record["created"]), read_origin(record)
        except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
            raise RunError(
                f"The run {self.id} has no readable {CONFIG_FILE} ({type(error).__name__}: {error})."
            ) from error

    @cached_property
    def config(self) -> RunConfig:
        """What was asked for.

        Raises
        ------
        GenlabError
            The file is missing or holds what this version does not know.
        """
        return RunConfig.from_dict(self._record[0])

    @property
    def created(self) -> float:
        """When the run was made, in Unix seconds."""
        return self._record[1]

    @property
    def origin(self) -> Origin | None:
        """The run that this one is a branch of; None for most."""
        return self._record[2]

    @property
    def title(self) -> str:
        """The name a person gave the run, else its :attr:`name`."""
        try:
            title = json.loads((self.path / TITLE_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return self.name
        return title if isinstance(title, str) and title else self.name

    @property
    def problem(self) -> str | None:
        """Why the folder cannot be used as a run, in one sentence; None where it can."""
        try:
            _ = self.config, self.status()
        except GenlabError as error:
            return str(error)
        return None

    def status(self, *, holding: bool = False) -> Status:
        """Where the run stands.

        Parameters
        ----------
        holding
            Whether the caller holds the run's lock.

        Raises
        ------
        RunError
            The run was deleted, or its ``status.json`` is missing or damaged.
        """
        try:
            return read_status(self.path, holding)
        except StatusError as error:
            if not self.is_there:
                raise self.gone() from None
            raise RunError(f"The run {self.id} is damaged: {error}.") from error

    def check_changeable(self) -> None:
        """Raise a RunError where one may look at the run but not change it."""
        if self.read_only:
            raise RunError("This run can be looked at but not changed. Take a copy of it, and change that.")

    def gone(self) -> RunError:
        """What to tell who asks for a run that was deleted meanwhile."""
        return RunError(f"There is no run {self.id!r} any more: it was deleted.")

    def unwritable(self, error: OSError) -> RunError:
        """What to tell who wants a change that the operating system refuses."""
        return RunError(
            f"The run {self.id} cannot be changed: {error.strerror or error}. Free some space and try again."
        )

    def metrics(self) -> pd.DataFrame:
        """The curves; see :func:`genlab.runs.metrics.read_metrics`."""
        return read_metrics(self.path)

    def samples(self) -> list[tuple[int, Path]]:
        """Step and PNG of each snapshot, ascending."""
        return _by_step(self.path / SAMPLES, r"(\d+)\.png")

    def checkpoints(self) -> list[tuple[int, Path]]:
        """Step and folder of each checkpoint, ascending."""
        return _by_step(self.path / CHECKPOINTS, r"(\d+)")

    def read(self, name: str) -> bytes:
        """What a file of it holds, as whoever looks at the run may have it."""
        return (self.path / name).read_bytes()

    def log_tail(self, lines: int = 200) -> str:
        """The last lines of the log; empty where there is none yet."""
        try:
            with open(self.path / LOG_FILE, "rb") as file:
                size = file.seek(0, 2)
                file.seek(max(0, size - LOG_TAIL_BYTES))
                text = file.read().decode("utf-8", errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:])


def _by_step(folder: Path, pattern: str) -> list[tuple[int, Path]]:
    try:
        entries = list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    matches = ((re.fullmatch(pattern, entry.name), entry) for entry in entries)
    return sorted((int(match[1]), entry) for match, entry in matches if match)


def list_runs() -> list[Run]:
    """All runs, newest first; broken ones too, which their ``problem`` tells."""
    try:
        folders = [entry for entry in runs_dir().iterdir() if FOLDER.fullmatch(entry.name) and entry.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted((Run(folder) for folder in folders), key=lambda run: run.number, reverse=True)


def open_run(run_id: str) -> Run:
    """The run of a folder name, or of an id of :mod:`genlab.runs.shelf`, which may come from a link.

    Raises
    ------
    RunError
        There is no such run.
    """
    if run_id.startswith(SHELVED):
        from genlab.runs import shelf

        return shelf.open_shelved(run_id)
    path = runs_dir() / run_id
    # The pattern allows no separator and no dot, so the path stays inside the folder of runs.
    if not FOLDER.fullmatch(run_id) or not path.is_dir():
        raise RunError(f"There is no run {run_id[:80]!r} here. It may have been deleted; choose another one.")
    return Run(path)


@one_at_a_time()
def create_run(
    config: RunConfig,
    title: str | None = None,
    state: State = "queued",
    origin: Origin | None = None,
    weights: Path | None = None,
) -> Run:
    """Make the folder of a new run. Queued, the next free worker takes it.

    Parameters
    ----------
    origin
        The run that it is a branch of.
    weights
        The file of a model that it starts with, of which it gets a copy.

    Raises
    ------
    RunError
        The title is too long or the folder cannot be written.
    QuotaError
        Whoever asks has no room for one more.
    """
    if title is not None:
        check_title(title)
    if state == "queued":
        check_waiting()
    beside = hidden()
    try:
        beside.mkdir(parents=True)
        record = {"config": config.to_dict(), "created": time.time(), **provenance(origin)}
        atomic_write_json(beside / CONFIG_FILE, record)
        if weights is not None:
            atomic_write_bytes(beside / START_FILE, weights.read_bytes())
        queued_at = time.time() if state == "queued" else 0.0
        write_status(beside, Status(state, total_steps=config.total_steps, queued_at=queued_at))
        if title is not None:
            atomic_write_json(beside / TITLE_FILE, title.strip())
        return Run(settle(beside, config))
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise RunError(
            f"A new run cannot be written to {beside.parent}: {error.strerror}. Free some space or choose "
            "another folder with GENLAB_HOME."
        ) from error


def check_title(title: str) -> None:
    """Raise a RunError unless `title` is 1 to 80 printable characters."""
    if not 1 <= len(title.strip()) <= MAX_TITLE or not title.isprintable():
        raise RunError(f"A run's name has 1 to {MAX_TITLE} characters, all on one line.")
