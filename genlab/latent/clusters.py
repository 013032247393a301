"""Groups that nobody named: k-means on what a map is made of."""

import numpy as np
from numpy.typing import NDArray

from genlab.latent.spec import LatentError

MIN_CLUSTERS = 2
MAX_CLUSTERS = 30


def clusters(features: NDArray[np.float32], k: int, seed: int) -> NDArray[np.int64]:
    """The cluster of each point by k-means (Lloyd 1982, started by k-means++).

    Parameters
    ----------
    features
        float32 (N, F), finite.
    k
        How many clusters, 2 to 30; no more than there are points.
    seed
        The same seed gives the same clusters.

    Returns
    -------
    int64 (N,), 0 for the largest cluster, 1 for the next. Where fewer than `k` points differ, fewer clusters.

    Raises
    ------
    LatentError
        When there cannot be so many clusters.
    """
    import warnings

    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    if not MIN_CLUSTERS <= k <= MAX_CLUSTERS:
        raise LatentError(f"There can be {MIN_CLUSTERS} to {MAX_CLUSTERS} clusters.")
    if k > len(features):
        raise LatentError(f"{len(features):,} points cannot make {k} clusters. Choose fewer clusters.")
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # says that fewer points differ, which the docstring tells
        found = KMeans(k, n_init=2, random_state=seed).fit(features).labels_
    sizes = np.bincount(found, minlength=k)
    rank = np.empty(k, np.int64)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(k)
    return np.asarray(rank[found])
