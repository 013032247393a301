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
small transformer did; every code keeps a probability of ``SMOOTHING / K``, so that every grid of codes has a latent.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genlab.models.base import Batch, GenerativeModel, Metrics, Player, Shape, Stage
from genlab.models.losses import bernoulli_nll, gaussian_nll
from genlab.models.networks import Double, FromMaps, Halve, ToMaps, activation, halvings, hidden_layers
from genlab.models.options import option, parse_layers
from genlab.models.preset import Preset
from genlab.models.priors import NormalPrior
from genlab.models.vae import LOG_SCALE_FLOOR

DECAY, DEAD = 0.99, 0.03
"""Of the codebook's moving averages, a step; and the share of the average use below which a code is restarted."""

SMOOTHING = 1e-4
"""Share of a uniform distribution in the prior."""

OFFSETS = [(up, right) for up, reach in enumerate((3, 3, 2)) for right in range(-reach, reach + 1 if up else 0)]
"""What the prior sees of the codes before a place, in places up and to the right: three, seven and five of them."""

MARGIN_UP, MARGIN_ASIDE = max(up for up, _ in OFFSETS), max(right for _, right in OFFSETS)

EMBEDDED, FORGOTTEN = 16, 0.1
"""Numbers that stand for a code there; share that is not shown in training, lest few pictures be learned by heart."""


@dataclass(frozen=True)
class VqVaeOptions:
    """What a VQ-VAE can be given."""

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
    prior_layers: str = option(
        "128-128", "Prior layers", "Widths of the hidden layers of the prior over the codes.", layers=True
    )
    lr: float = option(8e-3, "Learning rate", "Learning rate.", low=1e-6, high=0.1, log=True, basic=True)


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
    family = "vae"
    Options = VqVaeOptions
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
    averaged = ()

    options: VqVaeOptions

    def __init__(self, shape: Shape, options: Any, n_classes: int = 0) -> None:
        super().__init__(shape, options, n_classes)
        self.side, times = halvings(shape)
        channels = [options.width * 2**i for i in range(times)]
        self.encoder = _encoder(shape[0], channels, options.code_size)
        self.codebook = Codebook(options.codes, options.code_size)
        self.decoder = _decoder(options.code_size, self.side, channels[::-1], shape[0])
        self.predictor = Predictor(self.side, options.codes, parse_layers(options.prior_layers))
        self.prior = NormalPrior(self.side * self.side)
        if options.likelihood == "gaussian":
            self.log_scale = nn.Parameter(torch.zeros(()))

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
            seen = self.predictor.neighbours(codes)
            seen = seen.masked_fill(batch.uniform(*seen.shape) < FORGOTTEN, self.options.codes)
        loss = F.cross_entropy(self.predictor(seen).flatten(0, 1), codes.flatten())
        return loss, {"loss": loss.detach()}

    def vectors(self, x: Tensor) -> Tensor:
        """What the encoder sees at each place of pictures (N, C, H, W): (N, side * side, code_size)."""
        return self.encoder(x).float().unflatten(1, (self.side * self.side, -1))  # type: ignore[no-any-return]

    def codes(self, x: Tensor) -> Tensor:
        """Codes (N, side * side), int64 in 0..K - 1, of pictures (N, C, H, W)."""
        return self.codebook.nearest(self.vectors(x).flatten(0, 1)).view(len(x), -1)

    def picture(self, codes: Tensor) -> Tensor:
        """Pictures (N, C, H, W) in [-1, 1] of codes (N, side * side)."""
        output: Tensor = self.decoder(self.codebook.vectors[codes]).float()
        return 2.0 * output.sigmoid() - 1.0 if self.options.likelihood == "bernoulli" else output.clamp(-1.0, 1.0)

    def sample(self, z: Tensor) -> Tensor:
        uniform = torch.special.ndtr(z.detach().cpu().double())
        codes = torch.full(z.shape, self.options.codes, device=z.device)  # not written yet
        for place in range(self.prior.size):
            inner = self.predictor.edges(codes, place)[:, 1:-1]
            codes[:, place] = (inner <= uniform[:, place : place + 1]).sum(1).to(z.device)
        return self.picture(codes)

    def encode(self, x: Tensor) -> Tensor:
        codes = self.codes(x)
        latents = []
        for place in range(self.prior.size):
            edges = self.predictor.edges(codes, place)
            own = codes[:, place : place + 1].cpu()
            latents.append(torch.special.ndtri(0.5 * (edges.gather(1, own) + edges.gather(1, own + 1))))
        return torch.cat(latents, 1).float().to(x.device)

    def features(self, x: Tensor) -> Tensor:
        """The codebook's vectors that stand for the picture, side by side."""
        return self.codebook.vectors[self.codes(x)].flatten(1)

    def _negative_log_likelihood(self, output: Tensor, x: Tensor) -> Tensor:
        if self.options.likelihood == "bernoulli":
            return bernoulli_nll(output, 0.5 * (x + 1.0))
        log_scale = LOG_SCALE_FLOOR + F.softplus(self.log_scale - LOG_SCALE_FLOOR)
        return gaussian_nll(output, x, log_scale)


