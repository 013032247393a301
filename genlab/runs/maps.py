"""Maps of a run's latent space as files; see :mod:`genlab.runs.derived`."""

from __future__ import annotations

import contextlib
import importlib.metadata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from filelock import FileLock, Timeout
from torch import Tensor

from genlab.data import load as load_pictures
from genlab.evaluation.extractor import extractor_for
from genlab.latent.forming import Forming, keep_in, latest
from genlab.latent.points import Judge, Seen, collect, needs_judge
from genlab.latent.project import Progress
from genlab.latent.result import FORMAT, Projection, load, project, save
from genlab.latent.scores import reconstruction_errors
from genlab.latent.spec import MAX_AGAIN, Spec, key
from genlab.latent.tsne import VERSION
from genlab.paths import common_dir
from genlab.runs.derived import Derived, came_along, pictures_digest, weights_digest
from genlab.runs.sampling import load_checkpoint
from genlab.runs.store import Run, RunError

SLOT_LOCK = ".projections.lock"
MAX_MAPS = 60
"""The oldest maps of a run make room for new ones: some 100 MB at most for small pictures."""


@dataclass(frozen=True)
class Map(Derived[Projection]):
    """One map of one checkpoint, there or not yet; made by :func:`plan`."""

    FOLDER = "projections"

    step: int
    spec: Spec

    def load(self) -> Projection:
        return load(self.result())

    def forming(self) -> Forming | None:
        """The map as it is by now, where t-SNE is at work on it."""
        return latest(self.file(".forming"))

    def make(self, progress: Progress) -> Projection:
        progress(0.0, "loading", None)
        stored, step = load_checkpoint(self.run, self.step)
        if step != self.step:
            raise RunError(f"The checkpoint of step {self.step} is gone. Choose another step.")
        pictures = load_pictures(self.run.config.data, self.spec.split)
        progress(0.0, "encoding", None)
        judge = _judge(self.run.config.data, pictures.classes) if needs_judge(self.spec.what) else None
        points = collect(stored.model, pictures, self.spec.what, self.spec.n, self.spec.seed, judge)
        error = reconstruction_errors(stored.model, torch.from_numpy(points.images))
        points = replace(points, error=error)
        forming = self.file(".forming")
        forming.unlink(missing_ok=True)  # of a process that was killed
        with _slot(self.spec, progress):
            try:
                made = project(self.spec, points, self.step, progress, keep_in(forming, points))
            finally:
                forming.unlink(missing_ok=True)
        self.check_run()
        save(made, self.file(".npz"))
        self.forget_oldest(MAX_MAPS)
        return made

    def command(self) -> list[str]:
        spec = self.spec
        words = [
            "project", self.run.id, "--step", str(self.step),
            "--what", spec.what, "--method", spec.method, "--dims", str(spec.dims), "--n", str(spec.n),
            "--seed", str(spec.seed), "--split", spec.split,
        ]  # fmt: skip
        for name, value in spec.parameters().items():
            values = value if isinstance(value, tuple) else (value,)
            words += [f"--{name.replace('_', '-')}", *map(str, values)]
        return words

    def again(self) -> Map:
        """Another layout of the same points, for :func:`genlab.latent.trust.stability`; of t-SNE and UMAP only."""
        return plan(self.run, replace(self.spec, again=self.spec.again % MAX_AGAIN + 1), self.step)


def plan(run: Run, spec: Spec, step: int | None = None) -> Map:
    """The map that `spec` asks for, of the newest checkpoint not after `step` (None: the newest of all).

    Quick: it reads the checkpoint's weights once to name the map, and computes nothing.

    Raises
    ------
    RunError
        The run has no checkpoint, or it is gone.
    """
    at, folder = _checkpoint(run, step)
    shipped = came_along(run, Map.FOLDER, spec, at)
    if shipped is not None:
        return Map(run, shipped.stem, at, spec)
    ingredients = {
        "weights": weights_digest(at, folder),
        "data": run.config.data,
        "format": FORMAT,
        "pictures": pictures_digest(run.config.data),
        "tsne": VERSION,
        **{name: importlib.metadata.version(name) for name in ("scikit-learn", "torch", "umap-learn")},
    }
    if needs_judge(spec.what):
        ingredients["judge"] = extractor_for(run.config.data).hash
    return Map(run, key(spec, ingredients), at, spec)


def _judge(data: str, classes: tuple[str, ...]) -> Judge:
    """What scores this data set, as what a map may be made of."""
    extractor = extractor_for(data)

    def seen(images: Tensor) -> Seen:
        found = extractor(images)
        if found.logits is None or extractor.classes != classes:
            return Seen(found.features, None, None)
        confidence, labels = found.logits.softmax(1).max(1)
        return Seen(found.features, labels, confidence)

    return seen


@contextlib.contextmanager
def _slot(spec: Spec, progress: Progress) -> Iterator[None]:
    """One t-SNE or UMAP at a time on this machine: it fills a core for minutes, and training wants the others."""
    if spec.method not in ("tsne", "umap"):
        yield
        return
    common_dir().mkdir(parents=True, exist_ok=True)
    lock = FileLock(common_dir() / SLOT_LOCK, is_singleton=False)
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
