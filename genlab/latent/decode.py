"""From places of a map back to pictures: what a model would draw there, and how far that can be believed.

Where a map is linear and made of latents, a place of it is a latent: ``centre + place @ basis``, the one nearest to the
origin of all that lie over that place when the basis is orthonormal. Points stand beside that plane, so what is decoded
at a point's place is not what is decoded from its own latent: the more variance the map keeps, the nearer the two.
"""

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from genlab.data.pictures import to_bytes
from genlab.latent.nearest import Neighbours
from genlab.latent.place import NEIGHBOURS, place
from genlab.latent.points import CHUNK, features_of, hidden
from genlab.latent.result import Projection
from genlab.latent.spec import LatentError
from genlab.models.base import GenerativeModel

OF_LATENTS = ("encoder", "z")
"""What is projected, where its rows are what the model decodes."""


class Place(NamedTuple):
    """What is found at a place of a map.

    Attributes
    ----------
    picture
        uint8 (C, H, W).
    error
        Euclidean distance of the place's latent from the encoder's latent of that picture, in units of the latent:
        small where the two agree, so where the model knows what it draws. None for a model without an encoder.
    density
        Logarithm of the density of the map's points around the place's latent, see :func:`log_density`.
    """

    picture: NDArray[np.uint8]
    error: float | None
    density: float | None


def can_decode(made: Projection) -> bool:
    """Whether the places of a map are latents: whether it is linear, and of latents."""
    return made.spec.what in OF_LATENTS and len(made.basis) > 0


def latents_at(made: Projection, places: ArrayLike) -> NDArray[np.float32]:
    """The latents (M, F), float32, at places (M, dims) of a map.

    Raises
    ------
    LatentError
        The map cannot be decoded from, or a place is not finite or too far away to be computed.
    """
    if not can_decode(made):
        raise LatentError("Places of this map are no latents. Choose a PCA of encodings to decode from.")
    with np.errstate(over="ignore", invalid="ignore"):  # told below, in words
        latents = made.centre + np.asarray(places, np.float32) @ made.basis
    if not np.isfinite(latents).all():
        raise _too_far()
    return latents


def pictures(model: GenerativeModel, latents: NDArray[np.float32]) -> NDArray[np.uint8]:
    """What `model`, in evaluation mode and on the CPU, draws from latents (M, F): uint8 (M, C, H, W).

    Raises
    ------
    LatentError
        What it draws is not finite.
    """
    return np.asarray(to_bytes(_drawn(model, torch.from_numpy(latents))).numpy())


def look(made: Projection, model: GenerativeModel, x: float, y: float) -> Place:
    """Decode one place of a flat map, and encode it again where the model can.

    Raises
    ------
    LatentError
        As :func:`latents_at` and :func:`pictures`.
    """
    z = torch.from_numpy(latents_at(made, [(x, y)]))
    drawn = _drawn(model, z)
    error = None
    if model.has_encoder:
        with torch.inference_mode():
            error = float(torch.linalg.vector_norm(model.encode(drawn).float() - z))
        if not np.isfinite(error):
            raise _too_far()
    return Place(np.asarray(to_bytes(drawn)[0].numpy()), error, log_density(made, z.numpy()))


def log_density(made: Projection, latent: NDArray[np.float32]) -> float | None:
    """Logarithm of how densely the points of a map lie around a latent (1, F), among all F numbers of it, in nats.

    Loftsgaarden and Quesenberry 1965: the smallest ball around the latent that holds k = 10 of the N points has the
    radius r, so the density is about ``k / (N V r^F)``, V being the volume of the unit ball. Of points in fewer
    dimensions than F only the order of such numbers has a meaning.

    Returns
    -------
    None where the map kept no features, or where k points lie on the very latent.
    """
    if not len(made.features):
        return None
    distances, _ = Neighbours(made.features).nearest(latent, NEIGHBOURS)
    k, radius = distances.shape[1], float(distances[0, -1])
    if radius == 0.0:
        return None
    width = made.features.shape[1]
    ball = 0.5 * width * math.log(math.pi) - math.lgamma(0.5 * width + 1.0)
    return float(math.log(k / len(made)) - ball - width * math.log(radius))


def lattice(
    made: Projection,
    model: GenerativeModel,
    box: tuple[float, float, float, float],
    shape: tuple[int, int],
) -> NDArray[np.uint8]:
    """Decode the middles of the cells into which a part of a flat map is cut.

    Parameters
    ----------
    box
        Left, right, bottom, top, in coordinates of the map.
    shape
        Cells across and down.

    Returns
    -------
    uint8 (across * down, C, H, W), row by row from the top left.

    Raises
    ------
    LatentError
        As :func:`latents_at` and :func:`pictures`.
    """
    left, right, bottom, top = box
    across, down = shape
    x, y = np.meshgrid(_middles(left, right, across), _middles(top, bottom, down))
    return pictures(model, latents_at(made, np.column_stack([x.ravel(), y.ravel()])))


def placed(made: Projection, model: GenerativeModel, latents: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where latents (M, L) of `model` lie on its map, float32 (M, dims); see :func:`genlab.latent.place.place`.

    Raises
    ------
    LatentError
        The model draws what is not finite, or the map kept nothing to compare with.
    """
    return place(made, represented(made, model, latents))


def represented(made: Projection, model: GenerativeModel, latents: NDArray[np.float32]) -> NDArray[np.float32]:
    """What stands for latents (M, L) of `model` among the features of its map, float32 (M, F).

    On a map of latents they stand for themselves, on one of the generator's for what it makes of them, on another for
    what is seen in the pictures drawn from them.

    Raises
    ------
    LatentError
        The model draws what is not finite.
    """
    if made.spec.what in OF_LATENTS:
        return latents
    if made.spec.what == "generator":
        return hidden(model, torch.from_numpy(latents)).numpy()
    drawn = torch.from_numpy(pictures(model, latents))
    return np.asarray(features_of(model, drawn, made.spec.what).numpy())


def _middles(start: float, end: float, n: int) -> NDArray[np.float64]:
    return np.asarray(start + (np.arange(n) + 0.5) * ((end - start) / n), np.float64)


def _drawn(model: GenerativeModel, z: Tensor) -> Tensor:
    """Pictures (M, C, H, W) in [-1, 1], finite."""
    with torch.inference_mode():
        drawn = torch.cat([model.sample(part).float() for part in torch.split(z, CHUNK)])
    if not bool(torch.isfinite(drawn).all()):
        raise _too_far()
    return drawn


def _too_far() -> LatentError:
    return LatentError("This place is too far from the points for the model to draw it. Choose a nearer one.")
