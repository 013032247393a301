"""The game that all GANs here play: losses and stabilisers. A model's own file adds the networks.

A generator G turns noise z into pictures, a critic D judges them: its output is a logit. What either minimises is one
of :mod:`genlab.models.objectives` (Goodfellow et al. 2014, arXiv 1406.2661, and its kin). Stabilisers are options that
every GAN can be given, alone or together; what does not go together is refused with a sentence:

- R1 penalty on real pictures (arXiv 1801.04406), every 16th step with 16 times the weight as in StyleGAN2 (arXiv
  1912.04958), or the gradient penalty of WGAN-GP (arXiv 1704.00028) at every step;
- spectral (arXiv 1802.05957) or batch normalisation in the critic;
- one-sided label smoothing, feature matching and minibatch discrimination (all arXiv 1606.03498), minibatch deviation
  (arXiv 1710.10196);
- a rate for either player (two time-scales, arXiv 1706.08500), rates that follow the balance of the players
  (:mod:`genlab.models.balance`), several steps of the critic for one of the generator, and a critic that rests;
- DiffAugment (:mod:`genlab.models.augment`), and a moving average of the generator (arXiv 1806.04498).

With a condition (:mod:`genlab.models.critic`) the generator is given the class as a part of its latent.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genlab.data.pictures import Pictures
from genlab.models.adversarial_options import AdversarialOptions, check
from genlab.models.augment import Augment
from genlab.models.balance import Balance
from genlab.models.base import Batch, GenerativeModel, Metrics, Player, Shape, Sight, Stage
from genlab.models.critic import Critic
from genlab.models.losses import feature_matching, gradient_penalty, r1_penalty
from genlab.models.objectives import OBJECTIVES
from genlab.models.priors import ClassPrior, NormalPrior

R1_EVERY = 16
"""Steps from one R1 penalty to the next; the penalty weighs as many times more."""


class AdversarialModel(GenerativeModel):
    """A generator and a critic. Subclasses build both with :meth:`seen_by_critic` and :meth:`make_critic`.

    Attributes
    ----------
    generator
        (N, prior.size) -> (N, C, H, W) in [-1, 1].
    critic
        (N, C, H, W), and classes where there is a condition, -> (N,) logits.
    """

    Options: ClassVar[type] = AdversarialOptions
    averaged: ClassVar[tuple[str, ...]] = ("generator",)
    sees: ClassVar[Sight] = "critic"

    generator: nn.Module
    critic: Critic
    options: AdversarialOptions

    def __init__(self, shape: Shape, options: Any, n_classes: int = 0) -> None:
        super().__init__(shape, options, n_classes)
        check(options, n_classes)
        self.conditional = options.condition != "none"
        self.objective = OBJECTIVES[options.objective]
        noise = NormalPrior(options.latent)
        self.prior = ClassPrior(noise, n_classes) if self.conditional else noise
        self.augment = None if options.augment == "none" else Augment(options.augment == "adaptive")
        self.balance = Balance() if options.adaptive_rates else None

    @property
    def seen_by_critic(self) -> Shape:
        """Shape of what the critic's body sees: with concatenation a channel for the class joins."""
        channels, height, width = self.shape
        return channels + (self.options.condition == "concatenation"), height, width

    def make_critic(self, body: nn.Module, size: int, codes: int = 0) -> Critic:
        """The critic around a body that gives `size` features."""
        o = self.options
        codes = self.n_classes if o.condition == "auxiliary" else codes
        side = self.shape[1:]
        return Critic(body, size, side, o.critic_norm, o.condition, self.n_classes, o.batch_features, codes)

    @property
    def ema_halflife(self) -> float:
        return float(self.options.ema_halflife)

    @property
    def needs_whole_batch(self) -> str:
        o = self.options
        looking = {
            "batch features": o.batch_features != "none",
            "feature matching": o.feature_matching > 0,
            "adaptive augmentation": o.augment == "adaptive",
            "adaptive rates": o.adaptive_rates,
        }
        return next((name for name, on in looking.items() if on), "")

    def fit_prior(self, pictures: Pictures) -> None:
        if isinstance(self.prior, ClassPrior) and pictures.labels is not None:
            self.prior.fit(pictures.labels)

    def stages(self) -> list[Stage]:
        return [Stage("adversarial", 1.0, self.players())]

    def players(self) -> list[Player]:
        """The generator and then the critic, which judges the pictures that the generator leaves for it."""
        o = self.options
        betas = (o.beta1, o.beta2)
        slower, faster = (None, None) if self.balance is None else (self.balance.critic, self.balance.generator)
        generator, critic = list(self.generator.parameters()), list(self.critic.parameters())
        return [
            Player(
                "generator", generator, self.generator_loss, o.lr_generator, betas, o.decay_from,
                plays=lambda step: step % o.critic_steps == 0, rate=faster,
            ),
            Player(
                "critic", critic, self.critic_loss, o.lr_critic, betas, o.decay_from,
                plays=lambda step: not o.rest_every or step % o.rest_every >= o.rest_for, rate=slower,
            ),
        ]  # fmt: skip

    def draw_latents(self, batch: Batch) -> Tensor:
        """Latents for as many pictures as there are in the batch, of the same classes."""
        if isinstance(self.prior, ClassPrior):
            assert batch.y is not None
            return self.prior.join(batch.normal(len(batch.x), self.prior.noise.size), batch.y)
        return batch.normal(len(batch.x), self.prior.size)

    def generator_loss(self, batch: Batch) -> tuple[Tensor, Metrics]:
        z = self.draw_latents(batch)
        fake = self.generator(z)
        batch.shared |= {"fake": fake.detach(), "z": z}
        features = self.critic.features(self._seen(fake, batch), self._told(batch))
        loss = self.objective.generator(self.critic.judge(features, self._told(batch)))
        metrics = {"loss": loss.detach()}
        if self.options.feature_matching:
            with torch.no_grad():
                real = self.critic.features(self._seen(batch.x, batch), self._told(batch))
            matching = feature_matching(real, features)
            metrics["feature matching"] = matching.detach()
            loss = loss + self.options.feature_matching * matching
        if self.critic.reader is not None:
            loss = loss + self.recovery(features, batch)
        return loss, metrics

    def critic_loss(self, batch: Batch) -> tuple[Tensor, Metrics]:
        if "fake" not in batch.shared:  # the generator did not play
            z = self.draw_latents(batch)
            with torch.no_grad():
                batch.shared |= {"fake": self.generator(z), "z": z}
        y = self._told(batch)
        seen = self._seen(batch.x, batch), self._seen(batch.shared["fake"].to(batch.x.dtype), batch)
        features = self._features(*seen, y)
        real, fake = (self.critic.judge(part, y) for part in features)
        loss = self.objective.critic(real, fake, 1.0 - self.options.label_smoothing)
        right = self.objective.right(real.detach(), fake.detach())
        metrics = {"loss": loss.detach(), "real right": right[0], "fake right": right[1]}
        if self.augment is not None:
            self.augment.adapt(real.detach())
            metrics["augmentation"] = self.augment.strength.clone()
        if self.balance is not None:
            self.balance.update(*right)
            metrics["lead"] = self.balance.lead.clone()
        for name, penalty in self._penalties(*seen, batch).items():
            metrics[name] = penalty.detach() / (R1_EVERY if name == "R1" else 1)
            loss = loss + penalty
        if self.critic.reader is not None:
            loss = loss + self._reading(*features, batch, metrics)
        return loss, metrics

    def _penalties(self, real: Tensor, fake: Tensor, batch: Batch) -> dict[str, Tensor]:
        o, y = self.options, self._told(batch)
        penalties = {}
        if o.r1_gamma and batch.step % R1_EVERY == 0:
            penalties["R1"] = R1_EVERY * 0.5 * o.r1_gamma * r1_penalty(lambda x: self.critic(x, y), real)
        if o.gradient_penalty:
            between = batch.uniform(len(real))
            penalty = gradient_penalty(lambda x: self.critic(x, y), real, fake, between)
            penalties["gradient penalty"] = o.gradient_penalty * penalty
        return penalties

    def _reading(self, real: Tensor, fake: Tensor, batch: Batch, metrics: Metrics) -> Tensor:
        """What the critic loses by misreading generated pictures, and real ones where it names their class."""
        misread = self.recovery(fake, batch)
        metrics["misread"] = misread.detach()
        if self.options.condition != "auxiliary":
            return misread
        assert batch.y is not None
        named = self.critic.recover(real)
        metrics["class right"] = (named.detach().argmax(1) == batch.y).float().mean()
        return misread + F.cross_entropy(named, batch.y)

    def recovery(self, features: Tensor, batch: Batch) -> Tensor:
        """What is lost by not recovering from generated pictures' features what they were made from.

        Here that is the class; only asked where the critic has a reader.
        """
        assert batch.y is not None
        return F.cross_entropy(self.critic.recover(features), batch.y)

    def _told(self, batch: Batch) -> Tensor | None:
        return batch.y if self.options.condition in ("concatenation", "projection") else None

    def _seen(self, x: Tensor, batch: Batch) -> Tensor:
        return x if self.augment is None else self.augment(x, batch)

    def _features(self, real: Tensor, fake: Tensor, y: Tensor | None) -> tuple[Tensor, Tensor]:
        if self.options.critic_norm == "batch":
            # Real and generated pictures have statistics of their own (DCGAN, arXiv 1511.06434, section 3).
            return self.critic.features(real, y), self.critic.features(fake, y)
        both = self.critic.features(torch.cat([real, fake]), None if y is None else torch.cat([y, y]))
        return both[: len(real)], both[len(real) :]

    def sample(self, z: Tensor) -> Tensor:
        pictures: Tensor = self.generator(z)
        return pictures.float()

    def features(self, x: Tensor) -> Tensor:
        if self.critic.plane is not None:  # a class has to be told: the mean over all of them favours none
            return self._features_over_classes(x)
        return self.critic.features(x).float()

    def _features_over_classes(self, x: Tensor) -> Tensor:
        classes = range(self.n_classes)
        told = (torch.full((len(x),), label, device=x.device) for label in classes)
        return torch.stack([self.critic.features(x, y) for y in told]).mean(0).float()
