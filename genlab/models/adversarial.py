"""The game that all GANs here play: options, losses and stabilisers. A model's own file adds the networks.

A generator G turns noise z into pictures, a critic D judges them (its output is a logit, the sigmoid is
part of the loss)::

    critic:     min  E[softplus(-D(x))] + E[softplus(D(G(z)))] + gamma/2 E[|grad_x D(x)|^2]
    generator:  min  E[softplus(-D(G(z)))]

Goodfellow et al. 2014, arXiv 1406.2661 (non-saturating form); R1 penalty: Mescheder et al. 2018,
arXiv 1801.04406, played every 16th step with 16 times the weight as in StyleGAN2 (arXiv 1912.04958).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from genlab.models.base import Batch, GenerativeModel, Metrics, Player, Shape, Stage
from genlab.models.losses import critic_logistic_loss, generator_non_saturating_loss, r1_penalty
from genlab.models.networks import Critic
from genlab.models.options import option
from genlab.models.priors import NormalPrior

R1_EVERY = 16
"""Steps from one R1 penalty to the next; the penalty weighs as many times more."""


@dataclass(frozen=True)
class AdversarialOptions:
    """What every GAN can be given."""

    latent: int = option(
        64, "Latent numbers", "Length of the noise vector that a picture is made from.", low=1, high=1024, basic=True
    )
    lr_generator: float = option(
        1e-3, "Generator's rate", "Learning rate of the generator.", low=1e-6, high=0.1, log=True, basic=True
    )
    lr_critic: float = option(
        1e-3, "Critic's rate", "Learning rate of the critic.", low=1e-6, high=0.1, log=True, basic=True
    )
    beta1: float = option(0.0, "Adam beta1", "Adam's momentum. GANs like it low: 0 or 0.5.", low=0.0, high=0.99)
    beta2: float = option(0.99, "Adam beta2", "Adam's memory for squared gradients.", low=0.5, high=0.9999)
    decay_from: float = option(
        0.5,
        "Rate falls from",
        "Share of the training after which the rates fall linearly to zero; 1 keeps them.",
        low=0.0,
        high=1.0,
    )
    r1_gamma: float = option(
        1.0,
        "R1 penalty",
        "Weight of the R1 gradient penalty, which keeps the critic gentle around real pictures; 0 turns it off.",
        low=0.0,
        high=100.0,
        basic=True,
    )
    critic_norm: str = option(
        "none",
        "Critic's normalisation",
        "Normalisation in the critic. Spectral normalisation bounds its slope.",
        choices=("none", "spectral", "batch"),
    )
    generator_norm: bool = option(True, "Batch norm in the generator", "Batch normalisation in the generator.")
    generator_leak: float = option(
        0.0, "Generator's leak", "Slope for negative values in the generator; 0 is a ReLU.", low=0.0, high=0.5
    )
    critic_leak: float = option(
        0.2, "Critic's leak", "Slope for negative values in the critic; 0 is a ReLU.", low=0.0, high=0.5
    )
    ema_halflife: int = option(
        5000,
        "Moving average half-life",
        "Pictures after which a weight counts half in the generator's moving average, which draws the samples; "
        "0 draws with the raw weights.",
        low=0,
        high=1_000_000,
    )


class AdversarialModel(GenerativeModel):
    """A generator and a critic. Subclasses build both.

    Attributes
    ----------
    generator
        (N, latent) -> (N, C, H, W) in [-1, 1].
    critic
        (N, C, H, W) -> (N,) logits.
    """

    Options: ClassVar[type] = AdversarialOptions
    averaged = ("generator",)

    generator: nn.Module
    critic: Critic
    options: AdversarialOptions

    def __init__(self, shape: Shape, options: Any, n_classes: int = 0) -> None:
        super().__init__(shape, options, n_classes)
        self.prior = NormalPrior(options.latent)

    @property
    def ema_halflife(self) -> float:
        return float(self.options.ema_halflife)

    def stages(self) -> list[Stage]:
        o = self.options
        betas = (o.beta1, o.beta2)
        # The generator plays first and leaves its pictures for the critic, which saves one forward pass.
        players = [
            Player(
                "generator", list(self.generator.parameters()), self.generator_loss, o.lr_generator, betas, o.decay_from
            ),
            Player("critic", list(self.critic.parameters()), self.critic_loss, o.lr_critic, betas, o.decay_from),
        ]
        return [Stage("adversarial", 1.0, players)]

    def generator_loss(self, batch: Batch) -> tuple[Tensor, Metrics]:
        fake = self.generator(batch.normal(len(batch.x), self.prior.size))
        batch.shared["fake"] = fake.detach()
        loss = generator_non_saturating_loss(self.critic(fake))
        return loss, {"loss": loss.detach()}

    def critic_loss(self, batch: Batch) -> tuple[Tensor, Metrics]:
        real, fake = self._judge(batch.x, batch.shared["fake"])
        loss = critic_logistic_loss(real, fake)
        metrics = {
            "loss": loss.detach(),
            "real right": (real.detach() > 0).float().mean(),
            "fake right": (fake.detach() < 0).float().mean(),
        }
        if self.options.r1_gamma and batch.step % R1_EVERY == 0:
            penalty = 0.5 * self.options.r1_gamma * r1_penalty(self.critic, batch.x)
            metrics["R1"] = penalty.detach()
            loss = loss + R1_EVERY * penalty
        return loss, metrics

    def _judge(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        if self.options.critic_norm == "batch":
            # Real and generated pictures have statistics of their own (DCGAN, arXiv 1511.06434, section 3).
            return self.critic(real), self.critic(fake)
        both = self.critic(torch.cat([real, fake.to(real.dtype)]))
        return both[: len(real)], both[len(real) :]

    def sample(self, z: Tensor) -> Tensor:
        pictures: Tensor = self.generator(z)
        return pictures.float()

    def features(self, x: Tensor) -> Tensor:
        features: Tensor = self.critic.body(x)
        return features.float()
