"""What is computed from a run's checkpoints and kept in its folder: once, by one process, for every page that asks.

Of a run that one may not change (:mod:`genlab.runs.shelf`) it is looked for in its folder, and else kept in the home of
whoever asks for it.

::

    runs/00012-mnist-dcgan/projections/
      3f9c....npz            the finished result
      3f9c....json           what it is; a result without it is not finished
      3f9c....progress.json  how far the computation is, or how it ended
      3f9c....forming        a map as it is by now, while t-SNE works
      3f9c....lock           held by whoever computes it; the system frees it when that process dies
      3f9c....stop           asks it to end
      3f9c....log            what the computing process printed

The name is made of everything that decides the result: the weights, the pictures, every choice, and the
versions of the libraries. So a result that is there never has to be questioned, nor computed again.
"""

from __future__ import annotations

import hashlib
import json
import time
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, TypeVar

from filelock import FileLock, Timeout

from genlab.data.own.store import PREFIX, read_facts
from genlab.latent.project import Phase, Progress
from genlab.latent.spec import LatentError, Spec
from genlab.paths import atomic_write_json
from genlab.runs.shelf import ZooRun
from genlab.runs.store import Run, RunError
from genlab.training.checkpoint import MODEL_FILE

START_SECONDS = 30.0
"""A started process that has not taken the lock by then will not any more."""

JobState = Literal["absent", "running", "done", "failed", "stopped", "died"]
Made = TypeVar("Made")


@dataclass(frozen=True)
class JobStatus:
    """Where a computation stands.

    Attributes
    ----------
    state
        ``"died"`` is one that says running while no process holds its lock.
    fraction
        Share of the work done, 0 to 1.
    phase
        What is being done.
    eta_seconds
        Time to go, where it can be told.
    why
        How it came to this state, in a sentence, where it failed.
    updated
        Unix seconds.
    """

    state: JobState = "absent"
    fraction: float = 0.0
    phase: Phase = "loading"
    eta_seconds: float | None = None
    why: str = ""
    updated: float = 0.0


