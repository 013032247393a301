"""Films of a run's latent space as files; see :mod:`genlab.runs.derived`.

A run that goes on gets new checkpoints, and with them a new film: it takes over the frames of the last one.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from genlab.data import load as load_pictures
from genlab.data.pictures import Pictures
from genlab.errors import GenlabError
from genlab.latent.film import POINTS, Film, chosen_steps, load, save, shoot, thumbnails
from genlab.latent.points import Points, choices, collect
from genlab.latent.project import Progress
from genlab.latent.spec import LatentError, Spec, Split, What, key
from genlab.models import MODELS
from genlab.models.options import parse_options
from genlab.models.storage import load_model
from genlab.runs.derived import Derived, came_along, pictures_digest, spec_that_came_along, weights_digest
from genlab.runs.store import CHECKPOINTS, Run, RunError
from genlab.training.checkpoint import MODEL_FILE

MAX_FILMS = 4
"""The oldest films of a run make room for new ones: some 10 MB each at most for small pictures."""
FORMAT = "1"
"""Of the files: another one makes another film."""


class Take(NamedTuple):
    """A checkpoint that a film is to show: its step, its folder, and the SHA-256 of its weights."""

    step: int
    folder: Path
    weights: str


@dataclass(frozen=True)
class Reel(Derived[Film]):
    """The film of one run's checkpoints, there or not yet; made by :func:`plan`.

    Attributes
    ----------
    spec
        What is projected.
    base
        Names all that decides a frame but its weights: films of one base can lend each other frames.
    takes
        The checkpoints, by step.
    """

    FOLDER = "films"

    spec: Spec
    base: str
    takes: tuple[Take, ...]

    def load(self) -> Film:
        return load(self.result())

    def make(self, progress: Progress) -> Film:
        progress(0.0, "loading", None)
        pictures = load_pictures(self.run.config.data, self.spec.split)
        lender = self.newest()
        lent = {} if lender is None else {frame.weights: frame for frame in lender.frames}
        frames, left_out = [], []
        to_do = [take for take in self.takes if take.weights not in lent]
        began = time.monotonic()
        for done, take in enumerate(to_do):
            left = (time.monotonic() - began) / done * (len(to_do) - done) if done else None
            progress(done / len(to_do), "encoding", left)
            try:
                points = self._collect(take, pictures)
                frames.append(shoot(take.step, take.weights, points, self.spec.method))
            except GenlabError as error:  # one that diverged, or lost its weights: the others make a film without it
                left_out.append((take.step, str(error)))
                continue
            if lender is None:
                lender = _empty(self.spec, points)
        self.check_run()
        frames += [replace(lent[take.weights], step=take.step) for take in self.takes if take.weights in lent]
        if lender is None or not frames:
            raise LatentError(left_out[0][1])
        made = replace(lender, frames=tuple(sorted(frames, key=lambda frame: frame.step)), left_out=tuple(left_out))
        save(made, self.file(".npz"), {"base": self.base})
        self.forget_oldest(MAX_FILMS)
        return made

    def command(self) -> list[str]:
        spec = self.spec
        return [
            "film", self.run.id, "--what", spec.what, "--n", str(spec.n), "--seed", str(spec.seed),
            "--split", spec.split,
        ]  # fmt: skip

    def newest(self) -> Film | None:
        """The newest finished film of this run that was made in the same way, if there is one, whatever its steps."""
        paths = [path for place in self.run.places for path in (place / self.FOLDER).glob("*.npz")]
        for path in sorted(paths, key=lambda path: path.stat().st_mtime, reverse=True):
            try:
                if json.loads(path.with_suffix(".json").read_text("utf-8"))["base"] == self.base:
                    return load(path)
            except (OSError, ValueError, KeyError, TypeError, LatentError):
                continue  # not finished, or damaged: as good as not there
        return None

    def _collect(self, take: Take, pictures: Pictures) -> Points:
        model = load_model(take.folder / MODEL_FILE).model
        return collect(model, pictures, self.spec.what, self.spec.n, self.spec.seed)


def _empty(spec: Spec, points: Points) -> Film:
    """A film of these pictures, without frames so far."""
    real = ~points.generated
    images, labels = thumbnails(points.images[real]), points.labels[real]
    return Film(spec, points.features.shape[1], (), images, labels, points.classes)


def default_spec(run: Run) -> Spec:
    """What the film of a run shows unless one asks for another: what its model has most to tell of.

    Two latents are shown as they are. With a run of the zoo, most of whose checkpoints did not come, its film came.
    """
    came = spec_that_came_along(run, Reel.FOLDER)
    return came or spec_of(run, choices(MODELS[run.config.model])[0], POINTS)


def spec_of(run: Run, what: What, n: int, seed: int = 0, split: Split = "train") -> Spec:
    """The description of a film of `what`: by PCA, or of two latents as they are."""
    return Spec(what, "plane" if what == "encoder" and _has_plane(run) else "pca", 2, n, seed, split)


def _has_plane(run: Run) -> bool:
    """Whether a picture has two latents; a class that is told besides would be a third."""
    options: Any = parse_options(MODELS[run.config.model].Options, run.config.options)
    return getattr(options, "latent", None) == 2 and not getattr(options, "conditional", False)


def plan(run: Run, spec: Spec | None = None) -> Reel:
    """The film of a run's checkpoints as they are now, some 20 of them.

    Quick: it reads the checkpoints' weights once to name the film, and computes nothing.

    Raises
    ------
    RunError
        The run has no checkpoint, or it is gone.
    """
    spec = spec or default_spec(run)
    shipped = came_along(run, Reel.FOLDER, spec)
    if shipped is not None:
        return _as_shipped(run, spec, shipped)
    checkpoints = dict(run.checkpoints())
    if not checkpoints:
        raise RunError("This run has no checkpoint yet: there is no model to look into. Let it train a while.")
    chosen = chosen_steps(list(checkpoints))
    takes = [Take(step, checkpoints[step], weights_digest(step, checkpoints[step])) for step in chosen]
    base = key(
        spec,
        {
            "film": FORMAT,
            "data": run.config.data,
            "pictures": pictures_digest(run.config.data),
            "torch": importlib.metadata.version("torch"),
        },
    )
    shown = json.dumps([base, [(take.step, take.weights) for take in takes]])
    return Reel(run, hashlib.sha256(shown.encode()).hexdigest()[:24], spec, base, tuple(takes))


def _as_shipped(run: Run, spec: Spec, npz: Path) -> Reel:
    """The film that came with a run of the zoo, most of whose checkpoints did not."""
    about = json.loads(npz.with_suffix(".json").read_text("utf-8"))
    folder = run.path / CHECKPOINTS
    takes = (Take(frame["step"], folder / f"{frame['step']:06d}", frame["weights"]) for frame in about["frames"])
    return Reel(run, npz.stem, spec, about["base"], tuple(takes))
