"""Networks that several models share: a perceptron, and convolutions that halve or double a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations

from genlab.models.base import Shape
from genlab.models.options import ModelError, option

Norm = str
"""Normalisation of a critic: ``"none"``, ``"spectral"`` (arXiv 1802.05957) or ``"batch"``."""


def activation(leak: float) -> nn.Module:
    """ReLU, or leaky ReLU with slope `leak` for negative inputs."""
    return nn.LeakyReLU(leak, inplace=True) if leak else nn.ReLU(inplace=True)


def hidden_layers(sizes: Sequence[int], leak: float = 0.0, norm: Norm = "none") -> nn.Sequential:
    """Fully connected layers ``sizes[0] -> ... -> sizes[-1]``, each normalised and activated."""
    wrap = spectral(norm)
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layers.append(wrap(nn.Linear(before, after)))
        if norm == "batch":
            layers.append(nn.BatchNorm1d(after))
        layers.append(activation(leak))
    return nn.Sequential(*layers)


def spectral(norm: Norm) -> Callable[[nn.Module], nn.Module]:
    """What wraps a layer: spectral normalisation where `norm` asks for it, else nothing."""
    return parametrizations.spectral_norm if norm == "spectral" else lambda layer: layer


def halvings(shape: Shape) -> tuple[int, int]:
    """How often a square picture is halved on its way to a base of 4 to 7 pixels: (base, times).

    28 = 7 * 2^2, 32 = 4 * 2^3, 8 = 4 * 2, 48 = 6 * 2^3.

    Raises
    ------
    ModelError
        The picture is not square, or its side is no 4, 5, 6 or 7 times a power of two from 2 on.
    """
    _, height, width = shape
    if height != width:
        raise ModelError(f"This network draws square pictures; these are {height} x {width}.")
    base, times = height, 0
    while base >= 8 and base % 2 == 0:
        base, times = base // 2, times + 1
    if times == 0 or base < 4 or base > 7:
        raise ModelError(
            f"This network halves a picture to 4 to 7 pixels a side, which {height} pixels do not allow. "
            "Resize to 8, 16, 20, 24, 28, 32, 40, 48, 56, 64, 96 or 128 pixels, or take a fully connected network."
        )
    return base, times


@dataclass(frozen=True)
class ConvolutionOptions:
    """How wide convolutions are."""

    width: int = option(
        16,
        "Channels",
        "Channels next to the pixels; each layer further in has twice as many.",
        low=1,
        high=512,
    )


class Halve(nn.Conv2d):
    """A 4x4 convolution of stride 2 and padding 1: (N, C, H, W) -> (N, channels, H / 2, W / 2).

    From one channel it is computed as a 2x2 convolution of the four pictures that each hold every second pixel of
    every second row. The sums are the same, but oneDNN has no fast way through a single channel: back to the pixels it
    takes three to four times as long by the direct way.
    """

    def __init__(self, before: int, after: int, bias: bool = True) -> None:
        super().__init__(before, after, 4, 2, 1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        if self.in_channels > 1:
            return super().forward(x)
        pixels = F.pixel_unshuffle(F.pad(x, (1, 1, 1, 1)), 2).contiguous(memory_format=torch.channels_last)
        return F.conv2d(pixels, _by_parity(self.weight), self.bias)


class Double(nn.ConvTranspose2d):
    """The transpose of :class:`Halve`: (N, C, H, W) -> (N, channels, 2 H, 2 W), to one channel by the same detour."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__(before, after, 4, 2, 1)

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        if self.out_channels > 1:
            return super().forward(x, output_size)
        assert self.bias is not None
        pixels = F.pixel_shuffle(F.conv_transpose2d(x, _by_parity(self.weight)), 2)
        return pixels[:, :, 1:-1, 1:-1] + self.bias.view(-1, 1, 1)


def _by_parity(weight: Tensor) -> Tensor:
    """Kernels (n, 1, 4, 4) as (n, 4, 2, 2): a channel for each parity of row and column, as in pixel_unshuffle."""
    kernels = weight.unflatten(3, (2, 2)).unflatten(2, (2, 2))  # (n, 1, row, row parity, column, column parity)
    sorted_out: Tensor = kernels.permute(0, 1, 3, 5, 2, 4).flatten(1, 3)
    return sorted_out.contiguous(memory_format=torch.channels_last)


class ToMaps(nn.Module):
    """Vectors (N, side * side * channels) to maps (N, channels, side, side), in the layout of the convolutions.

    The channels of a place lie side by side (channels_last), so nothing is copied, and what is between here and
    the first convolution does not have to mix two layouts, which takes several times as long.
    """

    def __init__(self, channels: int, side: int) -> None:
        super().__init__()
        self.sizes = (side, side, channels)

    def forward(self, x: Tensor) -> Tensor:
        maps: Tensor = x.unflatten(1, self.sizes).permute(0, 3, 1, 2)
        return maps


class FromMaps(nn.Module):
    """Maps (N, C, H, W) to vectors (N, H * W * C): what :class:`ToMaps` does, backwards."""

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, 2, 3, 1).flatten(1)


class ConvUp(nn.Sequential):
    """Latents (N, latent) to pictures (N, C, H, W): a linear layer, then transposed convolutions that double.

    The last hidden layer has `width` channels, each one before it twice as many. No activation at the end.
    """

    def __init__(self, latent: int, shape: Shape, width: int, leak: float = 0.0, batch_norm: bool = True) -> None:
        base, times = halvings(shape)
        channels = [width * 2**i for i in reversed(range(times))]
        layers: list[nn.Module] = [
            # A bias before batch normalisation would have no effect.
            nn.Linear(latent, channels[0] * base * base, bias=not batch_norm),
            ToMaps(channels[0], base),
        ]
        for before, after in zip(channels, [*channels[1:], shape[0]], strict=True):
            if batch_norm:
                layers.append(nn.BatchNorm2d(before))
            layers.append(activation(leak))
            layers.append(Double(before, after))
        super().__init__(*layers)


class ConvDown(nn.Sequential):
    """Pictures (N, C, H, W) to features (N, ``.size``): strided convolutions that halve, then flatten.

    The first layer has `width` channels, each one after it twice as many.
    """

    def __init__(self, shape: Shape, width: int, leak: float = 0.2, norm: Norm = "none") -> None:
        base, times = halvings(shape)
        wrap = spectral(norm)
        channels = [shape[0], *(width * 2**i for i in range(times))]
        layers: list[nn.Module] = []
        for index, (before, after) in enumerate(pairwise(channels)):
            # As in DCGAN, the layer that sees the pixels stays without batch normalisation.
            normalised = norm == "batch" and index > 0
            layers.append(wrap(Halve(before, after, bias=not normalised)))
            if normalised:
                layers.append(nn.BatchNorm2d(after))
            layers.append(activation(leak))
        super().__init__(*layers, FromMaps())
        self.size = channels[-1] * base * base
