"""The fully connected GAN: two perceptrons on flattened pictures.

Idea: Goodfellow et al. 2014, "Generative Adversarial Nets", arXiv 1406.2661; the game is told in
:mod:`genlab.models.adversarial`.

Shapes: generator (N, latent) -> hidden layers -> (N, C*H*W), tanh, in [-1, 1]; critic (N, C*H*W) -> hidden
layers -> (N,) logits.

Departs from the paper: ReLU or leaky ReLU instead of maxout, Adam instead of momentum, optional
batch normalisation, spectral normalisation, R1 penalty and moving average.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from torch import nn

from genlab.models.adversarial import AdversarialModel
from genlab.models.adversarial_options import AdversarialOptions
from genlab.models.base import Shape
from genlab.models.networks import hidden_layers
from genlab.models.options import option, parse_layers
from genlab.models.preset import Preset


@dataclass(frozen=True)
class GanOptions(AdversarialOptions):
    """What every GAN can be given, and the sizes of both perceptrons."""

    generator_layers: str = option(
        "256-512", "Generator layers", "Widths of the generator's hidden layers, first to last.", layers=True
    )
    critic_layers: str = option(
        "512-256", "Critic layers", "Widths of the critic's hidden layers, first to last.", layers=True
    )


class GAN(AdversarialModel):
    """See the module's text."""

    key = "gan"
    title = "GAN (fully connected)"
    about = (
        "Two perceptrons play against each other: one draws, the other tells drawings from real "
        "pictures. Quick, sharp, moody."
    )
    family = "gan"
    Options = GanOptions
    presets = (
        Preset(
            key="gan",
            model="gan",
            title="Fully connected GAN",
            about="Perceptrons with an R1 penalty and a moving average of the generator.",
        ),
        Preset(
            key="gan-least-squares",
            model="gan",
            title="Least squares (LSGAN)",
            about="The same networks with squared distances instead of cross-entropy (Mao and others).",
            options={"objective": "least-squares"},
        ),
        Preset(
            key="gan-wasserstein",
            model="gan",
            title="Wasserstein (WGAN-GP)",
            about="A critic of bounded slope that measures a distance, two steps of it for one of the generator.",
            options={
                "objective": "wasserstein",
                "gradient_penalty": 10.0,
                "r1_gamma": 0.0,
                "critic_steps": 2,
                "lr_generator": 0.0005,
                "lr_critic": 0.0005,
                "beta2": 0.9,
            },
        ),
        Preset(
            key="gan-classes",
            model="gan",
            title="GAN that is asked for classes (AC-GAN)",
            about="The critic also has to name the class of each picture: pictures of the class asked for.",
            options={"condition": "auxiliary"},
        ),
        Preset(
            key="gan-conditional",
            model="gan",
            title="Conditional GAN (cGAN)",
            about="Both players are told the class beside the pixels, so that a digit can be asked for.",
            options={"condition": "concatenation", "r1_gamma": 0.1},
        ),
        Preset(
            key="gan-classic",
            model="gan",
            title="The tutorials' GAN",
            about="100-128-256-512-1024-784 with batch normalisation, as in the well-known example scripts.",
            options={
                "latent": 100,
                "lr_generator": 0.0002,
                "lr_critic": 0.0002,
                "beta1": 0.5,
                "beta2": 0.999,
                "decay_from": 1.0,
                "r1_gamma": 0.0,
                "generator_leak": 0.2,
                "ema_halflife": 0,
                "generator_layers": "128-256-512-1024",
                "critic_layers": "512-256",
            },
        ),
    )

    def __init__(self, shape: Shape, options: Any, n_classes: int = 0) -> None:
        super().__init__(shape, options, n_classes)
        widths = [self.prior.size, *parse_layers(options.generator_layers)]
        norm = "batch" if options.generator_norm else "none"
        self.generator = nn.Sequential(
            hidden_layers(widths, options.generator_leak, norm),
            nn.Linear(widths[-1], math.prod(shape)),
            nn.Tanh(),
            nn.Unflatten(1, shape),
        )
        widths = [math.prod(self.seen_by_critic), *parse_layers(options.critic_layers)]
        body = nn.Sequential(nn.Flatten(), hidden_layers(widths, options.critic_leak, options.critic_norm))
        self.critic = self.make_critic(body, widths[-1])
