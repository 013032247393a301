"""t-SNE against scikit-learn's and openTSNE's: seconds of one core, and how good the maps are.

    python benchmarks/projection.py [--all]

The points are MNIST's training pictures as 64 principal components of their pixels. All methods run on one thread
with the same perplexity, from principal components, otherwise as their authors have set them. Each map is judged by
the same measures: the exact Kullback-Leibler divergence (every pair of the map, no approximation), scikit-learn's
trustworthiness at 10 neighbours and the share of the ten nearest neighbours that the map keeps, the last two on at
most 10,000 evenly chosen points.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.manifold import TSNE, trustworthiness
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from genlab.data import load
from genlab.latent.linear import pca
from genlab.latent.neighbours import Pairs, affinities
from genlab.latent.project import neighbours_kept
from genlab.latent.tsne import Descent, embed

Floats = NDArray[np.float32]
WIDTH = 64
PERPLEXITY = 30.0
JUDGED = 10_000
SLOW = 20_000
"""From so many points on scikit-learn is left out: it takes ten minutes."""


def ours(features: Floats, seed: int, steps: int = Descent.steps) -> Floats:
    points = torch.from_numpy(features)
    start = torch.from_numpy(pca(features, 2).coords)
    *_, last = embed(points, start, PERPLEXITY, seed, Descent(steps=steps))
    return last.coords.numpy()


def scikit_learn(features: Floats, seed: int) -> Floats:
    mapper = TSNE(perplexity=PERPLEXITY, init="pca", n_jobs=1, random_state=seed)
    return np.asarray(mapper.fit_transform(features), np.float32)


def open_tsne(features: Floats, seed: int) -> Floats:
    import openTSNE

    mapper = openTSNE.TSNE(perplexity=PERPLEXITY, n_jobs=1, random_state=seed)
    return np.asarray(mapper.fit(features), np.float32)


METHODS: dict[str, Callable[[Floats, int], Floats]] = {
    f"genlab, {Descent.steps} steps": ours,
    "genlab, 400 steps": lambda features, seed: ours(features, seed, 400),
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="30,000 and 60,000 points as well")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    options = parser.parse_args()
    torch.set_num_threads(1)
    images = load("mnist").images.numpy()
    every = pca(images.reshape(len(images), -1).astype(np.float32) / 255.0, WIDTH).coords
    print(f"{'points':>7}  {'method':20} {'CPU s':>7} {'KL':>7} {'trust':>7} {'kept':>7}", flush=True)
    for n in (5_000, 10_000, *((30_000, 60_000) if options.all else ())):
        features = every[:n]
        pairs = affinities(torch.from_numpy(features), PERPLEXITY)
        judged = np.unique(np.linspace(0, n - 1, min(n, JUDGED)).astype(int))
        for name, method in METHODS.items():
            if n > SLOW and method is scikit_learn:
                continue
            with threadpool_limits(1):
                began = time.process_time()
                coords = method(features, options.seed)
                seconds = time.process_time() - began
            trust = trustworthiness(features[judged], coords[judged], n_neighbors=10)
            kept = neighbours_kept(features, coords, limit=JUDGED)
            row = f"{seconds:7.1f} {divergence(pairs, coords):7.3f} {trust:7.4f} {kept:7.4f}"
            print(f"{n:>7,}  {name:20} {row}", flush=True)


if __name__ == "__main__":
    main()
