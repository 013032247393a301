"""Flat maps by a matrix: features are about ``centre + coords @ basis``, so a place on the map can be decoded."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genlab.latent.spec import LatentError

Floats = NDArray[np.float32]

COMPONENTS_SHOWN = 10
"""Explained variance is told for this many components, more than a map has axes."""
WIDEST_COVARIANCE = 1024
_ROWS = 8192
"""Rows whose squares are added up in float32; the blocks' sums are added in float64."""


@dataclass(frozen=True)
class Linear:
    """An affine map of N points.

    Attributes
    ----------
    coords
        float32 (N, dims).
    centre
        float32 (F,): what lies at the map's origin.
    basis
        float32 (dims, F): what a step along each axis adds.
    explained
        float64 (K,): shares of the whole variance along PCA's first components, falling; empty for other maps.
    """

    coords: Floats
    centre: Floats
    basis: Floats
    explained: NDArray[np.float64]


def pca(features: Floats, dims: int) -> Linear:
    """Principal components: the flat map that keeps the most variance, of all points and exact.

    Up to 1,024 numbers a point it takes the eigenvectors of their covariance; wider ones would cost a matrix too
    large, so scikit-learn's ARPACK solver finds the same components one by one. Each component points to where its
    largest entry is positive.

    Parameters
    ----------
    features
        float32 (N, F).
    dims
        Dimensions of the map, at most min(N - 1, F).

    Returns
    -------
    Linear, with orthonormal rows in its basis and at least `dims` shares of variance.

    Raises
    ------
    LatentError
        When there are too few numbers to make a map of, or they are all the same.
    """
    from threadpoolctl import threadpool_limits

    check(features, dims)
    most = min(features.shape[0] - 1, features.shape[1])
    solve = _by_covariance if features.shape[1] <= WIDEST_COVARIANCE else _by_arpack
    with threadpool_limits(1):
        centre = features.mean(axis=0, dtype=np.float64).astype(np.float32)
        centred = features - centre
        components, explained = solve(centred, min(max(dims, COMPONENTS_SHOWN), most))
        largest = np.abs(components).argmax(axis=1)
        signs = np.sign(components[np.arange(len(components)), largest])
        basis = (signs[:, None] * components)[:dims].astype(np.float32)
        return Linear(centred @ basis.T, centre, basis, explained)


def _by_covariance(centred: Floats, k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Components (k, F) and their shares of the variance, from the matrix of scatter."""
    scatter = _scatter(centred)
    values, vectors = np.linalg.eigh(scatter)
    return vectors[:, : -k - 1 : -1].T, np.clip(values[: -k - 1 : -1], 0.0, None) / scatter.trace()


def _scatter(centred: Floats) -> NDArray[np.float64]:
    """``centred.T @ centred`` (F, F) of float32 (N, F): blocks of rows side by side, always added in the same order.

    Each block is one thread's, so that the last bit does not depend on how many cores there are.
    """
    total = np.zeros((centred.shape[1],) * 2)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        blocks = (centred[start : start + _ROWS] for start in range(0, len(centred), _ROWS))
        for part in pool.map(lambda rows: rows.T @ rows, blocks):
            total += part
    return total


def _by_arpack(centred: Floats, k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from sklearn.decomposition import PCA  # half a second to import, and only such wide features need it

    reducer = PCA(k, svd_solver="arpack", random_state=0).fit(centred)
    return np.asarray(reducer.components_, np.float64), np.asarray(reducer.explained_variance_ratio_, np.float64)


def check(features: Floats, dims: int) -> None:
    """Raise a LatentError that says why these features (N, F) have no map in so many dimensions."""
    if features.ndim != 2 or features.shape[0] <= dims or features.shape[1] < dims:
        raise LatentError(
            f"{features.shape[0]} points of {features.shape[-1]} numbers are too few for a map in {dims} dimensions."
        )
    if not np.isfinite(features).all():
        raise LatentError("Some of the numbers to project are not finite. Choose an earlier checkpoint.")
    if np.ptp(features, axis=0).max() == 0:
        raise LatentError("All the points are the same, so there is nothing to map. Has the model collapsed?")
