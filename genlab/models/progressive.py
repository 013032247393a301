"""Progressive growing: a GAN that begins with tiny pictures and doubles their side, one stage a resolution.

Karras et al. 2017, "Progressive Growing of GANs for Improved Quality, Stability, and Variation", arXiv 1710.10196; the
game is told in :mod:`genlab.models.adversarial`. As a stage begins, a new pair of layers joins both networks and is
faded in: while a goes from 0 to 1 over the first half of the stage, the generator draws ``(1 - a) * enlarged pictures
of the smaller network + a * pictures of the larger one`` (before the tanh), and the critic mixes what both see alike.

Shapes: as in :mod:`genlab.models.dcgan`; the resolutions are 4 to 7 pixels times powers of two up to the side of the
pictures (7, 14, 28). Between the networks pictures always have their full size: the generator enlarges what it draws by
repeating pixels, and the critic averages what it sees down to the resolution of the stage, real pictures as well.

Departs from the paper: real pictures are not blurred while layers fade in, there is one convolution a resolution, and
batch normalisation and an R1 penalty stand for pixel normalisation, equalised rates and WGAN-GP (its penalty is an
option of every GAN here, and so is the minibatch deviation).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genlab.models.adversarial import AdversarialModel
from genlab.models.adversarial_options import AdversarialOptions
from genlab.models.base import Batch, Metrics, Shape, Stage
from genlab.models.networks import (
    ConvolutionOptions,
    Double,
    FromMaps,
    Halve,
    Norm,
    ToMaps,
    activation,
    halvings,
    spectral,
)
from genlab.models.preset import Preset

FADE = 0.5
"""Share of a stage in which its new layers are faded in."""


@dataclass(frozen=True)
class ProgressiveOptions(ConvolutionOptions, AdversarialOptions):
    """What every GAN can be given, and how wide the convolutions are."""


class Growing(nn.Module):
    """What both networks share: how far they have grown."""

    level: Tensor  # (), int64: layers beyond the smallest network
    fade: Tensor  # (), 0 to 1: how much of the newest ones counts

    def __init__(self, shape: Shape, width: int) -> None:
        super().__init__()
        self.channels, self.side, _ = shape
        self.base, self.levels = halvings(shape)
        self.widths = [width * 2**i for i in reversed(range(self.levels + 1))]  # of the maps at each resolution
        self.register_buffer("level", torch.tensor(0))
        self.register_buffer("fade", torch.tensor(1.0))

    def mixed(self, smaller: Tensor, larger: Tensor) -> Tensor:
        """Both pictures or maps, the larger network's by its share."""
        return smaller.lerp(larger, self.fade.to(larger.dtype))


class GrowingGenerator(Growing):
    """Latents (N, latent) to pictures (N, C, H, W) in [-1, 1], of the full size at every level."""

    def __init__(self, latent: int, shape: Shape, options: ProgressiveOptions) -> None:
        super().__init__(shape, options.width)
        first, leak = self.widths[0], options.generator_leak

        def after(channels: int) -> list[nn.Module]:
            norm: list[nn.Module] = [nn.BatchNorm2d(channels)] if options.generator_norm else []
            return [*norm, activation(leak)]

        start = nn.Sequential(nn.Linear(latent, first * self.base**2), ToMaps(first, self.base), *after(first))
        doubling = [
            nn.Sequential(Double(before, width), *after(width))
            for before, width in zip(self.widths, self.widths[1:], strict=False)
        ]
        self.blocks = nn.ModuleList([start, *doubling])
        self.to_pixels = nn.ModuleList(nn.Conv2d(width, self.channels, 1) for width in self.widths)

    def grown(self, level: int) -> Iterator[nn.Parameter]:
        """The parameters that play at a level."""
        yield from self.blocks[: level + 1].parameters()
        yield from self.to_pixels[max(0, level - 1) : level + 1].parameters()

    def forward(self, z: Tensor) -> Tensor:
        return self.at(int(self.level), z)

    def at(self, level: int, z: Tensor) -> Tensor:
        """The pictures that a network grown to a level draws."""
        maps = smaller = z
        for block in self.blocks[: level + 1]:
            smaller, maps = maps, block(maps)
        pictures: Tensor = self.to_pixels[level](maps)
        if level:
            pictures = self.mixed(_enlarged(self.to_pixels[level - 1](smaller), 2), pictures)
        return _enlarged(pictures, 2 ** (self.levels - level)).tanh()


