"""The vector-quantised variational autoencoder: a picture as a small grid of codes, and a prior that writes such grids.

van den Oord, Vinyals & Kavukcuoglu 2017, "Neural Discrete Representation Learning", arXiv 1711.00937. The encoder gives
a vector for each place of a small grid, each vector is replaced by the nearest of K vectors of a codebook, and the
decoder gives p(x | codes). The gradient of what the decoder reads is handed to the encoder as it is ("straight
through"), and the encoder is asked to stay near the vectors that stand for it::

    -log p(x | codes)  +  commitment * |e(x) - sg[codebook[codes]]|^2

Both terms are sums over the picture, the first in nats. The codebook follows the encoder by moving averages (appendix
A.1). A code that next to nothing chooses is given a vector of the batch, picked by the batch's generator, which is also
how the codebook begins.

In a second stage a network learns the codes in reading order, each from those before it, ``p(codes) = prod_i p(code_i |
code_1 .. code_i-1)``, by cross-entropy in nats a code; the autoencoder stays as it is.

Latents: one standard normal number a code. ``u = Phi(z_i)`` picks code i by the quantile function of its distribution
given the codes before, so that z ~ N(0, I) draws from the prior exactly, and a picture is a function of z.
:meth:`VQVAE.encode` is the way back, the middle of the interval of each code of x: ``sample(encode(x))`` is the
reconstruction of x. During the first stage the prior has learned nothing: samples are grids of nearly random codes.

Shapes: codes (N, side * side), side 4 to 7; codebook (K, code_size); pixels as in :mod:`genlab.models.vae`.

Departs from the paper: codes out of use are restarted; in place of the PixelCNN's stack of masked convolutions there is
one masked window of 15 neighbours and a perceptron behind it, which learns faster in a minute of CPU than a GRU or a
small transformer did (one is in :mod:`genlab.models.transformer`); every code keeps a probability of
``SMOOTHING / K``, so that every grid of codes has a latent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch._higher_order_ops import while_loop
from torch.nn import functional as F

from genlab.models.base import Batch, Family, GenerativeModel, Metrics, Player, Shape, Stage
from genlab.models.codes import Codebook, Memory, Neighbourhood, Predictor
from genlab.models.losses import bernoulli_nll, gaussian_nll
from genlab.models.networks import Double, FromMaps, Halve, ToMaps, activation, halvings
from genlab.models.options import option, parse_layers
from genlab.models.preset import Preset
from genlab.models.priors import NormalPrior
from genlab.models.vae import LOG_SCALE_FLOOR


@dataclass(frozen=True)
class CodesOptions:
    """What any model that writes pictures as codes can be given."""

    codes: int = option(64, "Codes", "Size of the codebook.", low=2, high=1024, basic=True)
    code_size: int = option(16, "Code length", "Numbers in each vector of the codebook.", low=1, high=256)
    commitment: float = option(
        0.25, "Commitment", "How strongly the encoder is held to the codes that it chose.", low=0.0, high=10.0
    )
    first_stage: float = option(
        0.5, "Share of the autoencoder", "The prior over its codes learns in the rest.", low=0.05, high=0.95, basic=True
    )
    likelihood: str = option(
        "bernoulli",
        "Likelihood",
        "How pixels are scored: as shades between black and white, or with Gaussian noise of a learned scale.",
        choices=("bernoulli", "gaussian"),
    )
    width: int = option(
        16, "Channels", "Channels next to the pixels; each layer further in has twice as many.", low=1, high=512
    )
    lr: float = option(8e-3, "Learning rate", "Learning rate.", low=1e-6, high=0.1, log=True, basic=True)


@dataclass(frozen=True)
class VqVaeOptions(CodesOptions):
    """What a VQ-VAE can be given."""

    prior_layers: str = option(
        "128-128", "Prior layers", "Widths of the hidden layers of the prior over the codes.", layers=True
    )


class VQVAE(GenerativeModel):
    """See the module's text.

    Attributes
    ----------
    encoder
        (N, C, H, W) -> (N, side * side * code_size).
    codebook
        Quantises what the encoder gives.
    decoder
        (N, side * side, code_size) -> (N, C, H, W), before the sigmoid or as a mean.
    predictor
        p(code | codes before it).
    """

    key = "vqvae"
    title = "VQ-VAE"
    about = (
        "Writes each picture as a small grid of codes from a learned alphabet, then learns which grids look real. "
        "Sharper than a VAE; pictures come only in the second half of the training."
    )
    family: ClassVar[Family] = "vae"
    Options: ClassVar[type] = VqVaeOptions
    presets = (
        Preset(
            key="vqvae",
            model="vqvae",
            title="VQ-VAE with a prior over its codes",
            about=(
                "Sharp strokes in a minute or two of CPU, though not every shape is a digit. Until half of the time "
                "has passed, samples are random grids of codes."
            ),
        ),
    )
    has_encoder = True
    sees = "codes"
    traced_encoding = "codes"
    averaged = ()

    options: CodesOptions

    def __init__(self, shape: Shape, options: Any, n_classes: int = 0) -> None:
        super().__init__(shape, options, n_classes)
        self.side, times = halvings(shape)
        channels = [options.width * 2**i for i in range(times)]
        self.encoder = _encoder(shape[0], channels, options.code_size)
        self.codebook = Codebook(options.codes, options.code_size)
        self.decoder = _decoder(options.code_size, self.side, channels[::-1], shape[0])
        self.predictor = self.fresh_predictor(options)
        self.prior = NormalPrior(self.side * self.side)
        if options.likelihood == "gaussian":
            self.log_scale = nn.Parameter(torch.zeros(()))

    def fresh_predictor(self, options: Any) -> Predictor:
        """What learns to write grids of codes."""
        return Neighbourhood(self.side, options.codes, parse_layers(options.prior_layers))

    @property
    def needs_whole_batch(self) -> str:
        return "codebook"

    def stages(self) -> list[Stage]:
        share, lr = self.options.first_stage, self.options.lr
        prior = list(self.predictor.parameters())
        rest = [parameter for name, parameter in self.named_parameters() if not name.startswith("predictor.")]
        autoencoder = Player("autoencoder", rest, self.autoencoder_loss, lr, decay_from=0.5)
        writer = Player("prior", prior, self.prior_loss, lr, decay_from=0.5)
        return [Stage("autoencoder", share, [autoencoder]), Stage("prior", 1.0 - share, [writer])]

    def autoencoder_loss(self, batch: Batch) -> tuple[Tensor, Metrics]:
        """The loss of the module's text, after the codebook has moved towards this batch."""
        vectors = self.vectors(batch.x)
        chosen = self.codebook.follow(vectors.detach().flatten(0, 1), batch.generator)
        quantised = self.codebook.vectors[chosen].view_as(vectors)
        straight_through = vectors + (quantised - vectors).detach()
        reconstruction = self._negative_log_likelihood(self.decoder(straight_through), batch.x).mean()
        commitment = (vectors - quantised).square().sum((1, 2)).mean()
        loss = reconstruction + self.options.commitment * commitment
        shares = torch.bincount(chosen, minlength=self.options.codes) / len(chosen)
        return loss, {
            "loss": loss.detach(),
            "reconstruction": reconstruction.detach(),
            "commitment": commitment.detach(),
            "perplexity": torch.special.entr(shares).sum().exp(),
        }

    def prior_loss(self, batch: Batch) -> tuple[Tensor, Metrics]:
        """Cross-entropy of each code given those before it, in nats a code."""
        with torch.no_grad():
            codes = self.codes(batch.x)
        loss = F.cross_entropy(self.predictor(codes, batch.uniform).float().flatten(0, 1), codes.flatten())
        return loss, {"loss": loss.detach()}

    def vectors(self, x: Tensor) -> Tensor:
        """What the encoder sees at each place of pictures (N, C, H, W): (N, side * side, code_size)."""
        return self.encoder(x).float().unflatten(1, (self.side * self.side, -1))  # type: ignore[no-any-return]

    def codes(self, x: Tensor) -> Tensor:
        """Codes (N, side * side), int64 in 0..K - 1, of pictures (N, C, H, W)."""
        return self.codebook.nearest(self.vectors(x).flatten(0, 1)).view(x.shape[0], -1)

    def picture(self, codes: Tensor) -> Tensor:
        """Pictures (N, C, H, W) in [-1, 1] of codes (N, side * side)."""
        output: Tensor = self.decoder(self.codebook.vectors[codes]).float()
        return 2.0 * output.sigmoid() - 1.0 if self.options.likelihood == "bernoulli" else output.clamp(-1.0, 1.0)

    def sample(self, z: Tensor) -> Tensor:
        uniform = torch.special.ndtr(z.detach().cpu().double())
        codes = torch.full(z.shape, self.options.codes, device=z.device)  # not written yet
        memory = self.predictor.memory(z.shape[0])
        for place in self._places(z.device):
            codes = self._written(codes, place, memory, uniform)
        return self.picture(codes)

    def traceable_sample(self) -> Callable[[Tensor], Tensor]:
        return self._sample_in_a_loop

    def _sample_in_a_loop(self, z: Tensor) -> Tensor:
        """:meth:`sample` in single precision until numbers are compared, with the loop over the places as one step."""

        def unfinished(place: Tensor, *_: Tensor) -> Tensor:
            return place < self.prior.size

        def write(place: Tensor, codes: Tensor, *memory: Tensor) -> tuple[Tensor, ...]:
            kept = tuple(each.clone() for each in memory)  # a loop's own variables may not be written into
            return place + 1, self._written(codes, place, kept, uniform), *kept

        uniform = (0.5 + 0.5 * (z / math.sqrt(2.0)).erf()).double()
        blank = torch.full_like(z, self.options.codes, dtype=torch.int64)
        first = torch.zeros((), dtype=torch.int64)
        _, codes, *_ = while_loop(unfinished, write, (first, blank, *self.predictor.memory(z.shape[0])))
        return self.picture(codes)

    def _written(self, codes: Tensor, place: Tensor, memory: Memory, uniform: Tensor) -> Tensor:
        """The codes (N, L) with the one at a place () chosen by its uniform number."""
        inner = self.predictor.edges(codes, place, memory)[:, 1:-1]
        chosen = (inner <= uniform[:, place.view(1).cpu()]).sum(1, keepdim=True).to(codes.device)
        return torch.where(torch.arange(self.prior.size, device=codes.device) == place, chosen, codes)

    def _places(self, device: torch.device) -> Iterator[Tensor]:
        yield from torch.arange(self.prior.size, device=device)

    def encode(self, x: Tensor) -> Tensor:
        codes = self.codes(x)
        latents, memory = [], self.predictor.memory(x.shape[0])
        for place in self._places(x.device):
            edges = self.predictor.edges(codes, place, memory)
            own = codes[:, place.view(1)].cpu()
            latents.append(torch.special.ndtri(0.5 * (edges.gather(1, own) + edges.gather(1, own + 1))))
        return torch.cat(latents, 1).float().to(x.device)

    def reconstruct(self, x: Tensor) -> Tensor:
        return self.picture(self.codes(x))  # to the bit what it would be by way of the latents, without the prior

    def encode_traced(self, x: Tensor) -> Tensor:
        return self.codes(x)

    def features(self, x: Tensor) -> Tensor:
        """The codebook's vectors that stand for the picture, side by side."""
        return self.codebook.vectors[self.codes(x)].flatten(1)

    def _negative_log_likelihood(self, output: Tensor, x: Tensor) -> Tensor:
        if self.options.likelihood == "bernoulli":
            return bernoulli_nll(output, 0.5 * (x + 1.0))
        log_scale = LOG_SCALE_FLOOR + F.softplus(self.log_scale - LOG_SCALE_FLOOR)
        return gaussian_nll(output, x, log_scale)


def _encoder(before: int, channels: list[int], size: int) -> nn.Module:
    layers = [layer for a, b in pairwise([before, *channels]) for layer in (Halve(a, b), activation(0.0))]
    return nn.Sequential(*layers, nn.Conv2d(channels[-1], size, 3, padding=1), FromMaps())


def _decoder(size: int, side: int, channels: list[int], after: int) -> nn.Module:
    layers = [layer for a, b in pairwise([*channels, after]) for layer in (activation(0.0), Double(a, b))]
    return nn.Sequential(nn.Flatten(), ToMaps(size, side), nn.Conv2d(size, channels[0], 3, padding=1), *layers)
