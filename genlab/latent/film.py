"""How a latent space came to be: the same pictures through checkpoint after checkpoint, each projected and aligned.

Every checkpoint is projected by PCA for itself, since its latents (or features) are its own. What PCA leaves open,
which way is up and how long a unit is, would make points jump from frame to frame; so each frame is turned, mirrored,
scaled and moved to lie on the last one as closely as can be (Procrustes analysis; Schoenemann 1966, "A generalized
solution of the orthogonal Procrustes problem", Psychometrika 31, and Gower 1975, "Generalized Procrustes analysis",
Psychometrika 40). That changes no shape: distances within a frame keep their ratios. Two
latents need none of this, and are shown as they are.
"""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genlab.data.grid import reduced
from genlab.latent.linear import pca, plane
from genlab.latent.points import Points
from genlab.latent.spec import LatentError, Method, Spec
from genlab.paths import atomic_write_bytes, atomic_write_json

Floats = NDArray[np.float32]

MOST_FRAMES = 20
POINTS = 1_000
"""Of a film: what moves smoothly on any machine, and what a person can follow."""
PICTURE_SIDE = 32
"""Pictures are kept this small at most: some of a film differ from frame to frame."""

_FAR = 0.3
_ARRAYS = ("coords", "held", "generated", "images", "labels")


@dataclass(frozen=True)
class Frame:
    """One checkpoint's map, before it is aligned.

    Attributes
    ----------
    step
        The checkpoint's.
    weights
        SHA-256 of its model's file.
    coords
        float32 (N, 2): the first two principal components, or the two latents.
    held
        Share of the variance that these two hold, 0 to 1.
    generated
        uint8 (G, C, H, W): the pictures that this model draws from the same latents as the others; they are the
        last G points.
    """

    step: int
    weights: str
    coords: Floats
    held: float
    generated: NDArray[np.uint8]


@dataclass(frozen=True)
class Film:
    """Maps of the checkpoints of one run, with the pictures behind the points.

    Attributes
    ----------
    spec
        What was projected, of how many pictures, chosen by which seed.
    width
        Numbers a point had before the projection.
    frames
        By step; at least one.
    images
        uint8 (R, C, H, W): the real pictures, the same in every frame; they are the first R points.
    labels
        int64 (R,); -1 where the class is not known.
    classes
        A name for each label.
    left_out
        Step and reason of each checkpoint that has no map.
    """

    spec: Spec
    width: int
    frames: tuple[Frame, ...]
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    left_out: tuple[tuple[int, str], ...] = ()

    def __len__(self) -> int:
        """Points of each frame."""
        return len(self.frames[0].coords)

    @property
    def steps(self) -> list[int]:
        """The frames' steps, ascending."""
        return [frame.step for frame in self.frames]

    @property
    def n_generated(self) -> int:
        """How many of the points are generated pictures."""
        return len(self.frames[0].generated)

    @property
    def every_label(self) -> NDArray[np.int64]:
        """Of all the points, (N,); generated ones have no class."""
        return np.concatenate([self.labels, np.full(self.n_generated, -1)])

    def aligned(self) -> tuple[Floats, NDArray[np.float64]]:
        """The frames laid on the last one, by their real pictures; the plane of two latents stays as it is.

        Returns
        -------
        places
            float32 (T, N, 2).
        disparity
            (T,), 0 to 1: see :class:`Alignment`.
        """
        real = len(self.images)
        last = self.frames[-1].coords
        found = [align(frame.coords[:real], last[:real]) for frame in self.frames]
        if self.spec.method == "plane":
            return np.stack([frame.coords for frame in self.frames]), np.array([each.disparity for each in found])
        places = [each.apply(frame.coords) for each, frame in zip(found, self.frames, strict=True)]
        return np.stack(places), np.array([each.disparity for each in found])


class Alignment(NamedTuple):
    """The similarity ``scale * (x - centre) @ turn + target`` that lays one set of places on another.

    Attributes
    ----------
    centre, target
        (D,): the means of both sets.
    turn
        (D, D), orthogonal: a rotation, or one with a reflection.
    scale
        At least 0.
    disparity
        What remains of the squared distance, as a share of the target's own spread: 0 where the sets have the same
        shape, 1 where nothing of it is shared or either set is a single place. It is
        :func:`scipy.spatial.procrustes`'s.
    """

    centre: NDArray[np.float64]
    target: NDArray[np.float64]
    turn: NDArray[np.float64]
    scale: float
    disparity: float

    def apply(self, places: Floats) -> Floats:
        """Places (N, D) moved along, the set's own or others."""
        return np.asarray(self.scale * (places - self.centre) @ self.turn + self.target, dtype=np.float32)


