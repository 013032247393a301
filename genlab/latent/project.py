"""From many numbers a point to two or three by t-SNE, and how far the result can be trusted.

It runs on one thread: more threads add in another order, and t-SNE makes a visibly different map of
the last bit. So the same points and the same seed give the same map, however many cores are free.
"""

import contextlib
import io
import re
import time
from collections.abc import Callable
from typing import Literal

import numpy as np

from genlab.latent.linear import Floats, check, pca
from genlab.latent.spec import LatentError

Phase = Literal["waiting", "loading", "encoding", "neighbours", "layout"]
Progress = Callable[[float, Phase, float | None], None]
"""Fraction done in [0, 1], what is being done, seconds left (None: not known yet)."""

TSNE_ITERATIONS = 1000
TSNE_INPUT_WIDTH = 50
"""t-SNE works on at most this many principal components, as its authors advise: faster, less noise."""
_ITERATION = re.compile(r"Iteration (\d+): error = ([\d.]+)")


def tsne(features: Floats, dims: int, perplexity: float, seed: int, progress: Progress | None = None) -> Floats:
    """t-SNE (van der Maaten and Hinton 2008) by scikit-learn, started from PCA.

    It keeps neighbours together and nothing else: distances between groups, and their sizes, say little.

    Parameters
    ----------
    features
        float32 (N, F); wider than 50 they are first reduced to 50 principal components.
    dims
        2 or 3.
    perplexity
        About how many neighbours a point minds; less than a third of the points.
    seed
        The same seed gives the same map.
    progress
        Told every 50 iterations.

    Returns
    -------
    float32 (N, dims)

    Raises
    ------
    LatentError
        When there are too few points for the perplexity, or they are all the same.
    """
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    check(features, dims)
    if 3 * perplexity >= len(features):
        raise LatentError(
            f"{len(features):,} points allow a perplexity below {len(features) / 3:.0f}. "
            "Choose a lower perplexity or more points."
        )
    if features.shape[1] > TSNE_INPUT_WIDTH:
        features = _reduced(features, TSNE_INPUT_WIDTH)
    told = _Told(progress) if progress else io.StringIO()
    with threadpool_limits(1), contextlib.redirect_stdout(told):
        mapper = TSNE(
            dims,
            perplexity=perplexity,
            init="pca",
            learning_rate="auto",
            max_iter=TSNE_ITERATIONS,
            random_state=seed,
            verbose=2,  # the one way in which scikit-learn tells how far it is
        )
        coords = mapper.fit_transform(features)
    return np.asarray(coords, dtype=np.float32)


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


class _Told(io.TextIOBase):
    """Stands in for standard output while t-SNE runs, and makes its lines into progress."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._started: float | None = None
        self._rest = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._line(line)
        return len(text)

    def _line(self, line: str) -> None:
        if "Computing" in line and "nearest neighbors" in line:
            self._progress(0.0, "neighbours", None)
        elif "Mean sigma" in line:
            self._started = time.monotonic()
        elif found := _ITERATION.search(line):
            done = int(found[1])
            left = None
            if self._started is not None:
                left = (time.monotonic() - self._started) / done * (TSNE_ITERATIONS - done)
            self._progress(done / TSNE_ITERATIONS, "layout", left)


def _reduced(features: Floats, width: int) -> Floats:
    """The first `width` principal components (fewer where the points have fewer)."""
    return pca(features, min(width, features.shape[0] - 1, features.shape[1])).coords
