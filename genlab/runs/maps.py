"""Maps of a run's latent space as files: computed once, by one process, for every page that asks.

::

    runs/00012-mnist-dcgan/projections/
      3f9c....npz            the finished map
      3f9c....json           what it is; a map without it is not finished
      3f9c....progress.json  how far the computation is, or how it ended
      3f9c....lock           held by whoever computes it; the system frees it when that process dies
      3f9c....stop           asks it to end
      3f9c....log            what the computing process printed

The name is made of everything that decides the map: the weights, the pictures, every choice, and the
versions of the libraries. So a map that is there never has to be questioned, nor computed again.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from genlab.data import load as load_pictures
from genlab.data.own.store import PREFIX, read_facts
from genlab.latent.points import collect
from genlab.latent.project import Phase, Progress
from genlab.latent.result import FORMAT, Projection, load, project, save
from genlab.latent.spec import LatentError, Spec, key
from genlab.paths import atomic_write_json, runs_dir
from genlab.runs.sampling import load_checkpoint
from genlab.runs.store import Run, RunError
from genlab.training.checkpoint import MODEL_FILE

PROJECTIONS = "projections"
SLOT_LOCK = ".projections.lock"
START_SECONDS = 30.0
"""A started process that has not taken the lock by then will not any more."""
MAX_MAPS = 60
"""The oldest maps of a run make room for new ones: some 100 MB at most for small pictures."""

MapState = Literal["absent", "running", "done", "failed", "stopped", "died"]


@dataclass(frozen=True)
class MapStatus:
    """Where the computation of a map stands.

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

    state: MapState = "absent"
    fraction: float = 0.0
    phase: Phase = "loading"
    eta_seconds: float | None = None
    why: str = ""
    updated: float = 0.0


@dataclass(frozen=True)
class Map:
    """One map of one checkpoint, there or not yet; made by :func:`plan`."""

    run: Run
    step: int
    spec: Spec
    key: str

    def file(self, suffix: str) -> Path:
        """The map's file of a kind, such as ``".npz"`` or ``".lock"``."""
        return self.run.path / PROJECTIONS / f"{self.key}{suffix}"

    def lock(self) -> FileLock:
        """What whoever computes this map holds."""
        self.file(".lock").parent.mkdir(exist_ok=True)
        return FileLock(self.file(".lock"), is_singleton=False)

    def is_done(self) -> bool:
        """Whether the finished map is on disk."""
        return self.file(".json").exists() and self.file(".npz").exists()

    def load(self) -> Projection:
        """The finished map; a LatentError where it is missing or damaged."""
        return load(self.file(".npz"))

    def status(self) -> MapStatus:
        """Where its computation stands, as the files and the lock show it."""
        if self.is_done():
            return MapStatus("done", 1.0)
        held = self._is_held()
        written = self._written()
        if held:
            return written if written.state == "running" else MapStatus("running")
        if self.is_done():  # finished between the two looks
            return MapStatus("done", 1.0)
        if written.state != "running":
            return written
        if written.phase == "waiting" and written.updated > time.time() - START_SECONDS:
            return written  # started, and about to take the lock
        why = "The computation ended without a word: it was killed or ran out of memory."
        return MapStatus("died", why=why)

    def write(self, status: MapStatus) -> None:
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
        if not self.file(".lock").parent.is_dir():
            raise LatentError("The run was deleted while its map was being made.")

    def _is_held(self) -> bool:
        if not self.file(".lock").exists():
            return False
        try:
            with self.lock().acquire(timeout=0):
                return False
        except Timeout:
            return True

    def _written(self) -> MapStatus:
        try:
            values: Any = json.loads(self.file(".progress.json").read_text("utf-8"))
            return MapStatus(**{entry.name: values[entry.name] for entry in fields(MapStatus)})
        except (OSError, ValueError, KeyError, TypeError):
            return MapStatus()


def plan(run: Run, spec: Spec, step: int | None = None) -> Map:
    """The map that `spec` asks for, of the newest checkpoint not after `step` (None: the newest of all).

    Quick: it reads the checkpoint's weights once to name the map, and computes nothing.

    Raises
    ------
    RunError
        The run has no checkpoint, or it is gone.
    """
    at, folder = _checkpoint(run, step)
    try:
        weights = _digest(folder / MODEL_FILE)
    except OSError as error:
        raise RunError(f"The checkpoint of step {at} cannot be read. Choose another step.") from error
    ingredients = {
        "weights": weights,
        "data": run.config.data,
        "format": FORMAT,
        "pictures": _own_pictures(run.config.data),
        **{name: importlib.metadata.version(name) for name in ("scikit-learn", "torch")},
    }
    return Map(run, at, spec, key(spec, ingredients))


def compute(wanted: Map, progress: Progress | None = None) -> Projection:
    """Make a map in this process, or wait for the process that is making it, and return it.

    Raises
    ------
    GenlabError
        It cannot be made; the message says why.
    """
    with wanted.lock():
        return wanted.load() if wanted.is_done() else make(wanted, progress or (lambda *_: None))


def make(wanted: Map, progress: Progress) -> Projection:
    """Compute and write a map; the caller holds its lock.

    Raises
    ------
    GenlabError
        It cannot be made; the message says why.
    """
    spec = wanted.spec
    progress(0.0, "loading", None)
    stored, step = load_checkpoint(wanted.run, wanted.step)
    if step != wanted.step:
        raise RunError(f"The checkpoint of step {wanted.step} is gone. Choose another step.")
    pictures = load_pictures(wanted.run.config.data, spec.split)
    progress(0.0, "encoding", None)
    points = collect(stored.model, pictures, spec.what, spec.n, spec.seed)
    with _slot(spec, progress):
        made = project(spec, points, wanted.step, progress)
    wanted.check_run()
    save(made, wanted.file(".npz"))
    _forget_oldest(wanted)
    return made


@contextlib.contextmanager
def _slot(spec: Spec, progress: Progress) -> Iterator[None]:
    """One t-SNE at a time on this machine: it fills a core for minutes, and training wants the others."""
    if spec.method != "tsne":
        yield
        return
    lock = FileLock(runs_dir() / SLOT_LOCK, is_singleton=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress(0.0, "waiting", None)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _checkpoint(run: Run, step: int | None) -> tuple[int, Path]:
    """The newest checkpoint not after `step`, else the first."""
    checkpoints = run.checkpoints()
    if not checkpoints:
        raise RunError("This run has no checkpoint yet: there is no model to look into. Let it train a while.")
    before = [entry for entry in checkpoints if step is None or entry[0] <= step]
    return before[-1] if before else checkpoints[0]


def _digest(path: Path) -> str:
    """SHA-256 of a file, remembered as long as the file stays the same."""
    state = path.stat()
    return _sha256(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=256)
def _sha256(path: Path, _mtime: int, _size: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _own_pictures(data: str) -> str:
    """What tells one's own pictures from others that had the same name before; public sets never change."""
    return read_facts(data.removeprefix(PREFIX)).sha256 if data.startswith(PREFIX) else ""


def _forget_oldest(wanted: Map) -> None:
    folder = wanted.run.path / PROJECTIONS
    finished = sorted(folder.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in finished[MAX_MAPS:]:
        for suffix in (".json", ".npz", ".progress.json", ".log", ".lock"):
            path.with_name(path.stem + suffix).unlink(missing_ok=True)
