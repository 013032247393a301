"""The VAE-GAN: an autoencoder whose pictures are judged by a critic, and compared by what the critic sees in them.

Larsen et al. 2015, "Autoencoding beyond pixels using a learned similarity metric", arXiv 1512.09300. Encoder,
generator (the decoder) and critic learn at the same time; f(x) are the critic's features, z is drawn from q(z|x) and z'
from N(0, I)::

    encoder:    beta * KL(q(z|x) || N(0, I)) / F  +  |f(x) - f(G(z))|^2 / 2
    generator:  similarity * |f(x) - f(G(z))|^2 / 2  +  adversarial loss of G(z) and of G(z')
    critic:     adversarial loss of x against G(z) and G(z')

The squared distance is the negative log-likelihood of features under a Gaussian of variance 1, taken here as a mean
over the F features (so that weights do not depend on the critic's width), and the KL term is divided by F likewise.

Shapes: encoder (N, C, H, W) -> mean and log-variance (N, latent) each; generator (N, latent) -> (N, C, H, W) in
[-1, 1]; critic (N, C, H, W) -> (N,) logits.

Departs from the paper: the critic's last features instead of a layer in the middle, an R1 penalty instead of batch
normalisation in the critic, a moving average, and a prior that may be fitted to the encoder
(:mod:`genlab.models.priors`). Of the options that all GANs share the condition is not taken.
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
from genlab.models.losses import gaussian_kl
from genlab.models.networks import ConvDown, ConvUp
from genlab.models.options import ModelError, option
from genlab.models.preset import Preset
from genlab.models.priors import MixturePrior


@dataclass(frozen=True)
class VaeganOptions(EncoderOptions, AdversarialOptions):
    """What every GAN can be given, and what the autoencoder needs."""

    prior: str = option(
        "mixture",
        "Prior",
        "What samples are drawn from: a standard normal, or Gaussians fitted to the encoded training pictures.",
        choices=("normal", "mixture"),
        basic=True,
    )
    beta: float = option(
        1.0,
        "KL weight (beta)",
        "Weight of the KL term: higher gives a tidier latent space and less faithful reconstructions.",
        low=0.0,
        high=100.0,
        basic=True,
    )
    similarity: float = option(
        5.0,
        "Similarity weight",
        "Weight of the generator's wish to match what the critic sees in a picture, beside its wish to fool it.",
        low=0.0,
        high=1000.0,
    )
    lr: float = option(1e-3, "Learning rate", "Learning rate of the encoder.", low=1e-6, high=0.1, log=True)
    components: int = option(40, "Mixture components", "Gaussians in the mixture prior.", low=1, high=200)


class VAEGAN(AdversarialModel):
    """See the module's text.

    Attributes
    ----------
    encoder
        (N, C, H, W) -> mean and log-variance (N, latent) each.
    """

    key = "vaegan"
    title = "VAE-GAN"
    about = (
        "A VAE and a GAN at once: reconstructions are compared by what the critic sees, not pixel by pixel. Sharper "
        "than a VAE, and unlike a GAN it can encode."
    )
    family = "hybrid"
    Options = VaeganOptions
    has_encoder = True
    sees = "latents"
    averaged = ("encoder", "generator")
    presets = (
        Preset(
            key="vaegan",
            model="vaegan",
            title="VAE-GAN",
            about="Encoder, decoder and critic learn together, after Larsen and others.",
        ),
    )

    options: VaeganOptions

    def __init__(self, shape: Shape, options: Any, n_classes: int = 0) -> None:
        super().__init__(shape, options, n_classes)
        if self.conditional:
            raise ModelError("The VAE-GAN takes no condition on the class. Set it to none.")
        if options.prior == "mixture":
            self.prior = MixturePrior(options.latent, options.components)
        self.encoder = Posterior(shape, options)
        decoder = ConvUp(options.latent, shape, options.width, options.generator_leak, options.generator_norm)
        self.generator = nn.Sequential(decoder, nn.Tanh())
        body = ConvDown(shape, options.width, options.critic_leak, options.critic_norm)
        self.critic = self.make_critic(body, body.size)

    def stages(self) -> list[Stage]:
        o = self.options
        encoder = Player(
            "encoder", list(self.encoder.parameters()), self.encoder_loss, o.lr, (0.9, 0.999), o.decay_from
        )
        return [Stage("adversarial", 1.0, [encoder, *self.players()])]

    def draw_latents(self, batch: Batch) -> Tensor:
        """Of half the batch's pictures the encoded latents, and as many from N(0, I): both are judged."""
        encoded = batch.shared["encoded"]
        half = len(encoded) // 2
        return torch.cat([encoded[:half], batch.normal(len(encoded) - half, self.options.latent)])

    def encoder_loss(self, batch: Batch) -> tuple[Tensor, Metrics]:
        mean, log_variance = self.encoder(batch.x)
        z = reparameterise(mean, log_variance, batch)
        batch.shared["encoded"] = z.detach()
        difference = self._difference(z, batch.x)
        kl = gaussian_kl(mean, log_variance).sum(1).mean()
        loss = difference + self.options.beta * kl / self.critic.size
        return loss, {"loss": loss.detach(), "reconstruction": difference.detach(), "KL": kl.detach()}

    def _difference(self, z: Tensor, x: Tensor) -> Tensor:
        """Half the squared distance between what the critic sees in x and in G(z), a mean over its features."""
        with torch.no_grad():
            wanted = self.critic.features(x).float()
        return 0.5 * (self.critic.features(self.generator(z)).float() - wanted).square().mean()

    def generator_loss(self, batch: Batch) -> tuple[Tensor, Metrics]:
        loss, metrics = super().generator_loss(batch)
        similarity = self._difference(batch.shared["encoded"], batch.x)
        return loss + self.options.similarity * similarity, {**metrics, "similarity": similarity.detach()}

    def encode(self, x: Tensor) -> Tensor:
        mean: Tensor = self.encoder(x)[0]
        return mean

    def features(self, x: Tensor) -> Tensor:
        return self.encode(x)

    def fit_prior(self, pictures: Pictures) -> None:
        if isinstance(self.prior, MixturePrior):
            fit_mixture(self.prior, self.encoder, pictures)