def align(places: Floats, target: Floats) -> Alignment:
    """The rotation, reflection, scale and shift that bring `places` closest to `target`, by least squares.

    With both sets centred and ``U S V`` the singular value decomposition of ``places.T @ target``, the turn is
    ``U V`` and the scale ``sum(S) / |places|^2``.

    Parameters
    ----------
    places, target
        (N, D) each, the same things in the same order, finite.
    """
    x, y = places.astype(np.float64), target.astype(np.float64)
    centre, middle = x.mean(axis=0), y.mean(axis=0)
    x, y = x - centre, y - middle
    spread, wanted = float((x**2).sum()), float((y**2).sum())
    u, s, v = np.linalg.svd(x.T @ y)
    if not spread or not wanted:
        return Alignment(centre, middle, u @ v, 0.0, 1.0)
    disparity = max(0.0, 1.0 - s.sum() ** 2 / (spread * wanted))
    return Alignment(centre, middle, u @ v, float(s.sum() / spread), float(disparity))


def filled(places: Floats) -> NDArray[np.float64]:
    """What the points of each frame fill, for whoever draws them: all but those far outside of the others.

    Ninety-eight in a hundred, axis by axis, and of the rest what lies no further out than 0.3 times their extent.

    Parameters
    ----------
    places
        (T, N, 2).

    Returns
    -------
    (T, 4): the middle's x and y, the extent across, the extent up.
    """
    low, high = np.quantile(places.astype(np.float64), [0.01, 0.99], axis=1)
    room = _FAR * (high - low)
    low = np.maximum(places.min(axis=1), low - room)
    high = np.minimum(places.max(axis=1), high + room)
    return np.concatenate([(low + high) / 2, high - low], axis=1)


def chosen_steps(steps: Sequence[int], most: int = MOST_FRAMES) -> list[int]:
    """At most `most` of some ascending steps, as evenly spread as they allow; the first and the last always."""
    if len(steps) <= most:
        return list(steps)
    known = np.asarray(steps)
    even = np.linspace(steps[0], steps[-1], most)
    return [int(step) for step in np.unique(known[np.abs(known[None] - even[:, None]).argmin(axis=1)])]


def shoot(step: int, weights: str, points: Points, method: Method) -> Frame:
    """The frame of one checkpoint.

    Raises
    ------
    LatentError
        These points cannot be projected.
    """
    flat = plane(points.features) if method == "plane" else pca(points.features, 2)
    held = 1.0 if method == "plane" else float(flat.explained[:2].sum())
    generated = thumbnails(points.images[points.generated])
    return Frame(step, weights, flat.coords, held, generated)


def thumbnails(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pictures (N, C, H, W), reduced by a whole factor to at most 32 pixels a side."""
    return reduced(images, -(-max(images.shape[2:]) // PICTURE_SIDE))


def save(film: Film, path: Path, about: Mapping[str, str]) -> None:
    """Write `path` (an npz file) and, after it, the description ``.json`` that makes it count as finished.

    Parameters
    ----------
    about
        What else the description is to say.
    """
    arrays: dict[str, Any] = {
        "coords": np.stack([frame.coords for frame in film.frames]),
        "held": np.array([frame.held for frame in film.frames]),
        "generated": np.stack([frame.generated for frame in film.frames]),
        "images": film.images,
        "labels": film.labels,
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    atomic_write_bytes(path, buffer.getvalue())
    told = {
        **about,
        "spec": film.spec.to_dict(),
        "width": film.width,
        "frames": [{"step": frame.step, "weights": frame.weights} for frame in film.frames],
        "classes": list(film.classes),
        "left_out": [list(each) for each in film.left_out],
    }
    atomic_write_json(path.with_suffix(".json"), told)


def load(path: Path) -> Film:
    """Read what :func:`save` wrote. Never runs code from the file.

    Raises
    ------
    LatentError
        When the files are missing, damaged, or do not fit together.
    """
    try:
        about: dict[str, Any] = json.loads(path.with_suffix(".json").read_text("utf-8"))
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            coords, held, generated, images, labels = (file[name] for name in _ARRAYS)
        frames = tuple(
            Frame(int(each["step"]), str(each["weights"]), coords[i], float(held[i]), generated[i])
            for i, each in enumerate(about["frames"])
        )
        film = Film(
            spec=Spec.from_dict(about["spec"]),
            width=int(about["width"]),
            frames=frames,
            images=images,
            labels=labels,
            classes=tuple(str(name) for name in about["classes"]),
            left_out=tuple((int(step), str(why)) for step, why in about["left_out"]),
        )
        _check(film, coords)
    except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, zipfile.BadZipFile, LatentError) as error:
        raise LatentError("This film's file is missing or damaged. Compute the film again.") from error
    return film


def _check(film: Film, coords: Floats) -> None:
    real = len(film.images)
    if not film.frames or coords.shape != (len(film.frames), real + film.n_generated, 2):
        raise LatentError("The arrays are not of the same length.")
    if film.images.ndim != 4 or film.labels.shape != (real,) or not np.isfinite(coords).all():
        raise LatentError("The arrays have the wrong shape.")
    if real and not (film.labels.min() >= -1 and film.labels.max() < max(len(film.classes), 1)):
        raise LatentError("A label has no name.")
