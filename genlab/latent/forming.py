"""A map while it forms, as a small file that a page can show: the latest layout replaces the one before."""

import io
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genlab.latent.points import Points
from genlab.latent.project import Watch
from genlab.paths import atomic_write_bytes

SECONDS = 0.9
"""Between two layouts that are kept: a page looks once a second."""
MOST = 5_000
"""Of more points, so many evenly chosen ones are shown."""


@dataclass(frozen=True)
class Forming:
    """A layout on its way.

    Attributes
    ----------
    step
        Of the descent.
    kl
        Kullback-Leibler divergence in nats.
    coords
        float32 (M, 2): the first two axes, the farthest point at a distance of 1. Each layout grows from the one
        before and all have their middle at 0, so that nothing turns or jumps between two of them.
    labels
        int64 (M,); -1 where the class is not known.
    """

    step: int
    kl: float
    coords: NDArray[np.float32]
    labels: NDArray[np.int64]


def keep_in(path: Path, points: Points) -> Watch:
    """A watcher of t-SNE that keeps the latest layout of `points` in a file."""
    shown = np.unique(np.linspace(0, len(points.labels) - 1, min(len(points.labels), MOST)).astype(int))
    labels = points.labels[shown]
    last = -SECONDS

    def watch(step: int, coords: NDArray[np.float32], kl: float) -> None:
        nonlocal last
        if time.monotonic() < last + SECONDS or not path.parent.is_dir():  # a deleted run must not come back
            return
        flat = coords[shown, :2]
        flat = flat / np.linalg.norm(flat, axis=1).max()
        buffer = io.BytesIO()
        np.savez(buffer, step=step, kl=kl, coords=flat, labels=labels)
        atomic_write_bytes(path, buffer.getvalue())
        last = time.monotonic()

    return watch


def latest(path: Path) -> Forming | None:
    """What the watcher kept last, or None where there is nothing (yet, or any more)."""
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            return Forming(int(file["step"]), float(file["kl"]), file["coords"], file["labels"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None
