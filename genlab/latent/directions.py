"""Directions in which a latent can be moved, and what is worth a slider.

**Principal directions.** Where a model has an encoder they are the principal components of the encodings of its
pictures. A GAN draws its latents from N(0, I), of which PCA says nothing: every direction is as good as any. GANSpace
(Härkönen et al. 2020, arXiv 2004.02546) therefore looks at what the generator's first layers make of the latents, and
maps the principal components of that back by least squares; SeFa (Shen & Zhou 2020, arXiv 2007.06600) takes the first
layer's matrix A itself, and of ``A^T A`` the eigenvectors: the unit directions in which that layer's output changes
most. Here the two are joined: B is the linear map, by least squares, from drawn latents to the first hidden features,
after their activation, and the directions are the eigenvectors of ``S B^T B S``, with S the square root of the
latents' covariance, mapped back by S. For N(0, I) and a first layer that is linear this is SeFa, whatever latents were
drawn; otherwise it also knows of the normalisation and the activation that SeFa leaves out. By Stein's lemma B is the
mean of the features' Jacobian over N(0, I), so the first direction is the one along which the features change most on
average.

**Class directions** lead from the centroid of all latents to that of a class. Of generated pictures the class is not
known; whoever asks hands in what tells it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from genlab.data.pictures import Pictures, to_bytes, to_floats
from genlab.latent.points import CHUNK
from genlab.latent.spec import LatentError
from genlab.models.base import GenerativeModel
from genlab.models.seeding import seeded

Floats = NDArray[np.float32]
Labeller = Callable[[Tensor], Tensor]
"""From pictures, uint8 (N, C, H, W), to their classes, int64 (N,)."""

PRINCIPAL = 6
LATENTS = 2_000
"""Latents that directions are computed from."""
FEWEST_OF_A_CLASS = 5
FLAT = 1e-6
"""A direction along which latents spread less than this share of the widest one has no unit to move in."""
ACTIVATIONS = (nn.ReLU, nn.LeakyReLU, nn.Tanh, nn.Sigmoid, nn.SiLU, nn.GELU, nn.ELU)


@dataclass(frozen=True)
class Direction:
    """One way to move a latent.

    Attributes
    ----------
    key
        ``"pc1"`` for the first principal direction, ``"class7"`` towards class 7.
    vector
        float32 (L,), of length 1.
    sigma
        Standard deviation of the latents along it: the unit of a slider, above 0.
    share
        Of a principal direction: its share, 0 to 1, of all that changes, of the latents themselves where there is an
        encoder, else of the first hidden features.
    away
        Of a class: how many sigma its centroid lies from that of all.
    """

    key: str
    vector: Floats
    sigma: float
    share: float = 0.0
    away: float = 0.0


@dataclass(frozen=True)
class Cloud:
    """Latents that directions are computed from.

    Attributes
    ----------
    latents
        float32 (N, L).
    labels
        int64 (N,); -1 where the class is not known.
    """

    latents: Floats
    labels: NDArray[np.int64]


@torch.inference_mode()
def cloud(model: GenerativeModel, pictures: Pictures | None, label: Labeller | None, n: int = LATENTS) -> Cloud:
    """Encode real pictures where the model can, else draw latents; the same arguments give the same cloud.

    Parameters
    ----------
    model
        In evaluation mode, on the CPU.
    pictures
        What an encoder is shown, `n` of them evenly spread; their own labels hold. A model without one needs none.
    label
        Tells the classes of generated pictures; None where nothing does.

    Raises
    ------
    LatentError
        The model gives latents that are not finite.
    """
    if model.has_encoder and pictures is not None:
        shown = pictures.to("cpu").spread(n)
        z = torch.cat([model.encode(to_floats(part)).float() for part in shown.images.split(CHUNK)])
        labels = shown.labels
    else:
        z = model.prior.draw(n, seeded(0, n))
        labels = None if label is None else torch.cat([label(to_bytes(model.sample(part))) for part in z.split(CHUNK)])
    if not bool(torch.isfinite(z).all()):
        raise LatentError("The model gives latents that are not finite. Choose an earlier checkpoint.")
    known = torch.full((len(z),), -1) if labels is None else labels
    return Cloud(z.numpy(), known.numpy())


def principal(model: GenerativeModel, latents: Floats, k: int = PRINCIPAL) -> list[Direction]:
    """The directions that change most, the first most of all; see the module's text.

    Parameters
    ----------
    latents
        (N, L) of a :func:`cloud`.
    k
        At most so many: a latent of L numbers has L directions, fewer where it does not vary.

    Raises
    ------
    LatentError
        All latents are the same.
    """
    covariance, root = _spread(latents)
    if model.has_encoder:
        values, vectors = np.linalg.eigh(covariance)
    else:
        slopes = _slopes(latents, hidden_features(model, latents)) @ root
        values, vectors = np.linalg.eigh(slopes.T @ slopes)
        vectors = root @ vectors
    shares = values / values.sum() if values.sum() > 0 else values
    found = []
    for rank, column in enumerate(np.argsort(values)[::-1][:k]):
        if shares[column] > FLAT**2:
            vector = vectors[:, column]
            vector = vector * np.sign(vector[np.argmax(np.abs(vector))])  # or its sign would be chance
            vector, sigma = _measured(vector, covariance)
            found.append(Direction(f"pc{rank + 1}", vector, sigma, share=float(shares[column])))
    return found


def of_classes(points: Cloud, n_classes: int) -> list[Direction]:
    """One direction a class with at least five known latents, in the order of the classes.

    Raises
    ------
    LatentError
        All latents are the same.
    """
    covariance, _ = _spread(points.latents)
    latents = points.latents.astype(np.float64)
    known = points.labels >= 0
    found = []
    for label in range(n_classes):
        own = points.labels == label
        if own.sum() < FEWEST_OF_A_CLASS or own.sum() == known.sum():
            continue
        away = latents[own].mean(0) - latents[known].mean(0)
        length = float(np.linalg.norm(away))
        if length > FLAT * np.sqrt(np.trace(covariance)):
            vector, sigma = _measured(away, covariance)
            found.append(Direction(f"class{label}", vector, sigma, away=length / sigma))
    return found


def moved(z: Floats, directions: list[Direction], sigmas: list[float]) -> Floats:
    """A latent (L,) moved along directions, each by so many of its sigma."""
    total = z.astype(np.float64)
    for direction, by in zip(directions, sigmas, strict=True):
        total = total + by * direction.sigma * direction.vector.astype(np.float64)
    return total.astype(np.float32)


def traversal(z: Floats, across: Direction, up: Direction, n: int, reach: float) -> Floats:
    """Latents of a square grid around `z`, row by row from the upper left: (n * n, L), `z` itself in the middle.

    Parameters
    ----------
    n
        A side, 3 to 11; odd, or there would be no middle.
    reach
        How many sigma lie between the middle and each edge.

    Raises
    ------
    LatentError
        `n` is out of range or even.
    """
    if not 3 <= n <= 11 or n % 2 == 0:
        raise LatentError("A traversal has 3, 5, 7, 9 or 11 pictures a side.")
    stops = np.linspace(-reach, reach, n)
    return np.stack([moved(z, [across, up], [x, y]) for y in stops[::-1] for x in stops])


@torch.inference_mode()
def hidden_features(model: GenerativeModel, latents: Floats) -> Floats:
    """What the first activation that latents pass through makes of them, (N, F).

    A generator without any activation is a single layer: its features are its pictures.
    """
    seen: list[Tensor] = []

    def note(_module: nn.Module, _inputs: Any, output: Tensor) -> None:
        if not seen:
            seen.append(output.float().flatten(1).clone())  # what comes after may write over it

    hooks = [part.register_forward_hook(note) for part in model.modules() if isinstance(part, ACTIVATIONS)]
    rows = []
    try:
        for part in torch.from_numpy(latents).split(CHUNK):
            seen.clear()
            picture = model.sample(part)
            rows.append(seen[0] if seen else picture.flatten(1))
    finally:
        for hook in hooks:
            hook.remove()
    return torch.cat(rows).numpy()


def _slopes(latents: Floats, features: Floats) -> NDArray[np.float64]:
    """The linear map (F, L) that makes the features of the latents as well as a linear map can."""
    z = latents.astype(np.float64) - latents.mean(0, dtype=np.float64)
    # Each row of the inverse adds up to 0, so the features' own mean plays no part.
    inverse = np.linalg.pinv(z, rcond=FLAT)
    return (inverse.astype(np.float32) @ features).T.astype(np.float64)


def _spread(latents: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Covariance of latents, and its square root: (L, L) each."""
    if len(latents) < 2 or not float(np.ptp(latents, axis=0).max()) > 0:
        raise LatentError("All latents are the same, so there is no direction to move in. Has the model collapsed?")
    covariance = np.atleast_2d(np.cov(latents.astype(np.float64), rowvar=False))
    values, vectors = np.linalg.eigh(covariance)
    return covariance, (vectors * np.sqrt(values.clip(0))) @ vectors.T


def _measured(way: NDArray[np.float64], covariance: NDArray[np.float64]) -> tuple[Floats, float]:
    """The unit vector of a way, and how far latents spread along it."""
    unit = way / np.linalg.norm(way)
    return unit.astype(np.float32), float(np.sqrt(unit @ covariance @ unit))
