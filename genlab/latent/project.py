"""Maps that keep neighbours together: from many numbers a point to two or three by t-SNE or UMAP.

On the CPU both run on one thread: more threads add in another order, and either makes a visibly different map of the
last bit. So the same points and the same seed give the same map, however many cores are free.
"""

import contextlib
import io
import re
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from genlab.latent.linear import Floats, check, pca
from genlab.latent.neighbours import nearest
from genlab.latent.spec import LatentError, Spec

Phase = Literal["waiting", "loading", "encoding", "neighbours", "layout", "judging", "optimising"]
Progress = Callable[[float, Phase, float | None], None]
"""Fraction done in [0, 1], what is being done, seconds left (None: not known yet)."""
Watch = Callable[[int, Floats, float], None]
"""Shown a map while it forms: the step, coordinates (N, dims) around 0, the Kullback-Leibler divergence."""

SHOWN_EVERY = 10
"""Steps of t-SNE between two looks at its map."""
INPUT_WIDTH = 50
"""t-SNE and UMAP work on at most this many principal components, as t-SNE's authors advise: faster, less noise."""


def nobody(_fraction: float, _phase: Phase, _left: float | None) -> None:
    """For those who do not want to know how far it is."""


def tsne(features: Floats, spec: Spec, progress: Progress = nobody, watch: Watch | None = None) -> Floats:
    """t-SNE (:mod:`genlab.latent.tsne`), started from PCA; on a CUDA device where there is one, else on the CPU.

    It keeps neighbours together and nothing else: distances between groups, and their sizes, say little.

    Parameters
    ----------
    features
        float32 (N, F); wider than 50 they are first reduced to 50 principal components.
    spec
        Dimensions, perplexity (less than a third of the points), quality, exaggeration and seed.
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
    from genlab.latent.tsne import DESCENTS, embed

    check(features, spec.dims)
    if 3 * spec.perplexity >= len(features):
        raise LatentError(
            f"{len(features):,} points allow a perplexity below {len(features) / 3:.0f}. "
            "Choose a lower perplexity or more points."
        )
    progress(0.0, "neighbours", None)
    points = torch.from_numpy(_reduced(features, spec.dims)).to(_device())
    descent = replace(DESCENTS[spec.quality], exaggeration=spec.exaggeration)
    began, coords = time.monotonic(), np.empty((0, spec.dims), np.float32)
    with _one_thread():
        for layout in embed(points, points[:, : spec.dims], spec.perplexity, _seed(spec), descent, SHOWN_EVERY):
            coords = layout.coords.cpu().numpy()
            if layout.step == 0:
                began = time.monotonic()  # the neighbours are found
            left = (time.monotonic() - began) / layout.step * (descent.steps - layout.step) if layout.step else None
            progress(layout.step / descent.steps, "layout", left)
            if watch is not None:
                watch(layout.step, coords, layout.kl)
    return coords


def umap(features: Floats, spec: Spec, progress: Progress = nobody) -> Floats:
    """UMAP (McInnes et al. 2018, arXiv 1802.03426) by umap-learn, of exact neighbours, started from PCA.

    It keeps neighbours together and groups apart; distances between groups, and their sizes, say little.

    Parameters
    ----------
    features
        float32 (N, F); wider than 50 they are first reduced to 50 principal components.
    spec
        Dimensions, neighbours (fewer than the points), how close points may come, and seed.
    progress
        Told every half second while the points are being arranged.

    Returns
    -------
    float32 (N, dims)

    Raises
    ------
    LatentError
        When there are too few points for the neighbours, or they are all the same, or not numbers.
    """
    check(features, spec.dims)
    if spec.neighbours >= len(features):
        raise LatentError(
            f"{len(features):,} points have at most {len(features) - 1:,} neighbours each. "
            "Choose fewer neighbours or more points."
        )
    progress(0.0, "neighbours", None)
    points = _reduced(features, spec.dims)
    with warnings.catch_warnings():
        # It tells at each import that a neural variant is missing, and at each map that the neighbours given
        # cannot place new points, and that a seed takes one thread.
        warnings.filterwarnings("ignore", "Tensorflow not installed", ImportWarning)
        warnings.filterwarnings("ignore", r"precomputed_knn\[2\]", UserWarning)
        import umap  # some seconds

        mapper = umap.UMAP(
            n_components=spec.dims,
            n_neighbors=spec.neighbours,
            min_dist=spec.min_dist,
            init=points[:, : spec.dims],
            precomputed_knn=_with_itself(points, spec.neighbours),
            random_state=_seed(spec),
            n_jobs=1,
            tqdm_kwds={"disable": False, "file": _Epochs(progress), "bar_format": "{n}/{total}", "mininterval": 0.5},
        )
        progress(0.0, "layout", None)
        with _one_thread():
            return np.asarray(mapper.fit_transform(points), dtype=np.float32)


class _Epochs(io.StringIO):
    """Tells on what umap-learn's progress bar writes: it has no other way to say how far it is."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self.progress, self.began = progress, time.monotonic()

    def write(self, text: str) -> int:
        if found := re.search("([1-9][0-9]*)/([0-9]+)", text):
            done = int(found[1]) / int(found[2])
            self.progress(done, "layout", (time.monotonic() - self.began) * (1 - done) / done)
        return len(text)


def _with_itself(points: Floats, k: int) -> tuple[NDArray[np.int64], Floats]:
    """Neighbours and their distances as umap-learn counts them: the first of the `k` is the point itself."""
    squares, rows = nearest(torch.from_numpy(points), k - 1)
    own = np.arange(len(points))[:, None]
    distances = squares.sqrt().numpy()
    return np.hstack([own, rows.numpy()]), np.hstack([np.zeros_like(distances[:, :1]), distances])


def _reduced(features: Floats, dims: int) -> Floats:
    """At most 50 principal components, at least as many as the map has dimensions."""
    return pca(features, max(dims, min(INPUT_WIDTH, features.shape[0] - 1, features.shape[1]))).coords


def _seed(spec: Spec) -> int:
    """Of the layout: its own for each of several layouts of the same points."""
    return int(np.random.SeedSequence([spec.seed, spec.again]).generate_state(1)[0])


def _device() -> torch.device:
    """Where t-SNE runs: only CUDA has all its operations, double precision among them."""
    from genlab.training.device import choose_device

    found = choose_device()
    return found if found.type == "cuda" else choose_device("cpu")


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
