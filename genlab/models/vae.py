"""The variational autoencoder, with perceptrons or convolutions, and a choice of priors.

Kingma & Welling 2013, "Auto-Encoding Variational Bayes", arXiv 1312.6114; beta: Higgins et al. 2017
(beta-VAE, ICLR). The encoder gives a Gaussian q(z|x), a latent is drawn by the reparameterisation
``z = mean + exp(log_variance / 2) * noise``, the decoder gives p(x|z), and the loss is the negative
evidence lower bound with a weight on its second term::

    E_q[-log p(x|z)]  +  beta * KL(q(z|x) || N(0, I))

Both terms are sums, over pixels and over latents, in nats: with a mean over pixels beta would mean something else.

Shapes: encoder (N, C, H, W) -> (N, 2 * latent), mean and log-variance; decoder (N, latent) -> (N, C, H, W), logits of a
Bernoulli pixel in [0, 1], or the mean of a Gaussian pixel whose one scale is learned (arXiv 2006.13202).

A conditional VAE tells the class to both networks (Sohn et al. 2015, NeurIPS); its latent is z with the class
one-hot beside it. It assumes that z does not depend on the class, and no encoder holds to that: with Gaussians fitted
class by class 99 % of its digits are those asked for, with Gaussians for all 81 % (MNIST, 90 s of CPU).

Departs from the paper: grey pixels in [0, 1] are taken as probabilities by the Bernoulli likelihood (common, and not
a normalised density: Loaiza-Ganem & Cunningham 2019, arXiv 1907.06845), samples show the mean of p(x|z), and the prior
they are drawn from may be fitted to the encoder after training (:mod:`genlab.models.priors`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from genlab.data.pictures import Pictures
from genlab.models.base import Batch, GenerativeModel, Metrics, Player, Shape, Stage
from genlab.models.encoding import EncoderOptions, Posterior, fit_mixture, reparameterise
from genlab.models.losses import bernoulli_nll, gaussian_kl, gaussian_nll
from genlab.models.networks import ConvUp, hidden_layers
from genlab.models.options import ModelError, option, parse_layers
from genlab.models.preset import Preset
from genlab.models.priors import ClassPrior, MixturePrior, NormalPrior, Prior

LOG_SCALE_FLOOR = -4.0
"""Lowest log-scale of a Gaussian pixel: about twice the step between two grey levels in [-1, 1]."""


@dataclass(frozen=True)
class VaeOptions(EncoderOptions):
    """What a VAE can be given."""

    beta: float = option(
        0.5,
        "KL weight (beta)",
        "Weight of the KL term: higher gives a tidier latent space and blurrier pictures.",
        low=0.0,
        high=100.0,
        basic=True,
    )
    prior: str = option(
        "mixture",
        "Prior",
        "What samples are drawn from: a standard normal, or Gaussians fitted to the encoded training pictures, "
        "free or shared out among the classes.",
        choices=("normal", "mixture", "per-class"),
        basic=True,
    )
    conditional: bool = option(
        False, "Told the class", "Tells both networks the class of each picture, so that a class can be asked for."
    )
    components: int = option(40, "Mixture components", "Gaussians in the mixture prior.", low=1, high=200)
    likelihood: str = option(
        "bernoulli",
        "Likelihood",
        "How pixels are scored: as shades between black and white, or with Gaussian noise of a learned scale.",
        choices=("bernoulli", "gaussian"),
    )
    decoder: str = option("conv", "Decoder", "Network of the decoder.", choices=("mlp", "conv"))
    decoder_layers: str = option(
        "256", "Decoder layers", "Widths of the hidden layers of a fully connected decoder.", layers=True
    )
    lr: float = option(2e-3, "Learning rate", "Learning rate.", low=1e-6, high=0.1, log=True, basic=True)
    decay_from: float = option(
        0.5,
        "Rate falls from",
        "Share of the training after which the rate falls linearly to zero; 1 keeps it.",
        low=0.0,
        high=1.0,
    )
    ema_halflife: int = option(
        0,
        "Moving average half-life",
        "Pictures after which a weight counts half in the moving average that encodes and draws; "
        "0 uses the raw weights.",
        low=0,
        high=1_000_000,
    )


class VAE(GenerativeModel):
    """See the module's text.

    Attributes
    ----------
    encoder
        (N, C, H, W), and classes where it is told them, -> mean and log-variance (N, latent) each.
    decoder
        (N, prior.size) -> (N, C, H, W), before the sigmoid or as a mean.
    """

    key = "vae"
    title = "VAE"
    about = (
        "Learns to squeeze each picture into a few numbers and to draw it again from them. Steady "
        "to train; a little blurry."
    )
    family = "vae"
    Options = VaeOptions
    presets = (
        Preset(
            key="vae",
            model="vae",
            title="VAE with a mixture prior",
            about=(
                "Sharp digits in half a minute of CPU: a small network, and samples drawn from Gaussians "
                "fitted to the encoder."
            ),
        ),
        Preset(
            key="vae-classic",
            model="vae",
            title="The textbook VAE",
            about="784-400-20 with perceptrons and a standard normal prior, as in most tutorials.",
            options={
                "latent": 20,
                "beta": 1.0,
                "prior": "normal",
                "decoder": "mlp",
                "encoder_layers": "400",
                "decoder_layers": "400",
                "lr": 0.001,
                "decay_from": 1.0,
            },
            batch_size=128,
        ),
        Preset(
            key="vae-conditional",
            model="vae",
            title="Conditional VAE",
            about="Both networks are told the class, so that a digit can be asked for and the latent holds the rest.",
            options={"conditional": True, "prior": "per-class", "components": 100},
        ),
        Preset(
            key="vae-plane",
            model="vae",
            title="A VAE with two latents",
            about=("Two numbers a picture: the latent space is a plane that can be looked at without any projection."),
            options={
                "latent": 2,
                "beta": 1.0,
                "encoder_layers": "512-256",
            },
        ),
    )
    has_encoder = True
    averaged = ("encoder", "decoder")

    options: VaeOptions

    def __init__(self, shape: Shape, options: Any, n_classes: int = 0) -> None:
        super().__init__(shape, options, n_classes)
        if options.conditional and not n_classes:
            raise ModelError(
                "A VAE that is told the class needs pictures with classes, and these have none. Turn that option off."
            )
        self.told = n_classes if options.conditional else 0
        self.encoder = Posterior(shape, options, self.told)
        self.decoder = _decoder(shape, options, options.latent + self.told)
        noise = _noise(options, n_classes)
        self.prior = ClassPrior(noise, n_classes) if self.told else noise
        if options.likelihood == "gaussian":
            self.log_scale = nn.Parameter(torch.zeros(()))

    @property
    def ema_halflife(self) -> float:
        return float(self.options.ema_halflife)

    def stages(self) -> list[Stage]:
        o = self.options
        player = Player("autoencoder", list(self.parameters()), self.loss, o.lr, decay_from=o.decay_from)
        return [Stage("autoencoder", 1.0, [player])]

    def loss(self, batch: Batch) -> tuple[Tensor, Metrics]:
        mean, log_variance = self.encoder(batch.x, batch.y)
        z = self._with_class(reparameterise(mean, log_variance, batch), batch.y)
        reconstruction = self.reconstruction(self.decoder(z), batch.x).mean()
        kl = gaussian_kl(mean, log_variance).sum(1).mean()
        loss = reconstruction + self.options.beta * kl
        return loss, {"loss": loss.detach(), "reconstruction": reconstruction.detach(), "KL": kl.detach()}

    def reconstruction(self, output: Tensor, x: Tensor) -> Tensor:
        """Negative log-likelihood (N,) of pictures x in [-1, 1] given the decoder's output, in nats."""
        if self.options.likelihood == "bernoulli":
            return bernoulli_nll(output, 0.5 * (x + 1.0))
        # softplus keeps a gradient at the floor, where a clamp would have none.
        log_scale = LOG_SCALE_FLOOR + nn.functional.softplus(self.log_scale - LOG_SCALE_FLOOR)
        return gaussian_nll(output, x, log_scale)

    def _with_class(self, z: Tensor, y: Tensor | None) -> Tensor:
        if not isinstance(self.prior, ClassPrior):
            return z
        assert y is not None
        return self.prior.join(z, y)

    def sample(self, z: Tensor) -> Tensor:
        output: Tensor = self.decoder(z).float()
        return 2.0 * output.sigmoid() - 1.0 if self.options.likelihood == "bernoulli" else output.clamp(-1.0, 1.0)

    def encode(self, x: Tensor) -> Tensor:
        """Means of q(z|x); a conditional model joins to each picture the class that explains it best."""
        return self._most_likely(x) if self.told else self.encoder(x)[0]

    def _most_likely(self, x: Tensor) -> Tensor:
        """Latents of each picture under the class with the highest evidence bound, taken at the posterior's mean."""
        losses, latents = [], []
        for label in range(self.told):
            y = torch.full((x.shape[0],), label, device=x.device)
            mean, log_variance = self.encoder(x, y)
            latents.append(self._with_class(mean, y))
            kl = gaussian_kl(mean, log_variance).sum(1)
            losses.append(self.reconstruction(self.decoder(latents[-1]), x) + self.options.beta * kl)
        best = torch.stack(losses).argmin(0)
        return torch.stack(latents)[best, torch.arange(x.shape[0], device=x.device)]

    def features(self, x: Tensor) -> Tensor:
        return self.encode(x)

    def fit_prior(self, pictures: Pictures) -> None:
        """Fit a mixture to the encoder's latents, and take the frequencies of the classes, where the prior has any."""
        noise = self.prior
        if isinstance(self.prior, ClassPrior):
            assert pictures.labels is not None
            self.prior.fit(pictures.labels)
            noise = self.prior.noise
        if isinstance(noise, MixturePrior):
            fit_mixture(noise, self.encoder, pictures)


def _decoder(shape: Shape, options: VaeOptions, latent: int) -> nn.Module:
    if options.decoder == "conv":
        return ConvUp(latent, shape, options.width)
    widths = [latent, *parse_layers(options.decoder_layers)]
    return nn.Sequential(hidden_layers(widths), nn.Linear(widths[-1], math.prod(shape)), nn.Unflatten(1, shape))


def _noise(options: VaeOptions, n_classes: int) -> Prior:
    if options.prior == "normal":
        return NormalPrior(options.latent)
    if options.prior == "mixture":
        return MixturePrior(options.latent, options.components)
    if not n_classes:
        raise ModelError(
            "Gaussians of each class need pictures with classes, and these have none. "
            "Choose the mixture or the normal prior."
        )
    return MixturePrior(options.latent, options.components, n_classes)
