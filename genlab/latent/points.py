"""What a map is a map *of*: one row of numbers a picture, and always the words for what they are.

``"encoder"``
    The latent that a model's encoder gives each real picture: the model's own latent space.
``"features"``
    For models that see in pictures something else than their latents (a GAN: its critic's last hidden layer; a VQ-VAE:
    the codebook's vectors), half of them real and half generated, so that the map shows where the two agree.
``"z"``
    Latents drawn from the prior, each with the picture that is generated of it: where the model can be asked for
    pictures, for every model.
``"generator"``
    What the generator makes of such latents just before the picture: the input of its last layer with weights. Maps of
    channels are averaged over blocks, as small as leave at most 512 numbers.
``"classifier"``
    What a classifier of the data set sees, which knows nothing of the model, half real and half generated.
``"pixels"``
    The bare pixels, half real and half generated: what a map looks like when no model has learned anything.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from genlab.data.pictures import Pictures, to_bytes, to_floats
from genlab.latent.spec import LatentError, What
from genlab.models.base import GenerativeModel

CHUNK = 256
"""Pictures that go through a network at once: bounds the memory, changes no result."""
DRAWN: tuple[What, ...] = ("z", "generator")
"""What is known of generated pictures only."""
WIDEST_HIDDEN = 512
"""Numbers that are kept of a generator's hidden layer."""


class Seen(NamedTuple):
    """What a classifier sees in N pictures."""

    features: Tensor
    """float32 (N, F)."""
    labels: Tensor | None
    """int64 (N,): the likeliest class of each; None where it knows none of the pictures' classes."""
    confidence: Tensor | None = None
    """float32 (N,): the probability of that class."""


Judge = Callable[[Tensor], Seen]
"""A classifier of the pictures: uint8 (N, C, H, W) to what it sees."""


def _no_numbers() -> NDArray[np.float32]:
    return np.empty(0, np.float32)


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
        int64 (N,); -1 where the class is not known. Where all points are generated, and a classifier knows the
        classes, it is the class that this one sees.
    classes
        A name for each label.
    generated
        bool (N,): drawn by the model (True) or real (False). Real ones come first.
    latents
        float32 (N, latent): what the model decodes to (nearly) this picture; NaN rows where there is none.
    confidence
        float32 (N,): the probability that a classifier gives the class it sees in the picture; (0,) where none was
        asked, or it knows no classes.
    error
        float32 (N,): see :func:`genlab.latent.scores.reconstruction_errors`; (0,) where that was not computed.
    """

    what: What
    features: NDArray[np.float32]
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    generated: NDArray[np.bool_]
    latents: NDArray[np.float32]
    confidence: NDArray[np.float32] = field(default_factory=_no_numbers)
    error: NDArray[np.float32] = field(default_factory=_no_numbers)

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
        "z": f"the {width} numbers of the latents behind",
        "generator": f"the {width} numbers that the generator's last hidden layer makes of",
        "classifier": f"the {width} features that a classifier sees in",
        "pixels": f"the {width} pixel values of",
    }[what]
    pictures = " and ".join(
        f"{count:,} {kind}" for count, kind in ((n_real, "real"), (n_generated, "generated")) if count
    )
    return f"Each point is a picture, placed by {source} {pictures} pictures."


def choices(model: GenerativeModel | type[GenerativeModel]) -> tuple[What, ...]:
    """What can be projected for this model, the most telling first."""
    own: tuple[What, ...] = ("features",) if model.sees != "latents" else ()
    encoded: tuple[What, ...] = ("encoder",) if model.has_encoder else ()
    hidden: tuple[What, ...] = ("generator",) if model.has_hidden else ()
    return (*own, *encoded, "z", *hidden, "classifier", "pixels")


def needs_judge(what: What) -> bool:
    """Whether a classifier has to be handed to :func:`collect` for this."""
    return what in ("classifier", *DRAWN)


@torch.inference_mode()
def collect(
    model: GenerativeModel, pictures: Pictures, what: What, n: int, seed: int, judge: Judge | None = None
) -> Points:
    """Choose pictures, draw others, and compute the features of all.

    The same arguments give the same points.

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
    judge
        Where :func:`needs_judge` says so.

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
    if needs_judge(what) and judge is None:
        raise LatentError(f"A map of {what} needs a classifier of the pictures, which is not at hand here.")
    n_real, n_generated = _counts(what, n, len(pictures))
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randperm(len(pictures), generator=generator)[:n_real]
    real = pictures.images.cpu()[chosen]
    z = model.prior.draw(n_generated, generator) if n_generated else torch.empty(0, model.prior.size)
    images = torch.cat([real, *([draw(model, z)] if n_generated else [])])
    seen = judge(images) if judge is not None and needs_judge(what) else None

    if what in DRAWN:
        features = z.float() if what == "z" else hidden(model, z)
    else:
        features = seen.features if seen is not None else features_of(model, images, what)
    _check_finite(features)
    labels = torch.full((n_real + n_generated,), -1)
    if pictures.labels is not None:
        labels[:n_real] = pictures.labels.cpu()[chosen]
    if what in DRAWN and seen is not None and seen.labels is not None:
        labels = seen.labels
    if model.has_encoder and n_real:
        origins = features if what == "encoder" else _encode(model, real)
    else:
        origins = torch.full((n_real, model.prior.size), torch.nan)
    return Points(
        what=what,
        features=features.numpy(),
        images=images.numpy(),
        labels=labels.numpy(),
        classes=pictures.classes,
        generated=np.arange(len(images)) >= n_real,
        latents=torch.cat([origins.float(), z]).numpy(),
        confidence=_no_numbers() if seen is None or seen.confidence is None else seen.confidence.numpy(),
    )


