"""From a picture back to a latent, where no encoder leads: by optimisation.

Zhu et al. 2016 (arXiv 1609.03552) and Creswell & Bharath 2016 (arXiv 1611.05644): look for the latent whose picture is
the one wanted. Here the loss of a latent z is ::

    mean (G(z) - x)^2  +  mean (f(G(z)) - f(x))^2 / 2 v  +  max(0, |z'|^2 - r)^2 / L^2

with x and G(z) in [-1, 1]. The second term, where there are features f, compares what a classifier sees; twice v, the
mean variance of each feature among drawn pictures, is what two drawn pictures differ by on average, so that the term
is 1 for a picture as good as any. The third keeps z typical of the prior: z' is z made round, of covariance 1 among
draws, and r is what 99 % of the draws stay below. Within that nothing pulls at z, so that a picture the generator can
draw is found exactly. (A point's length says the most of how typical it is: most of N(0, I) in many dimensions lies
near the sphere of radius sqrt(L), and a GAN knows nothing of what is beyond.)

Such losses have many valleys, so that many draws are tried, the best few go down with Adam at once, as rows of a batch
that share nothing, and the best of them counts. Of a latent that holds a class, one-hot, the class stays what it was
drawn as: the best start decides it by the best fit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from genlab.data.pictures import to_bytes, to_floats
from genlab.latent.spec import MAX_SEED, LatentError
from genlab.models.base import GenerativeModel
from genlab.models.infogan import CodePrior
from genlab.models.priors import ClassPrior, Prior
from genlab.models.seeding import seeded

FeatureMap = Callable[[Tensor], Tensor]
"""From pictures, float (N, C, H, W) in [-1, 1], to features (N, F); gradients pass through."""

MIN_STARTS, MAX_STARTS, DEFAULT_STARTS = 1, 32, 8
MIN_STEPS, MAX_STEPS, DEFAULT_STEPS = 20, 2_000, 200
TRIED = 512
"""Draws of which the best become starts; the same draws tell what is typical."""
RATE = 0.1
"""Of Adam, falling to zero along half a cosine."""
TYPICAL = 0.99
TELL_EVERY = 10
"""Steps from one state told to the next."""
FLOOR = 1e-6


@dataclass(frozen=True)
class Settings:
    """What an inversion is asked for.

    Attributes
    ----------
    seed
        Of the draws that are tried.
    starts
        How many latents go down at once, 1 to 32.
    steps
        Of Adam, 20 to 2,000.
    label
        The class that the latent has to hold, of a model that can be asked for one; None takes the one that fits best.

    Raises
    ------
    LatentError
        A value is out of range.
    """

    seed: int = 0
    starts: int = DEFAULT_STARTS
    steps: int = DEFAULT_STEPS
    label: int | None = None

    def __post_init__(self) -> None:
        for name, low, high in (
            ("seed", 0, MAX_SEED), ("starts", MIN_STARTS, MAX_STARTS), ("steps", MIN_STEPS, MAX_STEPS)
        ):  # fmt: skip
            value = getattr(self, name)
            if type(value) is not int or not low <= value <= high:
                raise LatentError(f"{name} must be a whole number between {low:,} and {high:,}.")


@dataclass(frozen=True)
class Inversion:
    """How far it has come.

    Attributes
    ----------
    z
        The best latent so far, float32 (L,).
    picture
        What the model draws from it, uint8 (C, H, W).
    losses
        The lowest loss so far, at the start and after each step done, float32 (T,).
    error
        Mean squared difference of the pixels, in [-1, 1], of `picture`.
    steps
        How many there are to be.
    """

    z: NDArray[np.float32]
    picture: NDArray[np.uint8]
    losses: NDArray[np.float32]
    error: float
    steps: int


def invert(
    model: GenerativeModel,
    picture: NDArray[np.uint8],
    settings: Settings,
    features: FeatureMap | None = None,
    guess: NDArray[np.float32] | None = None,
) -> Iterator[Inversion]:
    """Look for the latent of a picture; what is found so far comes every ten steps, the last one is the result.

    To stop is to ask for no more. The same arguments give the same latents on the CPU, whatever its threads.

    Parameters
    ----------
    model
        In evaluation mode, on the CPU.
    picture
        uint8 (C, H, W), of the model's shape.
    features
        What else is to agree besides pixels, of the data's classifier, say.
    guess
        A latent (L,) that becomes a start, such as the encoder's.

    Raises
    ------
    LatentError
        The picture does not fit, the model cannot be asked for this class, its pictures do not change smoothly with
        the latent, or it gives numbers that are not finite.
    """
    if picture.shape != tuple(model.shape) or picture.dtype != np.uint8:
        raise LatentError(f"The model draws pictures of shape {tuple(model.shape)}, this one has {picture.shape}.")
    if settings.label is not None and not 0 <= settings.label < model.prior.n_classes:
        raise LatentError("This model cannot be asked for such a class. Let the class be found.")
    if not can_invert(model):
        raise LatentError(
            "This model's pictures do not change smoothly with the latent, so there is no slope to follow. "
            "Choose a GAN or a VAE."
        )
    goal = _Goal(model, to_floats(torch.from_numpy(picture))[None], settings, features)
    yield from _descend(model, goal, _starts(goal, settings.starts, guess), settings.steps)


def can_invert(model: GenerativeModel) -> bool:
    """Whether pictures change smoothly with the latent, so that a slope can be followed."""
    z = model.prior.draw(1, seeded(0)).requires_grad_()
    picture = model.sample(z)
    if not picture.requires_grad:
        return False
    (slope,) = torch.autograd.grad(picture.sum(), z, allow_unused=True)
    return slope is not None


class _Goal:
    """The loss of latents, and what has to be known of the prior to judge them."""

    def __init__(self, model: GenerativeModel, wanted: Tensor, settings: Settings, features: FeatureMap | None) -> None:
        self.model, self.wanted, self.features = model, wanted, features
        self.draws = model.prior.draw(TRIED, seeded(settings.seed, TRIED), label=settings.label)
        self.held = one_hot(model.prior)
        free = self.draws[:, ~self.held].double()
        self.mean = free.mean(0)
        covariance = torch.atleast_2d(torch.cov(free.T))
        floor = FLOOR * covariance.diagonal().mean().clamp_min(FLOOR)
        self.round = torch.linalg.inv(torch.linalg.cholesky(covariance + floor * torch.eye(len(covariance)))).T
        self.typical = float(self._lengths(self.draws).quantile(TYPICAL))
        with torch.no_grad():
            self.seen = None if features is None else features(wanted)
            self.scale = 1.0 if features is None else self._feature_scale(features)

    def __call__(self, z: Tensor) -> Tensor:
        """The loss (N,) of latents (N, L)."""
        pictures = self.model.sample(z)
        loss: Tensor = (pictures - self.wanted).square().flatten(1).mean(1)
        if self.features is not None and self.seen is not None:
            loss = loss + (self.features(pictures) - self.seen).square().mean(1) / self.scale
        beyond = (self._lengths(z) - self.typical).clamp_min(0.0) / len(self.mean)
        return loss + beyond.square().to(loss.dtype)

    def _lengths(self, z: Tensor) -> Tensor:
        """Squared lengths (N,), where a draw's is as long as its latent has free numbers, on average."""
        lengths: Tensor = ((z[:, ~self.held].double() - self.mean) @ self.round).square().sum(1)
        return lengths

    def _feature_scale(self, features: FeatureMap) -> float:
        drawn = features(self.model.sample(self.draws))
        return max(2.0 * float(drawn.var(0).mean()), FLOOR)


