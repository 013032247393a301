"""InfoGAN: a GAN whose latent has named parts, which the critic must be able to read back from the pictures.

Chen et al. 2016, "InfoGAN: Interpretable Representation Learning by Information Maximizing Generative Adversarial
Nets", arXiv 1606.03657. Beside noise the latent holds a code c: one of K categories (uniform) and numbers between -1
and 1 (uniform). A network Q that shares the critic's body reads the code back from a picture, and both players minimise
its error, a bound on the mutual information between code and picture::

    weight * E[ cross entropy(Q_k(G(z, c)), category)  +  sum_j (Q_j(G(z, c)) - c_j)^2 / 2 ]

So without any label the categories tend to become the classes, and the numbers slant, width and the like.

Shapes: the latent is (N, noise + K + numbers), the category one-hot; generator, critic and what else a GAN here can be
given as in :mod:`genlab.models.dcgan`.

Departs from the paper: Q's Gaussians have variance 1 instead of one that is learned, and Q reads by one linear layer
from the critic's features. Samples cannot be asked for by category, since nobody knows the name of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genlab.models.adversarial import AdversarialModel
from genlab.models.adversarial_options import AdversarialOptions
from genlab.models.base import Batch, Shape
from genlab.models.networks import ConvDown, ConvolutionOptions, ConvUp
from genlab.models.options import ModelError, option
from genlab.models.preset import Preset
from genlab.models.priors import Label, Prior


@dataclass(frozen=True)
class InfoganOptions(ConvolutionOptions, AdversarialOptions):
    """What every GAN can be given, and the parts of the code."""

    categories: int = option(
        10, "Categories", "Kinds of pictures to tell apart without labels.", low=2, high=100, basic=True
    )
    numbers: int = option(
        2,
        "Code numbers",
        "Numbers between -1 and 1 that are to mean something, such as slant.",
        low=0,
        high=16,
        basic=True,
    )
    information: float = option(
        1.0, "Information weight", "Weight of reading the code back from the pictures.", low=0.0, high=100.0
    )


class CodePrior(Prior):
    """Noise, a category one-hot, and numbers uniform in [-1, 1]: (n, noise + categories + numbers).

    A truncation scales the noise and the numbers; the category is whole.
    """

    def __init__(self, noise: int, categories: int, numbers: int) -> None:
        super().__init__(noise + categories + numbers, 0)
        self.noise, self.categories, self.numbers_size = noise, categories, numbers

    def numbers(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        device = generator.device
        category = torch.randint(self.categories, (n, 1), generator=generator, device=device)
        normal = torch.randn(n, self.noise, generator=generator, device=device)
        own = torch.rand(n, self.numbers_size, generator=generator, device=device)
        return torch.cat([(category + 0.5) / self.categories, own], 1), normal

    def latents(self, uniform: Tensor, normal: Tensor, truncation: float | Tensor = 1.0, label: Label = None) -> Tensor:
        if label is not None:
            raise ModelError("This model was told no classes: it found categories by itself, without names.")
        category = (uniform[:, 0] * self.categories).long().clamp(max=self.categories - 1)
        one_hot = F.one_hot(category, self.categories).to(normal.dtype)
        return torch.cat([truncation * normal, one_hot, truncation * (2.0 * uniform[:, 1:] - 1.0)], 1)

    def split(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Category (N,) and numbers (N, numbers) of latents."""
        _, category, numbers = z.split([self.noise, self.categories, self.numbers_size], 1)
        return category.argmax(1), numbers


class InfoGAN(AdversarialModel):
    """See the module's text."""

    key = "infogan"
    title = "InfoGAN"
    about = (
        "A GAN that sorts by itself: parts of its latent must be readable from the picture, and come to mean things "
        "such as kind and slant, without any label."
    )
    family = "gan"
    Options = InfoganOptions
    presets = (
        Preset(
            key="infogan",
            model="infogan",
            title="InfoGAN",
            about="Ten categories and two numbers; convolutions as in the small DCGAN.",
            options={"lr_generator": 0.002, "lr_critic": 0.002},
        ),
    )

    options: InfoganOptions

    def __init__(self, shape: Shape, options: Any, n_classes: int = 0) -> None:
        super().__init__(shape, options, n_classes)
        if self.conditional:
            raise ModelError("InfoGAN finds its categories without labels. Set the condition to none.")
        self.prior = CodePrior(options.latent, options.categories, options.numbers)
        self.generator = nn.Sequential(
            ConvUp(self.prior.size, shape, options.width, options.generator_leak, options.generator_norm),
            nn.Tanh(),
        )
        body = ConvDown(shape, options.width, options.critic_leak, options.critic_norm)
        self.critic = self.make_critic(body, body.size, options.categories + options.numbers)

    def draw_latents(self, batch: Batch) -> Tensor:
        return batch.latents(self.prior)

    def recovery(self, features: Tensor, batch: Batch) -> Tensor:
        """The weighted error of reading the code back, in nats a picture."""
        assert isinstance(self.prior, CodePrior)
        category, numbers = self.prior.split(batch.shared["z"])
        logits, means = self.critic.recover(features).split([self.options.categories, self.options.numbers], 1)
        error = F.cross_entropy(logits, category) + 0.5 * (means - numbers).square().sum(1).mean()
        weighted: Tensor = self.options.information * error
        return weighted
