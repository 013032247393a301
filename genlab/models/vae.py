"""The variational autoencoder, with perceptrons or convolutions, and a choice of priors.

Kingma & Welling 2013, "Auto-Encoding Variational Bayes", arXiv 1312.6114; beta: Higgins et al. 2017
(beta-VAE, ICLR). The encoder gives a Gaussian q(z|x), a latent is drawn by the reparameterisation
``z = mean + exp(log_variance / 2) * noise``, the decoder gives p(x|z), and the loss is the negative
evidence lower bound with a weight on its second term::

    E_q[-log p(x|z)]  +  beta * KL(q(z|x) || N(0, I))

Both terms are sums, over pixels and over latents, in nats: with a mean over pixels beta would mean something else.

Shapes: encoder (N, C, H, W) -> (N, 2 * latent), mean and log-variance; decoder (N, latent) -> (N, C, H, W), logits of a
Bernoulli pixel in [0, 1], or the mean of a Gaussian pixel whose one scale is learned (arXiv 2006.13202).

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

from genlab.data.pictures import Pictures, to_floats
from genlab.models.base import Batch, GenerativeModel, Metrics, Player, Shape, Stage
from genlab.models.losses import bernoulli_nll, gaussian_kl, gaussian_nll
from genlab.models.networks import ConvDown, ConvUp, hidden_layers
from genlab.models.options import ModelError, option, parse_layers
from genlab.models.preset import Preset
from genlab.models.priors import MixturePrior, NormalPrior, Prior

LOG_SCALE_FLOOR = -4.0
"""Lowest log-scale of a Gaussian pixel: about twice the step between two grey levels in [-1, 1]."""

FIT_CHUNK = 4096


@dataclass(frozen=True)
class VaeOptions:
    """What a VAE can be given."""

    latent: int = option(16, "Latent numbers", "Numbers that describe a picture.", low=1, high=512, basic=True)
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
        "free or one per class.",
        choices=("normal", "mixture", "per-class"),
        basic=True,
    )
    components: int = option(40, "Mixture components", "Gaussians in the mixture prior.", low=1, high=200)
    likelihood: str = option(
        "bernoulli",
        "Likelihood",
        "How pixels are scored: as shades between black and white, or with Gaussian noise of a learned scale.",
        choices=("bernoulli", "gaussian"),
    )
    encoder: str = option("mlp", "Encoder", "Network of the encoder.", choices=("mlp", "conv"))
    decoder: str = option("conv", "Decoder", "Network of the decoder.", choices=("mlp", "conv"))
    encoder_layers: str = option(
        "256", "Encoder layers", "Widths of the hidden layers of a fully connected encoder.", layers=True
    )
    decoder_layers: str = option(
        "256", "Decoder layers", "Widths of the hidden layers of a fully connected decoder.", layers=True
    )
    width: int = option(
        16,
        "Channels",
        "Channels next to the pixels in convolutional networks; each layer further in has twice as many.",
        low=1,
        high=512,
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
        (N, C, H, W) -> (N, 2 * latent).
    decoder
        (N, latent) -> (N, C, H, W), before the sigmoid or as a mean.
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
        self.encoder = _encoder(shape, options)
        self.decoder = _decoder(shape, options)
        self.prior = _prior(options, n_classes)
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
        mean, log_variance = self.posterior(batch.x)
        z = mean + (0.5 * log_variance).exp() * batch.normal(*mean.shape)
        output = self.decoder(z)
        if self.options.likelihood == "bernoulli":
            reconstruction = bernoulli_nll(output, 0.5 * (batch.x + 1.0)).mean()
        else:
            reconstruction = gaussian_nll(output, batch.x, self._bounded_log_scale()).mean()
        kl = gaussian_kl(mean, log_variance).sum(1).mean()
        loss = reconstruction + self.options.beta * kl
        return loss, {"loss": loss.detach(), "reconstruction": reconstruction.detach(), "KL": kl.detach()}

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance (N, latent) each of q(z|x) for pictures (N, C, H, W) in [-1, 1]."""
        mean, log_variance = self.encoder(x).float().chunk(2, 1)
        return mean, log_variance

    def _bounded_log_scale(self) -> Tensor:
        # softplus keeps a gradient at the floor, where a clamp would have none.
        return LOG_SCALE_FLOOR + nn.functional.softplus(self.log_scale - LOG_SCALE_FLOOR)

    def sample(self, z: Tensor) -> Tensor:
        output: Tensor = self.decoder(z).float()
        return 2.0 * output.sigmoid() - 1.0 if self.options.likelihood == "bernoulli" else output.clamp(-1.0, 1.0)

    def encode(self, x: Tensor) -> Tensor:
        return self.posterior(x)[0]

    def features(self, x: Tensor) -> Tensor:
        return self.encode(x)

    @torch.no_grad()
    def fit_prior(self, pictures: Pictures) -> None:
        """Fit a mixture prior to latents drawn from q(z|x) of the pictures, with noise of a fixed seed."""
        if not isinstance(self.prior, MixturePrior):
            return
        generator = torch.Generator(pictures.images.device).manual_seed(0)
        latents = []
        for chunk in pictures.images.split(FIT_CHUNK):
            mean, log_variance = self.posterior(to_floats(chunk))
            noise = torch.randn(mean.shape, generator=generator, device=mean.device)
            latents.append(mean + (0.5 * log_variance).exp() * noise)
        self.prior.fit(torch.cat(latents), pictures.labels)


def _encoder(shape: Shape, options: VaeOptions) -> nn.Module:
    if options.encoder == "conv":
        body = ConvDown(shape, options.width)
        return nn.Sequential(body, nn.Linear(body.size, 2 * options.latent))
    widths = [math.prod(shape), *parse_layers(options.encoder_layers)]
    return nn.Sequential(nn.Flatten(), hidden_layers(widths), nn.Linear(widths[-1], 2 * options.latent))


def _decoder(shape: Shape, options: VaeOptions) -> nn.Module:
    if options.decoder == "conv":
        return ConvUp(options.latent, shape, options.width)
    widths = [options.latent, *parse_layers(options.decoder_layers)]
    return nn.Sequential(hidden_layers(widths), nn.Linear(widths[-1], math.prod(shape)), nn.Unflatten(1, shape))


def _prior(options: VaeOptions, n_classes: int) -> Prior:
    if options.prior == "normal":
        return NormalPrior(options.latent)
    if options.prior == "mixture":
        return MixturePrior(options.latent, options.components)
    if not n_classes:
        raise ModelError(
            "One Gaussian a class needs pictures with classes, and these have none. "
            "Choose the mixture or the normal prior."
        )
    return MixturePrior(options.latent, n_classes, n_classes)
