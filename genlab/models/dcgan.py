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

from genlab.models.adversarial import AdversarialModel
from genlab.models.adversarial_options import AdversarialOptions
from genlab.models.base import Shape
from genlab.models.networks import ConvDown, ConvolutionOptions, ConvUp
from genlab.models.preset import Preset


@dataclass(frozen=True)
class DcganOptions(ConvolutionOptions, AdversarialOptions):
    """What every GAN can be given, and how wide the convolutions are."""


class DCGAN(AdversarialModel):
    """See the module's text."""

    key = "dcgan"
    title = "DCGAN"
    about = (
        "The same game with convolutions, which know that neighbouring pixels belong together. "
        "Better strokes, slower steps."
    )
    family = "gan"
    Options = DcganOptions
    presets = (
        Preset(
            key="dcgan",
            model="dcgan",
            title="Small DCGAN",
            about=(
                "Few channels, an R1 penalty instead of normalisation in the critic, and a moving average: "
                "good digits in a minute or two of CPU."
            ),
            options={
                "lr_generator": 0.002,
                "lr_critic": 0.002,
            },
        ),
        Preset(
            key="dcgan-classes",
            model="dcgan",
            title="Conditional DCGAN",
            about="The critic also has to name the class of each picture (AC-GAN): pictures of the class asked for.",
            options={"lr_generator": 0.002, "lr_critic": 0.002, "condition": "auxiliary"},
        ),
        Preset(
            key="dcgan-few",
            model="dcgan",
            title="DCGAN for few pictures",
            about="Moves and masks what the critic sees, as often as needed, against learning few pictures by heart.",
            options={"lr_generator": 0.002, "lr_critic": 0.002, "augment": "adaptive"},
        ),
        Preset(
            key="dcgan-paper",
            model="dcgan",
            title="DCGAN as published",
            about=(
                "Batch normalisation in both networks, Adam at 2e-4 with beta1 0.5, 64 channels next to the "
                "pixels. Slow on a CPU."
            ),
            options={
                "latent": 100,
                "width": 64,
                "lr_generator": 0.0002,
                "lr_critic": 0.0002,
                "beta1": 0.5,
                "beta2": 0.999,
                "decay_from": 1.0,
                "r1_gamma": 0.0,
                "critic_norm": "batch",
                "ema_halflife": 0,
            },
            batch_size=128,
        ),
    )

    def __init__(self, shape: Shape, options: Any, n_classes: int = 0) -> None:
        super().__init__(shape, options, n_classes)
        self.generator = nn.Sequential(
            ConvUp(self.prior.size, shape, options.width, options.generator_leak, options.generator_norm),
            nn.Tanh(),
        )
        body = ConvDown(self.seen_by_critic, options.width, options.critic_leak, options.critic_norm)
        self.critic = self.make_critic(body, body.size)
