"""DCGAN: a convolutional generator and critic, for square pictures of one or three channels.

Radford, Metz & Chintala 2015, "Unsupervised Representation Learning with Deep Convolutional
Generative Adversarial Networks", arXiv 1511.06434; the game is told in :mod:`genlab.models.adversarial`.

Shapes: the side is 4 to 7 pixels times a power of two (28 = 7 * 2^2, 64 = 4 * 2^4). The generator takes
(N, latent) to a small map of many channels and doubles it with 4x4 transposed convolutions of stride 2 until
it has the side of a picture, tanh, in [-1, 1]; the critic halves a picture with 4x4 convolutions of stride 2.

Departs from the paper: by default no batch normalisation in the critic but an R1 penalty, which trains
faster and steadier at this size; ``critic_norm="batch"`` and ``r1_gamma=0`` are the paper's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import nn

from genlab.models.adversarial import AdversarialModel, AdversarialOptions
from genlab.models.base import Shape
from genlab.models.networks import ConvDown, ConvUp, Critic
from genlab.models.options import option


@dataclass(frozen=True)
class DcganOptions(AdversarialOptions):
    """What every GAN can be given, and how wide the convolutions are."""

    width: int = option(
        16,
        "Channels next to the pixels; each layer further in has twice as many.",
        low=1,
        high=512,
        basic=True,
    )


class DCGAN(AdversarialModel):
    """See the module's text."""

    key = "dcgan"
    title = "DCGAN"
    Options = DcganOptions

    def __init__(self, shape: Shape, options: Any, n_classes: int = 0) -> None:
        super().__init__(shape, options, n_classes)
        self.generator = nn.Sequential(
            ConvUp(options.latent, shape, options.width, options.generator_leak, options.generator_norm),
            nn.Tanh(),
        )
        body = ConvDown(shape, options.width, options.critic_leak, options.critic_norm)
        self.critic = Critic(body, body.size, options.critic_norm)