def one_hot(prior: Prior) -> Tensor:
    """Which numbers of a latent name a class, as bool (L,): they are chosen, not moved."""
    held = torch.zeros(prior.size, dtype=torch.bool)
    if isinstance(prior, ClassPrior):
        held[prior.noise.size :] = True
    elif isinstance(prior, CodePrior):
        held[prior.noise : prior.noise + prior.categories] = True
    return held


@torch.no_grad()
def _starts(goal: _Goal, count: int, guess: NDArray[np.float32] | None) -> Tensor:
    """The best of the draws, and the guess before them where there is one: (count, L)."""
    losses = goal(goal.draws)
    if not bool(torch.isfinite(losses).all()):
        raise LatentError("The model gives numbers that are not finite. Choose an earlier checkpoint.")
    best = goal.draws[losses.argsort(stable=True)]
    if guess is None:
        return best[:count]
    return torch.cat([torch.from_numpy(guess)[None].to(best.dtype), best])[:count]


def _descend(model: GenerativeModel, goal: _Goal, z: Tensor, steps: int) -> Iterator[Inversion]:
    z = z.clone().requires_grad_()
    optimiser = torch.optim.Adam([z], lr=RATE)
    best, lowest = z[0].detach().clone(), math.inf
    curve: list[float] = []
    for step in range(steps + 1):
        losses = goal(z)
        at = int(losses.argmin())
        if float(losses[at].detach()) < lowest:
            best, lowest = z[at].detach().clone(), float(losses[at].detach())
        curve.append(lowest)
        if step % TELL_EVERY == 0 or step == steps:
            yield _state(model, goal, best, curve, steps)
        if step == steps:
            return
        # By the latents alone: the weights, which others use too, are not even marked.
        (slope,) = torch.autograd.grad(losses.sum(), z)
        z.grad = slope * ~goal.held
        optimiser.param_groups[0]["lr"] = RATE * 0.5 * (1.0 + math.cos(math.pi * step / steps))
        optimiser.step()


@torch.no_grad()
def _state(model: GenerativeModel, goal: _Goal, z: Tensor, curve: list[float], steps: int) -> Inversion:
    picture = model.sample(z[None])
    return Inversion(
        z=z.numpy().astype(np.float32),
        picture=to_bytes(picture)[0].numpy(),
        losses=np.asarray(curve, np.float32),
        error=float(F.mse_loss(picture, goal.wanted)),
        steps=steps,
    )
