"""Maps against those of other libraries: seconds, and how good the maps are.

    python benchmarks/projection.py [--all] [--points N ...]

t-SNE is given MNIST's training pictures as 64 principal components of their pixels, by all methods on one thread with
the same perplexity, from principal components, otherwise as their authors have set them; its seconds are those of the
processor. Each map is judged by the same measures: the exact Kullback-Leibler divergence (every pair of the map, no
approximation), scikit-learn's trustworthiness at 10 neighbours and the share of the ten nearest neighbours that the map
keeps, the last two on at most 10,000 evenly chosen points. PCA is given all pixels of all pictures, two dimensions are
asked for, all cores may work, and its seconds are those of the clock, the best of three.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from genlab.data import load
from genlab.latent.linear import pca
from genlab.latent.neighbours import Pairs, affinities
from genlab.latent.trust import neighbours_kept
from genlab.latent.tsne import DESCENTS, embed

Floats = NDArray[np.float32]
WIDTH = 64
PERPLEXITY = 30.0
JUDGED = 10_000
SLOW = 20_000
"""From so many points on scikit-learn is left out: it takes ten minutes."""
TIMES = 3


def ours(features: Floats, seed: int, quality: str = "standard") -> Floats:
    points = torch.from_numpy(features)
    start = torch.from_numpy(pca(features, 2).coords)
    *_, last = embed(points, start, PERPLEXITY, seed, DESCENTS[quality])
    return last.coords.numpy()


def scikit_learn(features: Floats, seed: int) -> Floats:
    mapper = TSNE(perplexity=PERPLEXITY, init="pca", n_jobs=1, random_state=seed)
    return np.asarray(mapper.fit_transform(features), np.float32)


def open_tsne(features: Floats, seed: int) -> Floats:
    import openTSNE

    mapper = openTSNE.TSNE(perplexity=PERPLEXITY, n_jobs=1, random_state=seed)
    return np.asarray(mapper.fit(features), np.float32)


METHODS: dict[str, Callable[[Floats, int], Floats]] = {
    "genlab, standard": ours,
    "genlab, fast": lambda features, seed: ours(features, seed, "fast"),
    "openTSNE": open_tsne,
    "scikit-learn": scikit_learn,
}


def divergence(pairs: Pairs, coords: Floats) -> float:
    """The exact Kullback-Leibler divergence of the points' probabilities from the map's, in nats."""
    y = torch.from_numpy(coords).double()
    weights = pairs.weights.double()
    apart = (y[pairs.first.long()] - y[pairs.second.long()]).square().sum(1)
    z = sum(float((1.0 / (1.0 + torch.cdist(block, y).square())).sum()) for block in y.split(1000)) - len(y)
    return float(2.0 * (weights * (weights.log() + apart.log1p())).sum() + np.log(z))


def compare_tsne(every: Floats, sizes: list[int], seed: int) -> None:
    """Measure and print a line for each number of points and each method."""
    print(f"{'points':>7}  {'t-SNE':20} {'CPU s':>7} {'KL':>7} {'trust':>7} {'kept':>7}", flush=True)
    for n in sizes:
        features = every[:n]
        pairs = affinities(torch.from_numpy(features), PERPLEXITY)
        judged = np.unique(np.linspace(0, n - 1, min(n, JUDGED)).astype(int))
        for name, method in METHODS.items():
            if n > SLOW and method is scikit_learn:
                continue
            with threadpool_limits(1):
                began = time.process_time()
                coords = method(features, seed)
                seconds = time.process_time() - began
            trust = trustworthiness(features[judged], coords[judged], n_neighbors=10)
            kept = neighbours_kept(features[judged], coords[judged]).mean()
            row = f"{seconds:7.1f} {divergence(pairs, coords):7.3f} {trust:7.4f} {kept:7.4f}"
            print(f"{n:>7,}  {name:20} {row}", flush=True)


def compare_pca(pixels: Floats) -> None:
    """Measure and print a line for each way to the same two components."""

    def ours() -> Floats:
        return pca(pixels, 2).coords

    def theirs() -> Floats:
        return np.asarray(PCA(2, svd_solver="covariance_eigh").fit_transform(pixels))

    print(f"{pixels.shape[0]:>7,} x {pixels.shape[1]}  {'PCA':12} {'wall s':>7} {'spread':>9}", flush=True)
    for name, method in {"genlab": ours, "scikit-learn": theirs}.items():
        seconds = []
        for _ in range(TIMES):
            began = time.perf_counter()
            coords = method()
            seconds.append(time.perf_counter() - began)
        spread = " ".join(f"{value:.4f}" for value in coords.std(axis=0))
        print(f"{'':>13}  {name:12} {min(seconds):7.2f} {spread}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="60,000 points as well")
    parser.add_argument("--points", type=int, nargs="+", help="these numbers of points instead")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    options = parser.parse_args()
    images = load("mnist").images.numpy()
    pixels = images.reshape(len(images), -1).astype(np.float32) / 255.0
    sizes = options.points or [5_000, 10_000, *([60_000] if options.all else [])]
    compare_pca(pixels if not options.points else pixels[: max(sizes)])
    torch.set_num_threads(1)
    compare_tsne(pca(pixels, WIDTH).coords, sizes, options.seed)


if __name__ == "__main__":
    main()