@dataclass(frozen=True)
class Derived(ABC, Generic[Made]):
    """One result of a run's checkpoints, there or not yet.

    Attributes
    ----------
    run
        Whose checkpoints.
    key
        Names the result's files.
    """

    FOLDER: ClassVar[str]

    run: Run
    key: str

    @abstractmethod
    def load(self) -> Made:
        """The finished result; a LatentError where it is missing or damaged."""

    @abstractmethod
    def make(self, progress: Progress) -> Made:
        """Compute and write the result; the caller holds its lock.

        Raises
        ------
        GenlabError
            It cannot be made; the message says why.
        """

    @abstractmethod
    def command(self) -> list[str]:
        """What makes it from a terminal: the words after ``python -m genlab``."""

    def file(self, suffix: str) -> Path:
        """The result's file of a kind, such as ``".npz"`` or ``".lock"``, where it is written."""
        return self.run.derived / self.FOLDER / f"{self.key}{suffix}"

    def result(self) -> Path:
        """The ``.npz`` of the finished result, where that is found; where it will be, while there is none."""
        paths = [place / self.FOLDER / f"{self.key}.npz" for place in self.run.places]
        return next(filter(_is_whole, paths), paths[-1])

    def lock(self) -> FileLock:
        """What whoever computes this holds."""
        if self.run.read_only:  # another run's folder, once deleted, must not come back
            self.run.derived.mkdir(parents=True, exist_ok=True)
        self.file(".lock").parent.mkdir(exist_ok=True)
        return FileLock(self.file(".lock"), is_singleton=False)

    def is_done(self) -> bool:
        """Whether the finished result is on disk."""
        return _is_whole(self.result())

    def status(self) -> JobStatus:
        """Where its computation stands, as the files and the lock show it."""
        if self.is_done():
            return JobStatus("done", 1.0)
        held = self._is_held()
        written = self._written()
        if held:
            return written if written.state == "running" else JobStatus("running")
        if self.is_done():  # finished between the two looks
            return JobStatus("done", 1.0)
        if written.state != "running":
            return written
        if written.phase == "waiting" and written.updated > time.time() - START_SECONDS:
            return written  # started, and about to take the lock
        why = "The computation ended without a word: it was killed or ran out of memory."
        return JobStatus("died", why=why)

    def write(self, status: JobStatus) -> None:
        """Replace the progress file.

        Raises
        ------
        LatentError
            The run is gone: writing would bring back a folder of it.
        """
        self.check_run()
        atomic_write_json(self.file(".progress.json"), {**asdict(status), "updated": time.time()})

    def log_tail(self, lines: int = 40) -> str:
        """The last lines the computing process printed; empty where there is nothing."""
        try:
            text = self.file(".log").read_text("utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def check_run(self) -> None:
        """Raise a LatentError when the run has been deleted."""
        if not self.run.is_there or not self.file(".lock").parent.is_dir():
            raise LatentError("The run was deleted while its map was being made.")

    def forget(self) -> None:
        """Delete the result, as where its files are damaged; the caller sees that nobody computes it."""
        _delete(self.file(".npz"))

    def forget_oldest(self, most: int) -> None:
        """Delete finished results of this kind that this run has beyond the `most` newest."""
        finished = sorted(self.file("").parent.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in finished[most:]:
            for suffix in (".json", ".npz", ".progress.json", ".forming", ".log", ".lock"):
                path.with_name(path.stem + suffix).unlink(missing_ok=True)

    def _is_held(self) -> bool:
        if not self.file(".lock").exists():
            return False
        try:
            with self.lock().acquire(timeout=0):
                return False
        except Timeout:
            return True

    def _written(self) -> JobStatus:
        try:
            values: Any = json.loads(self.file(".progress.json").read_text("utf-8"))
            return JobStatus(**{entry.name: values[entry.name] for entry in fields(JobStatus)})
        except (OSError, ValueError, KeyError, TypeError):
            return JobStatus()


def _is_whole(npz: Path) -> bool:
    return npz.with_suffix(".json").exists() and npz.exists()


def _delete(npz: Path) -> None:
    for suffix in (".json", ".npz", ".progress.json", ".log", ".lock"):
        npz.with_name(npz.stem + suffix).unlink(missing_ok=True)


def compute(wanted: Derived[Made], progress: Progress | None = None) -> Made:
    """Make a result in this process, or wait for the process that is making it, and return it.

    Raises
    ------
    GenlabError
        It cannot be made; the message says why.
    """
    with wanted.lock():
        return wanted.load() if wanted.is_done() else wanted.make(progress or (lambda *_: None))


def came_along(run: Run, folder: str, spec: Spec, step: int | None = None) -> Path | None:
    """The result of this description that came with a run of the zoo; None where there is none.

    Its weights never change, so that it stays true whatever versions of libraries, and whatever checkpoints that were
    not shipped, it was made with. Names tell those too, and so cannot find it.

    Parameters
    ----------
    step
        Of the checkpoint that it is of; None where it is of several.

    Returns
    -------
    Path
        Its ``.npz``.
    """
    if not isinstance(run, ZooRun):
        return None
    for path in sorted((run.path / folder).glob("*.json")):
        about = json.loads(path.read_text("utf-8"))
        if Spec.from_dict(about["spec"]) == spec and about.get("step") == step:
            return path.with_suffix(".npz")
    return None


def spec_that_came_along(run: Run, folder: str) -> Spec | None:
    """What the first result that came with a run of the zoo is of; None where none did."""
    if not isinstance(run, ZooRun):
        return None
    first = min((run.path / folder).glob("*.json"), default=None)
    return None if first is None else Spec.from_dict(json.loads(first.read_text("utf-8"))["spec"])


def weights_digest(step: int, checkpoint: Path) -> str:
    """SHA-256 of a checkpoint's weights, remembered as long as the file stays the same.

    Raises
    ------
    RunError
        They cannot be read.
    """
    path = checkpoint / MODEL_FILE
    try:
        state = path.stat()
        return _sha256(path, state.st_mtime_ns, state.st_size)
    except OSError as error:
        raise RunError(f"The checkpoint of step {step} cannot be read. Choose another step.") from error


@lru_cache(maxsize=1024)
def _sha256(path: Path, _mtime: int, _size: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pictures_digest(data: str) -> str:
    """What tells one's own pictures from others that had the same name before; public sets never change."""
    return read_facts(data.removeprefix(PREFIX)).sha256 if data.startswith(PREFIX) else ""
