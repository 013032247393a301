"""Ways from one latent to another.

Most of a standard normal in many dimensions lies near a sphere of radius ``sqrt(latent)``. The straight
line between two such points (:func:`lerp`) cuts through the inside, where the model was
never trained: halfway its length has fallen by about 30 %. The arc (:func:`slerp`, White 2016, "Sampling
Generative Networks", arXiv 1609.04468) keeps the length, so it is the better way between two
draws from N(0, I). Between two encodings, whose cloud is fitted and rarely round, the straight line is fine.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genlab.latent.spec import LatentError

MIN_STEPS = 2
MAX_STEPS = 64


def lerp(a: ArrayLike, b: ArrayLike, steps: int) -> NDArray[np.float32]:
    """The straight line from `a` to `b`, both ends included.

    Parameters
    ----------
    a, b
        Latents, (L,) each, finite.
    steps
        How many points, 2 to 64.

    Returns
    -------
    Array of shape (steps, L), float32.

    Raises
    ------
    LatentError
        When the latents do not fit together or `steps` is out of range.
    """
    start, end, t = _checked(a, b, steps)
    return _exact_ends(start + t * (end - start), start, end)


def slerp(a: ArrayLike, b: ArrayLike, steps: int) -> NDArray[np.float32]:
    """The arc from `a` to `b`: the direction turns evenly, the length goes evenly from one to the other.

    Parameters, result and errors are those of :func:`lerp`. Where no arc is defined it takes the
    straight line (one end is zero, or both point the same way); between opposite directions it turns
    through the coordinate axis that is farthest from both.
    """
    start, end, t = _checked(a, b, steps)
    start_length, end_length = np.linalg.norm(start), np.linalg.norm(end)
    if start_length == 0.0 or end_length == 0.0:
        return lerp(a, b, steps)
    u, v = start / start_length, end / end_length
    # Unlike arccos of the dot product, this keeps its precision for angles near 0 and pi.
    angle = 2.0 * np.arctan2(np.linalg.norm(u - v), np.linalg.norm(u + v))
    side = v - (u @ v) * u
    if np.linalg.norm(side) < 1e-8:
        if angle < np.pi / 2 or len(u) == 1:
            return lerp(a, b, steps)
        axis = np.zeros_like(u)
        axis[np.argmin(np.abs(u))] = 1.0
        side = axis - (u @ axis) * u
    side = side / np.linalg.norm(side)
    length = start_length + t * (end_length - start_length)
    return _exact_ends(length * (np.cos(t * angle) * u + np.sin(t * angle) * side), start, end)


PATHS = {"lerp": lerp, "slerp": slerp}


def _checked(
    a: ArrayLike, b: ArrayLike, steps: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Both ends as float64 (L,), and the position along the way, (steps, 1)."""
    start, end = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if start.ndim != 1 or start.shape != end.shape or not start.size:
        raise LatentError("The two latents must be of the same length.")
    if not (np.isfinite(start).all() and np.isfinite(end).all()):
        raise LatentError("One of the two points has no latent to start from. Choose another.")
    if not MIN_STEPS <= steps <= MAX_STEPS:
        raise LatentError(f"An interpolation has between {MIN_STEPS} and {MAX_STEPS} steps.")
    return start, end, np.linspace(0.0, 1.0, steps)[:, None]


def _exact_ends(path: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float32]:
    """The path with its ends free of rounding: they are the two latents themselves."""
    path[0], path[-1] = start, end
    return path.astype(np.float32)
