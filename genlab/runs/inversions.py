"""Latents looked for as files of a run: computed once, by one process, for every page that asks.

Beside what :mod:`genlab.runs.derived` keeps stands ``.live``, while the search goes on: what has been found by now. It
is a process and no thread of the server's, since gradients would starve whoever else looks at it, and a thread can
neither be stopped nor outlive a restart.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genlab.data.own.single import kept, kept_file, prepared
from genlab.data.pictures import to_floats
from genlab.evaluation.extractor import classifier_for
from genlab.latent.invert import Inversion, Settings, invert
from genlab.latent.project import Progress
from genlab.latent.spec import LatentError
from genlab.paths import atomic_write_bytes, atomic_write_json
from genlab.runs.derived import Derived, pictures_digest, weights_digest
from genlab.runs.sampling import load_checkpoint
from genlab.runs.store import Run, RunError

MAX_INVERSIONS = 200
"""The oldest of a run make room for new ones; each has some kilobytes."""
FORMAT = 1


@dataclass(frozen=True)
class Search(Derived[Inversion]):
    """The search for the latent of a picture of one's own, in the model of a checkpoint; made by :func:`plan`."""

    FOLDER = "inversions"

    step: int
    picture: str
    """Key of :func:`genlab.data.own.single.keep`."""
    settings: Settings

    def load(self) -> Inversion:
        try:
            path = self.result()
            about: Any = json.loads(path.with_suffix(".json").read_text("utf-8"))
            with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                return Inversion(file["z"], file["picture"], file["losses"], float(about["error"]), about["steps"])
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise LatentError("This latent's file is missing or damaged. Look for it again.") from error

    def make(self, progress: Progress) -> Inversion:
        progress(0.0, "loading", None)
        stored, step = load_checkpoint(self.run, self.step)
        if step != self.step:
            raise RunError(f"The checkpoint of step {self.step} is gone. Choose another step.")
        data = self.run.config.data
        picture = prepared(kept(self.picture), data, stored.model.shape)
        guess = None
        if stored.model.has_encoder:
            with torch.inference_mode():
                guess = stored.model.encode(to_floats(torch.from_numpy(picture))[None])[0].float().numpy()
        found: Inversion | None = None
        try:
            for found in invert(stored.model, picture, self.settings, _features(data), guess):
                self._show(found)
                progress(len(found.losses) / (found.steps + 1), "optimising", None)
        finally:
            with contextlib.suppress(OSError):
                self.file(".live").unlink(missing_ok=True)
        assert found is not None  # at least the start is told
        self._save(found)
        self.forget_oldest(MAX_INVERSIONS)
        return found

    def command(self) -> list[str]:
        words = [
            "invert", self.run.id, str(kept_file(self.picture)), "--step", str(self.step),
            "--seed", str(self.settings.seed), "--starts", str(self.settings.starts),
            "--steps", str(self.settings.steps),
        ]  # fmt: skip
        return words if self.settings.label is None else [*words, "--class", str(self.settings.label)]

    def live(self) -> Inversion | None:
        """What has been found by now, while the search goes on."""
        try:
            told: Any = json.loads(self.file(".live").read_text("utf-8"))
            return Inversion(
                z=np.empty(0, np.float32),
                picture=np.asarray(told["picture"], np.uint8),
                losses=np.asarray(told["losses"], np.float32),
                error=float(told["error"]),
                steps=int(told["steps"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _show(self, found: Inversion) -> None:
        self.check_run()
        told = {"picture": found.picture.tolist(), "losses": found.losses.tolist()}
        atomic_write_json(self.file(".live"), {**told, "error": found.error, "steps": found.steps})

    def _save(self, found: Inversion) -> None:
        self.check_run()
        buffer = io.BytesIO()
        np.savez_compressed(buffer, z=found.z, picture=found.picture, losses=found.losses)
        atomic_write_bytes(self.file(".npz"), buffer.getvalue())
        about = {"picture": self.picture, "step": self.step, "settings": asdict(self.settings)}
        atomic_write_json(self.file(".json"), {**about, "error": found.error, "steps": found.steps})


def plan(run: Run, picture: str, settings: Settings, step: int | None = None) -> Search:
    """The search for a picture's latent in a run's checkpoint of `step`, the newest by default; computes nothing.

    Raises
    ------
    GenlabError
        There is no such checkpoint.
    """
    checkpoints = run.checkpoints()
    at = checkpoints[-1][0] if step is None and checkpoints else step
    folder = dict(checkpoints).get(at) if at is not None else None
    if at is None or folder is None:
        raise RunError("There is no such checkpoint, so there is no model to look into. Choose another step.")
    data = run.config.data
    named = [FORMAT, weights_digest(at, folder), data, pictures_digest(data), picture, asdict(settings)]
    key = hashlib.sha256(json.dumps([*named, torch.__version__]).encode()).hexdigest()[:24]
    return Search(run, key, at, picture, settings)


def _features(data: str) -> Callable[[Tensor], Tensor] | None:
    """What the data set's classifier sees, where there is one."""
    classifier = classifier_for(data)
    return None if classifier is None else classifier.features
