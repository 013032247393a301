"""The warm-started hybrid: a VAE for a start, and then its decoder refined as the generator of a GAN.

The documents call such combinations "HybridGAN". The idea in three steps:

1. a VAE (:mod:`genlab.models.vae`) learns for a share of the training: an encoder q(z|x), and a decoder with the logits
   of Bernoulli pixels, by ``E_q[-log p(x|z)] + beta * KL(q(z|x) || N(0, I))``;
2. a Gaussian mixture is fitted to the latents of the training pictures (:mod:`genlab.models.priors`);
3. the decoder goes on as a generator against a critic (:mod:`genlab.models.adversarial`), on latents of the mixture.

The VAE finds within seconds where everything is, blurred; the game sharpens it, and starts with a generator that
already covers all of the data. While it lasts the encoder goes on to find the latents of generated pictures, so that
pictures can still be encoded, as in the sleep phase of Hinton et al. 1995 ("The wake-sleep algorithm for unsupervised
neural networks", Science 268). What comes out is a GAN with a VAE warm start; Larsen et al. 2015 (arXiv 1512.09300)
train both at once instead, see :mod:`genlab.models.vaegan`.

Shapes: encoder (N, C, H, W) -> (N, 2 * latent), mean and log-variance; generator (N, latent) -> (N, C, H, W), ``2
sigmoid(logits) - 1``, in [-1, 1]; critic (N, C, H, W) -> (N,) logits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from genlab.data.pictures import Pictures
from genlab.models.adversarial import AdversarialModel
from genlab.models.adversarial_options import AdversarialOptions
from genlab.models.base import Batch, Metrics, Player, Shape, Stage
from genlab.models.encoding import EncoderOptions, Posterior, fit_mixture, reparameterise
from genlab.models.losses import bernoulli_nll, gaussian_kl, gaussian_nll
from genlab.models.networks import ConvDown, ConvUp
from genlab.models.options import ModelError, option
from genlab.models.preset import Preset
from genlab.models.priors import MixturePrior

FIT_ON = 20_000
"""Training pictures that the mixture is fitted to, at most."""

ENCODER_EVERY = 4
"""Steps of the game from one step of the encoder to the next."""


@dataclass(frozen=True)
class HybridOptions(EncoderOptions, AdversarialOptions):
    """What every GAN can be given, and what the start as a VAE needs."""

    lr_generator: float = option(
        5e-4, "Generator's rate", "Learning rate of the generator.", low=1e-6, high=0.1, log=True, basic=True
    )
    lr_critic: float = option(
        2e-3, "Critic's rate", "Learning rate of the critic.", low=1e-6, high=0.1, log=True, basic=True
    )
    r1_gamma: float = option(
        10.0,
        "R1 penalty",
        "Weight of the R1 gradient penalty, which keeps the critic gentle around real pictures; 0 turns it off.",
        low=0.0,
        high=100.0,
        basic=True,
    )
    warm_share: float = option(
        0.5,
        "Share of the start",
        "Share of the training that goes to the VAE, before its decoder becomes a generator.",
        low=0.05,
        high=0.95,
        basic=True,
    )
    prior: str = option(
        "mixture",
        "Prior",
        "Gaussians fitted to the encoded training pictures, at once or class by class; pictures are drawn from them.",
        choices=("mixture", "per-class"),
        basic=True,
    )
    components: int = option(100, "Mixture components", "Gaussians in the mixture prior.", low=1, high=200)
    beta: float = option(
        0.5,
        "KL weight (beta)",
        "Weight of the KL term: higher gives a tidier latent space and blurrier pictures.",
        low=0.0,
        high=100.0,
    )
    lr: float = option(3e-3, "Learning rate", "Learning rate of the VAE.", low=1e-6, high=0.1, log=True)


class Hybrid(AdversarialModel):
    """See the module's text.

    Attributes
    ----------
    encoder
        (N, C, H, W) -> mean and log-variance (N, latent) each.
    generator
        The decoder, (N, latent) -> (N, C, H, W) logits, and what makes pixels of them.
    """

    key = "hybrid"
    title = "Warm-started hybrid"
    about = "A VAE learns for a few seconds where everything is, and its decoder is then sharpened against a critic."
    family = "hybrid"
    Options = HybridOptions
    has_encoder = True
    sees = "latents"
    averaged = ("encoder", "generator")
    presets = (
        Preset(
            key="hybrid",
            model="hybrid",
            title="VAE first, then GAN",
            about="Good digits in half a minute of CPU.",
        ),
        Preset(
            key="hybrid-classes",
            model="hybrid",
            title="Conditional hybrid",
            about="Gaussians of each class, and a critic that also has to name it: pictures of the class asked for.",
            options={"prior": "per-class", "condition": "auxiliary", "components": 200},
        ),
    )

    options: HybridOptions
    refining: Tensor  # whether the game has begun, and the prior is fixed

    def __init__(self, shape: Shape, options: Any, n_classes: int = 0) -> None:
        super().__init__(shape, options, n_classes)
        if options.prior == "per-class" and not n_classes:
            raise ModelError("A prior per class needs pictures with classes, and these have none. Choose the mixture.")
        if self.conditional and options.prior != "per-class":
            raise ModelError("A condition on the class needs a prior with classes. Choose the one per class.")
        self.prior = MixturePrior(options.latent, options.components, n_classes if options.prior == "per-class" else 0)
        self.encoder = Posterior(shape, options)
        decoder = ConvUp(options.latent, shape, options.width, options.generator_leak, options.generator_norm)
        self.generator = nn.Sequential(decoder, LogitsToPixels())
        body = ConvDown(self.seen_by_critic, options.width, options.critic_leak, options.critic_norm)
        self.critic = self.make_critic(body, body.size)
        self.register_buffer("refining", torch.tensor(False))

    def stages(self) -> list[Stage]:
        o = self.options
        coders = [*self.encoder.parameters(), *self.generator.parameters()]
        autoencoder = Player("autoencoder", coders, self.autoencoder_loss, o.lr, decay_from=o.decay_from)
        follower = Player(
            "encoder", list(self.encoder.parameters()), self.encoder_loss, o.lr, decay_from=o.decay_from,
            plays=lambda step: step % ENCODER_EVERY == 0,
        )  # fmt: skip
        return [
            Stage("autoencoder", o.warm_share, [autoencoder]),
            Stage("adversarial", 1.0 - o.warm_share, [*self.players(), follower], self._begin_game),
        ]

    def _begin_game(self, pictures: Pictures) -> None:
        fit_mixture(self.mixture, self.encoder, pictures.spread(FIT_ON))
        self.refining.fill_(True)

    @property
    def mixture(self) -> MixturePrior:
        """The prior, as what it is here."""
        assert isinstance(self.prior, MixturePrior)
        return self.prior

    def fit_prior(self, pictures: Pictures) -> None:
        """Fit the mixture to the encoder's latents while the VAE learns; the game needs it to stay."""
        if not self.refining:
            fit_mixture(self.mixture, self.encoder, pictures)

    def autoencoder_loss(self, batch: Batch) -> tuple[Tensor, Metrics]:
        """The negative evidence bound, with `beta` on its second term, in nats a picture."""
        mean, log_variance = self.encoder(batch.x)
        decoder, _ = self.generator.children()
        logits = decoder(reparameterise(mean, log_variance, batch))
        reconstruction = bernoulli_nll(logits, 0.5 * (batch.x + 1.0)).mean()
        kl = gaussian_kl(mean, log_variance).sum(1).mean()
        loss = reconstruction + self.options.beta * kl
        return loss, {"loss": loss.detach(), "reconstruction": reconstruction.detach(), "KL": kl.detach()}

    def encoder_loss(self, batch: Batch) -> tuple[Tensor, Metrics]:
        """Negative log-density of latents under q(z|x) of the pictures generated from them, in nats a picture.

        The evidence bound would not do any more: a sharp decoder is all but certain of its pixels, and to explain one
        that is otherwise the encoder would lead far away from where the prior draws.
        """
        z = self.draw_latents(batch)
        with torch.no_grad():
            generated = self.generator(z)
        mean, log_variance = self.encoder(generated)
        loss = gaussian_nll(mean, z, 0.5 * log_variance).mean()
        return loss, {"latent loss": loss.detach()}

    def draw_latents(self, batch: Batch) -> Tensor:
        return batch.latents(self.prior, batch.y if self.prior.n_classes else None)

    def encode(self, x: Tensor) -> Tensor:
        mean: Tensor = self.encoder(x)[0]
        return mean

    def features(self, x: Tensor) -> Tensor:
        return self.encode(x)


class LogitsToPixels(nn.Module):
    """Logits of Bernoulli pixels to their means in [-1, 1]: ``2 sigmoid(x) - 1``."""

    def forward(self, x: Tensor) -> Tensor:
        return (0.5 * x).tanh()
