"""From a finished run to what is shipped of it: scored, filmed and mapped, and then without all that only weighs."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import torch
from safetensors.torch import save

from genlab.latent.points import choices
from genlab.latent.spec import Method, Spec
from genlab.models import MODELS
from genlab.models.storage import read_tensors
from genlab.paths import atomic_write_bytes
from genlab.runs import films, maps
from genlab.runs.derived import Derived, compute
from genlab.runs.evaluating import evaluate
from genlab.runs.metrics import METRICS_FILE
from genlab.runs.status import LOCKS
from genlab.runs.store import LOG_FILE, Run
from genlab.training.checkpoint import MODEL_FILE, keep_model_only
from genlab.zoo.training import COST_FILE

PICTURES = 12
"""Snapshots that are shipped."""
CURVE_POINTS = 200

Item = TypeVar("Item")


def lighten(run: Run, frames: int) -> None:
    """Keep of a copied run the weights alone, in half the space, of as many checkpoints as its film is to show.

    Before anything is computed: what is shipped was computed from the weights that are shipped.
    """
    for _, folder in _left_out(run.checkpoints(), frames):
        shutil.rmtree(folder)
    for _, folder in run.checkpoints():
        keep_model_only(folder)
        path = folder / MODEL_FILE
        tensors, about = read_tensors(path)
        halves = {name: t.half() if t.dtype == torch.float32 else t for name, t in tensors.items()}
        atomic_write_bytes(path, save(halves, about))


def measure(run: Run) -> None:
    """Score every checkpoint quickly, and the last fully."""
    steps = [step for step, _ in run.checkpoints()]
    for step in steps:
        evaluate(run, step, "quick")
    evaluate(run, steps[-1], "full")


def look_inside(run: Run, methods: Sequence[Method]) -> None:
    """Make the film, drop the checkpoints that only it needs, and make the maps of the last one.

    The last one alone is there again in every build: when a training keeps one is a matter of seconds.
    """
    _made(films.plan(run))
    for _, folder in run.checkpoints()[:-1]:
        shutil.rmtree(folder)
    what = choices(MODELS[run.config.model])[0]
    for method in methods:
        _made(maps.plan(run, Spec(what, method)))


def strip(run: Run) -> None:
    """Drop what no page shows: most snapshots and curve points, the log, locks."""
    for _, path in _left_out(run.samples(), PICTURES):
        path.unlink()
    curves = run.path / METRICS_FILE
    lines = curves.read_bytes().splitlines(keepends=True)
    atomic_write_bytes(curves, b"".join(_spread(lines, CURVE_POINTS)))
    for name in (LOG_FILE, COST_FILE):
        (run.path / name).unlink(missing_ok=True)
    shutil.rmtree(run.path.parent / LOCKS, ignore_errors=True)


def _made(wanted: Derived[Item]) -> None:
    """Compute a result, and leave nothing but its two files, packed closer than pages pack them."""
    compute(wanted)
    path = wanted.file(".npz")
    for other in path.parent.glob(f"{wanted.key}.*"):
        if other.suffixes not in ([".npz"], [".json"]):
            other.unlink()
    packed = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as target:
        for entry in source.infolist():
            target.writestr(zipfile.ZipInfo(entry.filename), source.read(entry), zipfile.ZIP_LZMA)
    atomic_write_bytes(path, packed.getvalue())


def _spread(items: Sequence[Item], most: int) -> list[Item]:
    """At most `most`, evenly from the first to the last."""
    if len(items) <= most:
        return list(items)
    return [items[round(index * (len(items) - 1) / (most - 1))] for index in range(most)]


def _left_out(steps: list[tuple[int, Path]], most: int) -> list[tuple[int, Path]]:
    kept = set(_spread(steps, most))
    return [entry for entry in steps if entry not in kept]
