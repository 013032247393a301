"""Pictures that another model draws, put among the points of a map that is there."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genlab.latent.nearest import Neighbours
from genlab.latent.place import place
from genlab.latent.result import Projection
from genlab.latent.spec import LatentError, What

OF_PICTURES: tuple[What, ...] = ("encoder", "features", "classifier", "pixels")
"""What is projected, where any picture has it, whoever drew it."""


def takes_guests(made: Projection) -> bool:
    """Whether a map can tell where other pictures belong: whether it is of what is in pictures."""
    return made.spec.what in OF_PICTURES


def with_guests(made: Projection, images: NDArray[np.uint8], features: NDArray[np.float32]) -> Projection:
    """A map with pictures among its points that it was not made of.

    They come after its own points, as generated ones without a class, a latent or a score; their neighbours are those
    among its own points, or themselves where the map kept no features. What the map says of itself stays what it was.

    Parameters
    ----------
    images
        uint8 (M, C, H, W).
    features
        float32 (M, F), of the same kind as the map's.

    Raises
    ------
    LatentError
        The map is of what is not in pictures, or these cannot be placed on it; see :func:`genlab.latent.place.place`.
    """
    if not takes_guests(made):
        what = made.spec.what
        raise LatentError(f"Pictures alone do not tell where they lie on a map of {what}. Choose another one.")
    m, k = len(images), made.neighbours.shape[1]
    unknown = np.full(m, np.nan, np.float32)
    near = np.repeat(len(made) + np.arange(m)[:, None], k, axis=1)
    if len(made.features):
        _, near = Neighbours(made.features).nearest(features, k)
    more = {
        "coords": place(made, features),
        "features": features if len(made.features) else made.features,
        "neighbours": near.astype(np.int32),
        "images": images,
        "labels": np.full(m, -1),
        "generated": np.ones(m, bool),
        "latents": np.full((m, made.latents.shape[1]), np.nan, np.float32),
        "trust": unknown,
        "density": unknown,
        **{name: unknown for name in ("confidence", "error") if len(getattr(made, name))},
    }
    joined: dict[str, Any] = {name: np.concatenate([getattr(made, name), rows]) for name, rows in more.items()}
    return replace(made, **joined)
