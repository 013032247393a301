"""New points on a map that is there: pictures of one's own, or another run's.

A linear map (:attr:`Projection.basis`) places any features exactly. t-SNE and UMAP place only the points they were made
of; there a new point comes to lie between the places of those nearest to it, which is an approximation: it says among
whom a point belongs and not how far it stands apart from them.
"""

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from genlab.data.pictures import to_floats
from genlab.latent.nearest import Neighbours
from genlab.latent.result import Projection
from genlab.latent.spec import LatentError

NEIGHBOURS = 10


def place(made: Projection, features: ArrayLike) -> NDArray[np.float32]:
    """Where features lie on a map.

    Parameters
    ----------
    made
        Of the same kind of features, by the same model.
    features
        (M, F), finite.

    Returns
    -------
    float32 (M, dims): exact on a linear map, by least squares where its axes do not span the features. Else the mean of
    the places of the 10 nearest points, weighted by the inverse square of their distances; exactly a point's own place
    where the features are those of a point.

    Raises
    ------
    LatentError
        The features do not fit the map, or it kept none to compare with.
    """
    asked = np.atleast_2d(np.asarray(features, np.float32))
    if asked.ndim != 2 or asked.shape[1] != made.width:
        raise LatentError(f"The map is made of {made.width} numbers a point; these are {asked.shape[-1]}.")
    if not np.isfinite(asked).all():
        raise LatentError("What is to be placed on the map is not all finite numbers. Choose another picture.")
    if is_exact(made):
        offsets = asked.astype(np.float64) - made.centre
        return np.asarray(offsets @ np.linalg.pinv(made.basis.astype(np.float64)), np.float32)
    distances, rows = Neighbours(_features(made)).nearest(asked, NEIGHBOURS)
    # Relative to the nearest, so that nothing overflows; a distance of 0 makes it the only one that counts.
    weights = np.square(np.divide(distances[:, :1], distances, out=np.ones_like(distances), where=distances > 0))
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray((weights[:, :, None] * made.coords[rows]).sum(axis=1), np.float32)


def is_exact(made: Projection) -> bool:
    """Whether new points have one right place on the map; else :func:`place` tells where their likes are."""
    return len(made.basis) > 0


def _features(made: Projection) -> NDArray[np.float32]:
    """What the map was made of; pixels too many to be kept are those of its pictures."""
    if len(made.features):
        return made.features
    if made.spec.what == "pixels":
        return to_floats(torch.from_numpy(made.images)).flatten(1).numpy()
    raise LatentError(
        f"This map kept nothing to compare with: {made.width:,} numbers a point are too many. "
        "Place the picture on a PCA map, or map something else."
    )