class GrowingBody(Growing):
    """Pictures (N, C, H, W) of the full size to features (N, ``.size``), seen at the level's resolution."""

    def __init__(self, shape: Shape, width: int, leak: float, norm: Norm) -> None:
        super().__init__(shape, width)
        wrap = spectral(norm)

        def halving(before: int, after: int) -> nn.Sequential:
            batch_norm: list[nn.Module] = [nn.BatchNorm2d(after)] if norm == "batch" else []
            return nn.Sequential(wrap(Halve(before, after)), *batch_norm, activation(leak))

        # The last block works at the smallest resolution; block i leads from level i + 1 to level i.
        inwards = zip(self.widths[1:], self.widths, strict=False)
        self.blocks = nn.ModuleList(halving(before, after) for before, after in inwards)
        self.from_pixels = nn.ModuleList(
            nn.Sequential(wrap(nn.Conv2d(self.channels, width, 1)), activation(leak)) for width in self.widths
        )
        self.flatten = FromMaps()
        self.size = self.widths[0] * self.base**2

    def grown(self, level: int) -> Iterator[nn.Parameter]:
        """The parameters that play at a level."""
        yield from self.blocks[:level].parameters()
        yield from self.from_pixels[max(0, level - 1) : level + 1].parameters()

    def forward(self, x: Tensor) -> Tensor:
        level = int(self.level)
        seen = F.avg_pool2d(x, 2 ** (self.levels - level)) if level < self.levels else x
        maps = self.from_pixels[level](seen)
        if level:
            smaller = self.from_pixels[level - 1](F.avg_pool2d(seen, 2))
            maps = self.mixed(smaller, self.blocks[level - 1](maps))
        for block in reversed(self.blocks[: max(0, level - 1)]):
            maps = block(maps)
        features: Tensor = self.flatten(maps)
        return features


def _enlarged(pictures: Tensor, factor: int) -> Tensor:
    return F.interpolate(pictures, scale_factor=factor, mode="nearest") if factor > 1 else pictures


class Progressive(AdversarialModel):
    """See the module's text."""

    key = "progressive"
    title = "Progressive GAN"
    about = (
        "Learns tiny pictures first and doubles their side stage by stage, fading the new layers in: first the whole, "
        "then the details."
    )
    family = "gan"
    Options = ProgressiveOptions
    presets = (
        Preset(
            key="progressive",
            model="progressive",
            title="Progressive growing",
            about="From 7 to 14 to 28 pixels, the last resolution for half of the time.",
            options={"lr_generator": 0.002, "lr_critic": 0.002},
        ),
    )

    options: ProgressiveOptions
    generator: GrowingGenerator

    def __init__(self, shape: Shape, options: Any, n_classes: int = 0) -> None:
        super().__init__(shape, options, n_classes)
        self.generator = GrowingGenerator(self.prior.size, shape, options)
        body = GrowingBody(self.seen_by_critic, options.width, options.critic_leak, options.critic_norm)
        self.critic = self.make_critic(body, body.size)

    def traceable_sample(self) -> Callable[[Tensor], Tensor]:
        return partial(self.generator.at, int(self.generator.level))

    def stages(self) -> list[Stage]:
        levels = range(self.generator.levels + 1)
        return [self._stage(level, 2.0 if level == levels[-1] else 1.0) for level in levels]

    def _stage(self, level: int, weight: float) -> Stage:
        generator, critic = self.players()
        body = self.critic.body
        assert isinstance(body, GrowingBody)
        beside = [parameter for name, parameter in self.critic.named_parameters() if not name.startswith("body.")]
        players = [
            generator._replace(parameters=list(self.generator.grown(level))),
            critic._replace(parameters=[*body.grown(level), *beside]),
        ]
        side = self.generator.base * 2**level
        return Stage(f"{side} x {side}", weight / (self.generator.levels + 2), players, lambda _: self._grow(level))

    def _grow(self, level: int) -> None:
        for network in self._growing():
            network.level.fill_(level)

    def _growing(self) -> tuple[Growing, Growing]:
        assert isinstance(self.critic.body, Growing)
        return self.generator, self.critic.body

    def generator_loss(self, batch: Batch) -> tuple[Tensor, Metrics]:
        self._set_fade(batch)
        return super().generator_loss(batch)

    def critic_loss(self, batch: Batch) -> tuple[Tensor, Metrics]:
        self._set_fade(batch)
        return super().critic_loss(batch)

    def _set_fade(self, batch: Batch) -> None:
        for network in self._growing():
            network.fade.fill_(min(1.0, batch.progress / FADE))