class Codebook(nn.Module):
    """Vectors (K, size), each the moving average of what it stood for."""

    vectors: Tensor  # (K, size)
    counts: Tensor  # (K,): how many vectors of a batch choose each
    sums: Tensor  # (K, size): of those

    def __init__(self, codes: int, size: int) -> None:
        super().__init__()
        self.register_buffer("vectors", torch.randn(codes, size))
        self.register_buffer("counts", torch.zeros(codes))
        self.register_buffer("sums", torch.zeros(codes, size))

    def nearest(self, vectors: Tensor) -> Tensor:
        """The code (N,) of each of vectors (N, size)."""
        with torch.autocast(vectors.device.type, enabled=False):
            # Of |v - c|^2 the part that differs between codes.
            return torch.addmm(self.vectors.square().sum(1), vectors, self.vectors.T, alpha=-2.0).argmin(1)

    @torch.no_grad()
    def follow(self, vectors: Tensor, generator: torch.Generator) -> Tensor:
        """Move towards vectors (N, size), restart what is out of use, and return the code (N,) of each."""
        self._restart(vectors, generator)
        chosen = self.nearest(vectors)
        with torch.autocast(vectors.device.type, enabled=False):
            one_hot = F.one_hot(chosen, len(self.vectors)).to(vectors.dtype)
            self.counts.lerp_(one_hot.sum(0), 1.0 - DECAY)
            self.sums.lerp_(one_hot.T @ vectors, 1.0 - DECAY)
        self.vectors.copy_(self.sums / self.counts[:, None])
        return chosen

    def _restart(self, vectors: Tensor, generator: torch.Generator) -> None:
        average = len(vectors) / len(self.vectors)
        dead = self.counts < DEAD * average
        picked = torch.randint(len(vectors), dead.shape, generator=generator, device=vectors.device)
        self.counts.masked_fill_(dead, average)
        self.vectors.copy_(torch.where(dead[:, None], vectors[picked], self.vectors))
        self.sums.copy_(torch.where(dead[:, None], average * vectors[picked], self.sums))


class Predictor(nn.Module):
    """Logits of the code at each place of a grid, from the neighbours that come before it in reading order."""

    def __init__(self, side: int, codes: int, widths: list[int]) -> None:
        super().__init__()
        self.side, self.codes = side, codes
        self.embedding = nn.Embedding(codes + 1, EMBEDDED)  # the last stands for a code that is not shown
        self.inward = nn.Linear(len(OFFSETS) * EMBEDDED, widths[0])
        self.positions = nn.Parameter(torch.zeros(side * side, widths[0]))
        self.outward = nn.Sequential(activation(0.0), hidden_layers(widths), nn.Linear(widths[-1], codes))

    def neighbours(self, codes: Tensor) -> Tensor:
        """Codes (N, L) to what is seen from each place: (N, L, offsets), K outside the grid."""
        grid = codes.unflatten(1, (self.side, self.side))
        grid = F.pad(grid, (MARGIN_ASIDE, MARGIN_ASIDE, MARGIN_UP, 0), value=self.codes)
        windows = grid.unfold(1, self.side, 1).unfold(2, self.side, 1)  # (N, up, aside, side, side)
        seen = [windows[:, MARGIN_UP - up, MARGIN_ASIDE + right] for up, right in OFFSETS]
        return torch.stack(seen, -1).flatten(1, 2)

    def forward(self, seen: Tensor, places: slice = slice(None)) -> Tensor:
        """Logits (N, P, K) at the chosen places, from the neighbours (N, P, offsets) of these."""
        logits: Tensor = self.outward(self.inward(self.embedding(seen).flatten(2)) + self.positions[places])
        return logits.float()

    @torch.no_grad()
    def edges(self, codes: Tensor, place: int) -> Tensor:
        """Where the intervals of the codes at a place meet, given the codes (N, L) before it: (N, K + 1), from 0 to 1.

        In float64 on the CPU, since some accelerators lack double precision.
        """
        places = slice(place, place + 1)
        logits = self(self.neighbours(codes)[:, places], places).squeeze(1)
        shares = (1.0 - SMOOTHING) * logits.cpu().double().softmax(1) + SMOOTHING / self.codes
        edges = F.pad(shares.cumsum(1), (1, 0))
        edges[:, -1] = 1.0
        return edges


def _encoder(before: int, channels: list[int], size: int) -> nn.Module:
    layers = [layer for a, b in pairwise([before, *channels]) for layer in (Halve(a, b), activation(0.0))]
    return nn.Sequential(*layers, nn.Conv2d(channels[-1], size, 3, padding=1), FromMaps())


def _decoder(size: int, side: int, channels: list[int], after: int) -> nn.Module:
    layers = [layer for a, b in pairwise([*channels, after]) for layer in (activation(0.0), Double(a, b))]
    return nn.Sequential(nn.Flatten(), ToMaps(size, side), nn.Conv2d(size, channels[0], 3, padding=1), *layers)
