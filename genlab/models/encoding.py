"""What models with a Gaussian encoder share: its network, its posterior q(z|x), and a mixture fitted to its latents."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genlab.data.pictures import Pictures, to_floats
from genlab.models.base import Batch, Shape
from genlab.models.networks import ConvDown, ConvolutionOptions, hidden_layers
from genlab.models.options import option, parse_layers
from genlab.models.priors import MixturePrior

FIT_CHUNK = 4096


@dataclass(frozen=True)
class EncoderOptions(ConvolutionOptions):
    """What an encoder is built from."""

    latent: int = option(16, "Latent numbers", "Numbers that describe a picture.", low=1, high=512, basic=True)
    encoder: str = option("mlp", "Encoder", "Network of the encoder.", choices=("mlp", "conv"))
    encoder_layers: str = option(
        "256", "Encoder layers", "Widths of the hidden layers of a fully connected encoder.", layers=True
    )


class Posterior(nn.Module):
    """Pictures (N, C, H, W) to mean and log-variance (N, latent) of q(z|x), the class known where there are any.

    Parameters
    ----------
    n_classes
        0, or the classes of which one is told with each picture: a learned picture of it is one more channel.
    """

    def __init__(self, shape: Shape, options: EncoderOptions, n_classes: int = 0) -> None:
        super().__init__()
        channels, height, width = shape
        self.side = (height, width)
        self.plane = nn.Embedding(n_classes, height * width) if n_classes else None
        seen = (channels + (1 if n_classes else 0), height, width)
        self.body: nn.Module
        if options.encoder == "conv":
            self.body = ConvDown(seen, options.width)
            features = self.body.size
        else:
            widths = [math.prod(seen), *parse_layers(options.encoder_layers)]
            self.body = nn.Sequential(nn.Flatten(), hidden_layers(widths))
            features = widths[-1]
        self.head = nn.Linear(features, 2 * options.latent)

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        if self.plane is not None:
            assert y is not None
            x = torch.cat([x, self.plane(y).view(-1, 1, *self.side).to(x.dtype)], 1)
        mean, log_variance = self.head(self.body(x)).float().chunk(2, 1)
        return mean, log_variance


def reparameterise(mean: Tensor, log_variance: Tensor, batch: Batch) -> Tensor:
    """A draw from N(mean, exp(log_variance)) through which gradients reach both (arXiv 1312.6114, section 2.4)."""
    return mean + (0.5 * log_variance).exp() * batch.normal(*mean.shape)


@torch.no_grad()
def fit_mixture(prior: MixturePrior, encoder: Posterior, pictures: Pictures) -> None:
    """Fit a mixture to latents drawn from q(z|x) of the pictures, with noise of a fixed seed."""
    generator = torch.Generator(pictures.images.device).manual_seed(0)
    latents = []
    for start in range(0, len(pictures), FIT_CHUNK):
        chunk = slice(start, start + FIT_CHUNK)
        y = None if pictures.labels is None else pictures.labels[chunk]
        mean, log_variance = encoder(to_floats(pictures.images[chunk]), y)
        noise = torch.randn(mean.shape, generator=generator, device=mean.device)
        latents.append(mean + (0.5 * log_variance).exp() * noise)
    prior.fit(torch.cat(latents), pictures.labels)
