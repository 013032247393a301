"""What a map is a map *of*: one row of numbers a picture, and always the words for what they are.

A model with an encoder shows its own latent space: the encoder's latent of every real picture. Others, such as
a GAN, have no way from a picture back to a latent, so the map is made of what the model sees in pictures (a GAN: the
features in its critic's last hidden layer), of real ones and of generated ones side by side. The bare pixels are there
for comparison, for both: what a map looks like when no model has learned anything.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genlab.data.pictures import Pictures, to_bytes, to_floats
from genlab.latent.spec import LatentError, What
from genlab.models.base import GenerativeModel

CHUNK = 256
"""Pictures that go through a network at once: bounds the memory, changes no result."""


@dataclass(frozen=True)
class Points:
    """Rows to project, with the pictures they stand for.

    Attributes
    ----------
    what
        Where the features come from.
    features
        float32 (N, F), finite.
    images
        uint8 (N, C, H, W).
    labels
        int64 (N,); -1 where the class is not known, as for generated pictures.
    classes
        A name for each label.
    generated
        bool (N,): drawn by the model (True) or real (False). Real ones come first.
    latents
        float32 (N, latent): what the model decodes to (nearly) this picture; NaN rows where there is none.
    """

    what: What
    features: NDArray[np.float32]
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    generated: NDArray[np.bool_]
    latents: NDArray[np.float32]

    @property
    def about(self) -> str:
        """One plain English sentence: what these points are."""
        n_generated = int(self.generated.sum())
        return describe(self.what, len(self.generated) - n_generated, n_generated, self.features.shape[1])


def describe(what: What, n_real: int, n_generated: int, width: int) -> str:
    """What points are, in one plain English sentence."""
    source = {
        "encoder": f"the {width} latent means that the encoder gives",
        "features": f"the {width} features that the model sees in",
        "pixels": f"the {width} pixel values of",
    }[what]
    pictures = f"{n_real:,} real pictures"
    if n_generated:
        pictures += f" and {n_generated:,} generated ones"
    return f"Each point is a picture, placed by {source} {pictures}."


def choices(model: GenerativeModel | type[GenerativeModel]) -> tuple[What, ...]:
    """What can be projected for this model, the most telling first."""
    return ("encoder", "pixels") if model.has_encoder else ("features", "pixels")


@torch.inference_mode()
def collect(model: GenerativeModel, pictures: Pictures, what: What, n: int, seed: int) -> Points:
    """Choose pictures, draw others, and compute the features of all.

    For ``"encoder"`` all points are real pictures; else the first half is real and the rest generated,
    so that the map shows where the two agree. The same arguments give the same points.

    Parameters
    ----------
    model
        In evaluation mode, on the CPU.
    pictures
        Where the real ones are taken from, without repetition.
    n
        How many points to make; fewer when there are not enough real pictures.
    seed
        Of the choice of pictures and of the latents of the generated ones.

    Raises
    ------
    LatentError
        When the model cannot give such features, or gives numbers that are not finite.
    """
    if what not in choices(model):
        raise LatentError(f"A {model.key} model has no {what}. Choose one of: {', '.join(choices(model))}.")
    if pictures.shape != tuple(model.shape):
        raise LatentError(
            f"The model was trained on pictures of shape {tuple(model.shape)}, these are {pictures.shape}."
        )
    n_real = min(n if what == "encoder" else (n + 1) // 2, len(pictures))
    n_generated = 0 if what == "encoder" else min(n // 2, n_real)
    generator = torch.Generator().manual_seed(seed)
    real = pictures.to("cpu").subset(torch.randperm(len(pictures), generator=generator)[:n_real])
    z = model.prior.draw(n_generated, generator) if n_generated else torch.empty(0, model.prior.size)
    images = torch.cat([real.images, *(to_bytes(model.sample(part)) for part in _chunks(z))])

    features = features_of(model, images, what)
    if not bool(torch.isfinite(features).all()):
        raise LatentError("The model gives numbers that are not finite. Choose an earlier checkpoint.")
    labels = torch.full((n_real + n_generated,), -1)
    if real.labels is not None:
        labels[:n_real] = real.labels
    if model.has_encoder:
        origins = features if what == "encoder" else _encode(model, real.images)
    else:
        origins = torch.full((n_real, model.prior.size), torch.nan)
    return Points(
        what=what,
        features=features.numpy(),
        images=images.numpy(),
        labels=labels.numpy(),
        classes=real.classes,
        generated=np.arange(len(images)) >= n_real,
        latents=torch.cat([origins.float(), z]).numpy(),
    )


def _chunks(rows: Tensor) -> tuple[Tensor, ...]:
    return torch.split(rows, CHUNK) if len(rows) else ()


def _encode(model: GenerativeModel, images: Tensor) -> Tensor:
    return torch.cat([model.encode(to_floats(part)).float() for part in _chunks(images)])


@torch.inference_mode()
def features_of(model: GenerativeModel, images: Tensor, what: What) -> Tensor:
    """What stands for pictures on a map of `what`: features (N, F), float32, of bytes (N, C, H, W)."""
    if what == "encoder":
        return _encode(model, images)
    if what == "pixels":
        return to_floats(images).flatten(1)
    return torch.cat([model.features(to_floats(part)).float().flatten(1) for part in _chunks(images)])
