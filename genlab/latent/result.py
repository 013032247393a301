"""A finished map, and its file: numpy arrays without pickles, and a description beside them to read."""

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genlab.latent.linear import Linear, axes, bent, pca, plane
from genlab.latent.points import Points
from genlab.latent.project import Progress, Watch, nobody, tsne, umap
from genlab.latent.spec import LatentError, Spec
from genlab.latent.trust import judge
from genlab.paths import atomic_write_bytes, atomic_write_json

FORMAT = "4"
"""Part of each map's name: raise it when files of maps come to hold something else."""
WIDEST_KEPT = 512
"""Wider features are not kept with the map: a hundred megabytes for a look at a point's neighbours."""
_ARRAYS = (
    "coords", "explained", "centre", "basis", "features", "neighbours", "trust", "density", "images", "labels",
    "generated", "latents", "confidence", "error",
)  # fmt: skip


@dataclass(frozen=True)
class Projection:
    """A map with all that is needed to show it, to pick from it and to walk in it.

    Attributes
    ----------
    spec
        How it was made.
    step
        Of the checkpoint that made it.
    width
        Numbers a point had before the projection.
    coords
        float32 (N, dims).
    explained
        float64 (K,): PCA's shares of variance, the largest first; empty for t-SNE.
    centre, basis
        float32 (F,) and (dims, F): the features are about ``centre + coords @ basis``; (0,) and (0, F) where the map
        is not linear.
    features
        float32 (N, F): what was projected, in the order of the points; (0, F) where F is above 512.
    neighbours, trust, density
        Of each point, as :class:`genlab.latent.trust.Trust` has them: int32 (N, k), its nearest others before the
        projection (k is 10, less where there are not so many); float32 (N,), the share of them that the map keeps;
        float32 (N,), the logarithm of the density.
    kept
        Mean of `trust`.
    trustworthiness, continuity
        Of the whole map, 0 to 1.
    images, labels, classes, generated, latents, confidence, error
        As in :class:`genlab.latent.points.Points`.
    """

    spec: Spec
    step: int
    width: int
    coords: NDArray[np.float32]
    explained: NDArray[np.float64]
    centre: NDArray[np.float32]
    basis: NDArray[np.float32]
    features: NDArray[np.float32]
    neighbours: NDArray[np.int32]
    trust: NDArray[np.float32]
    density: NDArray[np.float32]
    kept: float
    trustworthiness: float
    continuity: float
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    generated: NDArray[np.bool_]
    latents: NDArray[np.float32]
    confidence: NDArray[np.float32]
    error: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.coords)

    @property
    def n_generated(self) -> int:
        """How many of the points are generated pictures; they come after the real ones."""
        return int(self.generated.sum())

    def has_latent(self) -> NDArray[np.bool_]:
        """Where there is a latent to decode, and to interpolate from: bool (N,)."""
        return np.asarray(np.isfinite(self.latents).all(axis=1))


def project(
    spec: Spec, points: Points, step: int, progress: Progress = nobody, watch: Watch | None = None
) -> Projection:
    """Make the map that `spec` asks for.

    Parameters
    ----------
    step
        Of the checkpoint whose points these are.
    progress, watch
        Told how it goes on, and shown how t-SNE does.

    Raises
    ------
    LatentError
        When these points cannot be projected so.
    """
    width = points.features.shape[1]
    flat = _flattened(spec, points, progress, watch)
    if not np.isfinite(flat.coords).all():
        raise LatentError("Some places of the map came out as no numbers. Choose another method or other parameters.")
    progress(0.0, "judging", None)
    trust = judge(points.features, flat.coords, progress)
    return Projection(
        spec=spec,
        step=step,
        width=width,
        coords=flat.coords,
        explained=flat.explained,
        centre=flat.centre,
        basis=flat.basis,
        features=points.features if width <= WIDEST_KEPT else np.empty((0, width), np.float32),
        neighbours=trust.neighbours,
        trust=trust.kept,
        density=trust.density,
        kept=float(trust.kept.mean()),
        trustworthiness=trust.trustworthiness,
        continuity=trust.continuity,
        images=points.images,
        labels=points.labels,
        classes=points.classes,
        generated=points.generated,
        latents=points.latents,
        confidence=points.confidence,
        error=points.error,
    )


def _flattened(spec: Spec, points: Points, progress: Progress, watch: Watch | None) -> Linear:
    features = points.features
    match spec.method:
        case "pca":
            return pca(features, spec.dims)
        case "plane":
            return plane(features)
        case "axes":
            return axes(features, points.labels, spec.axes, points.classes)
        case "tsne":
            return bent(tsne(features, spec, progress, watch), features.shape[1])
        case "umap":
            return bent(umap(features, spec, progress), features.shape[1])


def save(projection: Projection, path: Path) -> None:
    """Write `path` (an npz file) and, after it, the description ``.json`` that makes it count as finished."""
    arrays = {name: getattr(projection, name) for name in _ARRAYS}
    if np.array_equal(projection.features, projection.latents):  # numbers hardly pack: kept once
        del arrays["features"]
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    atomic_write_bytes(path, buffer.getvalue())
    about = {
        "spec": projection.spec.to_dict(),
        "step": projection.step,
        "width": projection.width,
        "classes": list(projection.classes),
        "kept": projection.kept,
        "trustworthiness": projection.trustworthiness,
        "continuity": projection.continuity,
    }
    atomic_write_json(path.with_suffix(".json"), about)


def load(path: Path) -> Projection:
    """Read what :func:`save` wrote. Never runs code from the file.

    Raises
    ------
    LatentError
        When the files are missing, damaged, or do not fit together.
    """
    try:
        about: dict[str, Any] = json.loads(path.with_suffix(".json").read_text("utf-8"))
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in _ARRAYS if name in file or name != "features"}
        arrays.setdefault("features", arrays["latents"])
        projection = Projection(
            spec=Spec.from_dict(about["spec"]),
            step=int(about["step"]),
            width=int(about["width"]),
            classes=tuple(str(name) for name in about["classes"]),
            kept=float(about["kept"]),
            trustworthiness=float(about["trustworthiness"]),
            continuity=float(about["continuity"]),
            **arrays,
        )
        _check(projection)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, LatentError) as error:
        raise LatentError("This map's file is missing or damaged. Compute the map again.") from error
    return projection


def _check(projection: Projection) -> None:
    n = len(projection.coords)
    if projection.coords.shape != (n, projection.spec.dims) or projection.images.ndim != 4:
        raise LatentError("The arrays have the wrong shape.")
    linear = len(projection.basis) > 0
    if projection.basis.shape != (projection.spec.dims * linear, projection.width):
        raise LatentError("The axes have the wrong shape.")
    if projection.centre.shape != (projection.width * linear,):
        raise LatentError("The centre has the wrong shape.")
    if projection.features.shape != (n * (projection.width <= WIDEST_KEPT), projection.width):
        raise LatentError("The features have the wrong shape.")
    for name in ("neighbours", "trust", "density", "images", "labels", "generated", "latents"):
        if len(getattr(projection, name)) != n:
            raise LatentError("The arrays are not of the same length.")
    if not {len(projection.confidence), len(projection.error)} <= {0, n}:
        raise LatentError("The scores are not as many as the points.")
    if projection.neighbours.size and not 0 <= projection.neighbours.min() <= projection.neighbours.max() < n:
        raise LatentError("A neighbour is no point.")
    if n and not (projection.labels.min() >= -1 and projection.labels.max() < max(len(projection.classes), 1)):
        raise LatentError("A label has no name.")
