"""What the training loop, the pages and the command line know about a model, whichever it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple

import torch
from torch import Tensor, nn

from genlab.data.pictures import Pictures
from genlab.models.preset import Preset
from genlab.models.priors import Prior

Metrics = dict[str, Tensor]
"""Named scalars for the curves, detached, on the training device."""

Shape = tuple[int, int, int]
"""Channels, height, width of one picture."""


@dataclass
class Batch:
    """What the players of one step see.

    Attributes
    ----------
    x
        Real pictures, float (N, C, H, W) in [-1, 1].
    y
        Their classes, int64 (N,), or None for unlabelled pictures.
    step
        Number of this step, from 0; lazy regularisers play by it.
    generator
        The only source of randomness a loss may use: its state is in every checkpoint. It is asked by the methods
        below, which a process that sees a share of the batch answers with its share of the same numbers.
    shared
        What one player leaves for the next within the step, such as the pictures just generated.
    progress
        Share of the stage that is over, 0 to 1.
    """

    x: Tensor
    y: Tensor | None
    step: int
    generator: torch.Generator
    shared: dict[str, Tensor] = field(default_factory=dict)
    progress: float = 0.0

    def normal(self, *shape: int) -> Tensor:
        """Standard normal noise of the given shape, on the batch's device."""
        return torch.randn(*shape, generator=self.generator, device=self.x.device)

    def uniform(self, *shape: int) -> Tensor:
        """Noise between 0 and 1 of the given shape, on the batch's device."""
        return torch.rand(*shape, generator=self.generator, device=self.x.device)

    def latents(self, prior: Prior, label: Tensor | None = None) -> Tensor:
        """As many latents of a prior as there are pictures, of classes (N,) where they are given."""
        return prior.draw(len(self.x), self.generator, label=label)


class Player(NamedTuple):
    """One optimiser and what it minimises.

    While a player plays, the parameters of the others are frozen.
    """

    name: str  # "generator", "critic", "autoencoder"
    parameters: list[nn.Parameter]
    loss: Callable[[Batch], tuple[Tensor, Metrics]]  # scalar, and named scalars for the curves
    lr: float
    betas: tuple[float, float] = (0.9, 0.999)
    decay_from: float = 1.0  # share of the stage after which the rate falls linearly to zero; 1: never
    plays: Callable[[int], bool] = lambda _step: True  # whether it plays at a step
    rate: Callable[[], float] | None = None  # factor on its learning rate, asked for at each step


class Stage(NamedTuple):
    """Players that play together for a share of the run's budget. Most models have one stage."""

    name: str
    share: float
    players: list[Player]
    before: Callable[[Pictures], None] | None = None  # runs once as the stage begins


Sight = Literal["latents", "codes", "critic", "states", "units"]
"""What a model sees in pictures: their latents, a codebook's vectors, what its critic sees, the states of a chain that
the rows are in, or the topmost hidden units."""

Family = Literal["hybrid", "vae", "gan", "transformer", "older"]
"""What models are listed under, in this order."""


class GenerativeModel(nn.Module):
    """A model that learns to draw pictures like those it is shown.

    Subclasses set the class attributes, build their networks in ``__init__`` and say in
    :meth:`stages` who learns what.

    Parameters
    ----------
    shape
        (C, H, W) of the pictures.
    options
        An instance of the class's ``Options``.
    n_classes
        Number of classes of the data set, 0 where it has none.
    """

    key: ClassVar[str]  # registry key = key in a configuration = label on the screen
    title: ClassVar[str]
    about: ClassVar[str]  # what it does, for people who choose one, in a sentence or two
    family: ClassVar[Family]
    presets: ClassVar[tuple[Preset, ...]]  # the first bears the model's key and is its default
    Options: ClassVar[type]
    has_encoder: ClassVar[bool] = False
    sees: ClassVar[Sight] = "latents"  # what :meth:`features` gives
    traced_encoding: ClassVar[str] = "latents"  # what :meth:`encode_traced` gives, in a word
    has_hidden: ClassVar[bool] = True  # whether layers lie between a latent and its picture
    no_graph: ClassVar[str] = ""  # why :meth:`sample` cannot be written down as a graph of tensors, where it cannot
    averaged: ClassVar[tuple[str, ...]]  # submodules of which an exponential moving average is kept

    prior: Prior

    def __init__(self, shape: Shape, options: Any, n_classes: int = 0) -> None:
        super().__init__()
        self.shape = shape
        self.options = options
        self.n_classes = n_classes

    def stages(self) -> list[Stage]:
        """Who trains what, in which order; shares add up to 1."""
        raise NotImplementedError

    @property
    def ema_halflife(self) -> float:
        """Pictures after which a weight counts half in the moving average; 0 keeps no average."""
        return 0.0

    @property
    def needs_whole_batch(self) -> str:
        """What looks at all pictures of a batch at once, batch normalisation apart; empty where nothing does.

        Processes that each see a share of the batch cannot train it together.
        """
        return ""

    def fit_prior(self, pictures: Pictures) -> None:
        """Fit what :attr:`prior` draws from to `pictures`, where the model has something to fit.

        Depends on the weights and the pictures only, so that it may be called at any moment of the
        training without changing what comes after.
        """

    def sample(self, z: Tensor) -> Tensor:
        """Pictures (N, C, H, W) in [-1, 1] from latents (N, latent)."""
        raise NotImplementedError

    def encode(self, x: Tensor) -> Tensor:
        """Latents (N, latent) of pictures (N, C, H, W) in [-1, 1]; only where ``has_encoder``."""
        raise NotImplementedError

    def reconstruct(self, x: Tensor) -> Tensor:
        """``sample(encode(x))``: what is left of pictures (N, C, H, W) that were encoded, where ``has_encoder``."""
        return self.sample(self.encode(x))

    def traceable_sample(self) -> Callable[[Tensor], Tensor]:
        """What :meth:`sample` computes, as a function that can be written down as a graph of tensors."""
        return self.sample

    def encode_traced(self, x: Tensor) -> Tensor:
        """What :meth:`encode` computes, to be written down likewise, or what a class says in ``traced_encoding``."""
        return self.encode(x)

    def features(self, x: Tensor) -> Tensor:
        """What the model itself sees in pictures (N, C, H, W): (N, F)."""
        raise NotImplementedError
