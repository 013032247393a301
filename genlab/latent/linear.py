"""Flat maps by a matrix: features are about ``centre + coords @ basis``, so a place on the map can be decoded."""

import os
from collections.abc import Sequence
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

PARALLEL = 0.05
"""Directions whose angle has a sine below this (3 degrees) span no map worth drawing."""


@dataclass(frozen=True)
class Linear:
    """A map of N points; affine, where it has a basis.

    Attributes
    ----------
    coords
        float32 (N, dims).
    centre
        float32 (F,): what lies at the map's origin; (0,) where the map is not linear.
    basis
        float32 (dims, F): what a step along each axis adds; (0, F) where the map is not linear.
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


def plane(features: Floats) -> Linear:
    """The map of two numbers a point that is those two numbers: nothing is lost, and nothing turned.

    Raises
    ------
    LatentError
        The points have more numbers than two, or fewer.
    """
    check(features, 2)
    if features.shape[1] != 2:
        raise LatentError(
            f"A latent of {features.shape[1]} numbers has no plane of its own. Choose PCA, or train with two."
        )
    return Linear(features, np.zeros(2, np.float32), np.eye(2, dtype=np.float32), np.empty(0))


def axes(features: Floats, labels: NDArray[np.int64], ends: Sequence[int], classes: Sequence[str]) -> Linear:
    """The map across which one goes from class a to class b, and up which from class c to class d.

    The middle of a class is the mean of its points. Class a lies at 0, and b one unit to its right; a point's place is
    that of the nearest point in the plane through a along the two directions, in their units (they need not stand
    upright on each other).

    Parameters
    ----------
    features
        float32 (N, F).
    labels
        int64 (N,).
    ends
        The classes a, b, c, d, by number.
    classes
        Their names.

    Raises
    ------
    LatentError
        A class has no point here, or the two directions are none or the same.
    """
    check(features, 2)
    a, b, c, d = (_middle(features, labels, label, classes) for label in ends)
    basis = np.stack([b - a, d - c])
    lengths = np.linalg.norm(basis, axis=1)
    if not (lengths > 0).all():
        raise LatentError("Two of these classes have the same middle, so no axis leads between them. Choose others.")
    across, up = basis / lengths[:, None]
    if np.linalg.norm(up - (up @ across) * across) < PARALLEL:
        raise LatentError("The two directions are parallel, so they span no map. Choose other classes for one of them.")
    coords = (features - a) @ np.linalg.pinv(basis)
    return Linear(coords.astype(np.float32), a.astype(np.float32), basis.astype(np.float32), np.empty(0))


def _middle(features: Floats, labels: NDArray[np.int64], label: int, classes: Sequence[str]) -> NDArray[np.float64]:
    own = features[labels == label]
    if not len(own):
        name = classes[label] if label < len(classes) else str(label)
        raise LatentError(f"This map has no point of class {name}. Choose another class, or ask for more points.")
    return np.asarray(own.mean(axis=0, dtype=np.float64))


def bent(coords: Floats, width: int) -> Linear:
    """A map that is not linear: a place on it stands for no features."""
    return Linear(coords, np.empty(0, np.float32), np.empty((0, width), np.float32), np.empty(0))