def _counts(what: What, n: int, available: int) -> tuple[int, int]:
    """How many points are real pictures, and how many generated ones."""
    if what in DRAWN:
        return 0, n
    if what == "encoder":
        return min(n, available), 0
    real = min((n + 1) // 2, available)
    return real, min(n // 2, real)


@torch.inference_mode()
def draw(model: GenerativeModel, z: Tensor) -> Tensor:
    """The pictures that a model makes of latents (N, latent), N >= 1: uint8 (N, C, H, W).

    Raises
    ------
    LatentError
        They are not finite.
    """
    drawn = []
    for part in _chunks(z):
        pictures = model.sample(part)
        _check_finite(pictures)
        drawn.append(to_bytes(pictures))
    return torch.cat(drawn)


def _check_finite(numbers: Tensor) -> None:
    if not bool(torch.isfinite(numbers).all()):
        raise LatentError("The model gives numbers that are not finite. Choose an earlier checkpoint.")


@torch.inference_mode()
def hidden(model: GenerativeModel, z: Tensor) -> Tensor:
    """What the last layer with weights is given on the way from latents (N, latent) to pictures: float32 (N, F).

    Raises
    ------
    LatentError
        There is no such layer.
    """
    last: list[Tensor] = []

    def note(_layer: nn.Module, inputs: tuple[Any, ...]) -> None:
        last[:] = [inputs[0]]

    layers = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
    hooks = [part.register_forward_pre_hook(note) for part in model.modules() if isinstance(part, layers)]
    rows = []
    try:
        for part in _chunks(z):
            model.sample(part)
            if not last:
                raise LatentError("This model draws its pictures without hidden layers. Map the latents instead.")
            rows.append(_narrowed(last[0].float()))
    finally:
        for hook in hooks:
            hook.remove()
    return torch.cat(rows)


def _narrowed(layer: Tensor) -> Tensor:
    """A layer's output as rows (N, F): maps (N, C, H, W) become means over blocks, as many as leave 512 numbers."""
    if layer.ndim == 2:
        return layer
    side = max(1, math.isqrt(WIDEST_HIDDEN // layer.shape[1]))
    return F.adaptive_avg_pool2d(layer, min(side, *layer.shape[2:])).flatten(1)


def _chunks(rows: Tensor) -> tuple[Tensor, ...]:
    return torch.split(rows, CHUNK) if len(rows) else ()


def _encode(model: GenerativeModel, images: Tensor) -> Tensor:
    return torch.cat([model.encode(to_floats(part)).float() for part in _chunks(images)])


@torch.inference_mode()
def features_of(model: GenerativeModel, images: Tensor, what: What) -> Tensor:
    """What stands for pictures on a map of `what`: features (N, F), float32, of bytes (N, C, H, W).

    Raises
    ------
    LatentError
        The map is of what is not in the pictures, or of what only a classifier sees in them.
    """
    if what == "encoder":
        return _encode(model, images)
    if what == "pixels":
        return to_floats(images).flatten(1)
    if what != "features":
        raise LatentError(f"Pictures alone do not tell where they lie on a map of {what}. Choose another one.")
    return torch.cat([model.features(to_floats(part)).float().flatten(1) for part in _chunks(images)])
