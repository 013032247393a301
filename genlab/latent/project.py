"""From many numbers a point to two or three by t-SNE, and how far the result can be trusted.

On the CPU it runs on one thread: more threads add in another order, and t-SNE makes a visibly different map of
the last bit. So the same points and the same seed give the same map, however many cores are free.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

import numpy as np

from genlab.latent.linear import Floats, check, pca
from genlab.latent.spec import LatentError, Spec

if TYPE_CHECKING:
    import torch

Phase = Literal["waiting", "loading", "encoding", "neighbours", "layout", "optimising"]
Progress = Callable[[float, Phase, float | None], None]
"""Fraction done in [0, 1], what is being done, seconds left (None: not known yet)."""
Watch = Callable[[int, Floats, float], None]
"""Shown a map while it forms: the step, coordinates (N, dims) around 0, the Kullback-Leibler divergence."""

SHOWN_EVERY = 10
"""Steps of t-SNE between two looks at its map."""
TSNE_INPUT_WIDTH = 50
"""t-SNE works on at most this many principal components, as its authors advise: faster, less noise."""


def tsne(features: Floats, spec: Spec, progress: Progress | None = None, watch: Watch | None = None) -> Floats:
    """t-SNE (:mod:`genlab.latent.tsne`), started from PCA; on a CUDA device where there is one, else on the CPU.

    It keeps neighbours together and nothing else: distances between groups, and their sizes, say little.

    Parameters
    ----------
    features
        float32 (N, F); wider than 50 they are first reduced to 50 principal components.
    spec
        Dimensions, perplexity (less than a third of the points), steps, exaggeration and seed.
    progress, watch
        Told, and shown the map, every 10 steps.

    Returns
    -------
    float32 (N, dims)

    Raises
    ------
    LatentError
        When there are too few points for the perplexity, or they are all the same, or not numbers.
    """
    import torch

    from genlab.latent.tsne import Descent, embed

    check(features, spec.dims)
    if 3 * spec.perplexity >= len(features):
        raise LatentError(
            f"{len(features):,} points allow a perplexity below {len(features) / 3:.0f}. "
            "Choose a lower perplexity or more points."
        )
    if progress is not None:
        progress(0.0, "neighbours", None)
    width = max(spec.dims, min(TSNE_INPUT_WIDTH, features.shape[0] - 1, features.shape[1]))
    points = torch.from_numpy(pca(features, width).coords).to(_device())
    descent = Descent(spec.steps, spec.exaggeration)
    began, coords = time.monotonic(), np.empty((0, spec.dims), np.float32)
    with _one_thread():
        for layout in embed(points, points[:, : spec.dims], spec.perplexity, spec.seed, descent, SHOWN_EVERY):
            coords = layout.coords.cpu().numpy()
            if layout.step == 0:
                began = time.monotonic()  # the neighbours are found
            if progress is not None:
                left = (time.monotonic() - began) / layout.step * (spec.steps - layout.step) if layout.step else None
                progress(layout.step / spec.steps, "layout", left)
            if watch is not None:
                watch(layout.step, coords, layout.kl)
    return coords


def _device() -> "torch.device":
    """Where t-SNE runs: only CUDA has all its operations, double precision among them."""
    from genlab.training.device import choose_device

    found = choose_device()
    return found if found.type == "cuda" else choose_device("cpu")


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def neighbours_kept(features: Floats, coords: Floats, k: int = 10, limit: int = 2_000) -> float:
    """How far the map can be trusted: the share of each point's `k` nearest neighbours it keeps, 0 to 1.

    A map at random keeps about k / N. More than `limit` points are judged by `limit` evenly chosen of
    them, with the neighbours sought among those.
    """
    from sklearn.neighbors import NearestNeighbors

    chosen = np.unique(np.linspace(0, len(features) - 1, min(limit, len(features))).astype(int))
    k = min(k, len(chosen) - 1)
    near = [
        NearestNeighbors(n_neighbors=k).fit(rows[chosen]).kneighbors(return_distance=False)
        for rows in (features, coords)
    ]
    return float(np.mean([len(np.intersect1d(a, b)) / k for a, b in zip(*near, strict=True)]))
