"""Vital signs of a training, measured now and then: what tells a sick one from a healthy one before a score can.

All of it is asked of the model by what it has: a critic, a Gaussian posterior, gradients. Nothing here draws from the
training's random numbers or moves its weights; pictures are drawn and judged by the trainer's sampler, which is a copy.

====================================  ==================================================================================
``<player>/gradient norm``            2-norm of the gradient that the player last learned from
``critic/spectral norm``              largest singular value of any of the critic's weights (arXiv 1802.05957)
``critic/training logit``, ...        mean logit of training, of held-out and of generated pictures: a critic that
                                      learns pictures by heart tells the first two apart (ADA, arXiv 2006.06676, sec. 2)
``encoder/latents in use``            latents whose KL is above 0.1 nats, a mean over pictures; with the least and the
                                      largest KL of a latent (posterior collapse: arXiv 1511.06349)
``<player>/held-out loss``            the evidence bound, with its beta, of held-out pictures and of training ones
``samples/diversity``                 mean distance between two of the drawn pictures, over that of training pictures
====================================  ==================================================================================
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from genlab.data.pictures import Pictures, to_floats
from genlab.models.base import Batch, GenerativeModel, Player
from genlab.models.critic import Critic
from genlab.models.encoding import Posterior
from genlab.models.losses import gaussian_kl
from genlab.training.trainer import Trainer

LOOKED_AT = 128
"""Pictures of each kind that a look takes in."""

IN_USE_NATS = 0.1
"""Mean KL above which a latent tells the decoder something."""

POWER_ITERATIONS = 20
SEED = 0


class Vitals:
    """Measures one training.

    Parameters
    ----------
    held_out
        Pictures of the same kind that the training never sees; None leaves out what needs them.
    """

    def __init__(self, trainer: Trainer, held_out: Pictures | None) -> None:
        self.trainer = trainer
        seen, unseen = trainer.pictures.spread(LOOKED_AT), held_out
        self.held_out = None if unseen is None else unseen.spread(LOOKED_AT).to(trainer.device)
        self.training = seen

    def gradients(self) -> dict[str, float]:
        """The norm of each player's last gradient; without those that overflowed in half precision."""
        norms = {}
        for player in self.trainer.players:
            gradients = [p.grad for p in player.parameters if p.grad is not None]
            norm = float(torch.nn.utils.get_total_norm(gradients)) if gradients else math.nan
            if math.isfinite(norm):
                norms[f"{player.name}/gradient norm"] = norm
        return norms

    @torch.no_grad()
    def look(self, fit_on: int) -> dict[str, float]:
        """All the others, of the model that draws; numbers that are not finite are left out.

        Parameters
        ----------
        fit_on
            How many training pictures a fitted prior is fitted to, at most.
        """
        model = self.trainer.sampler(fit_on)
        generated = model.sample(self._latents(model, LOOKED_AT))
        signs = {"samples/diversity": relative_diversity(generated, to_floats(self.training.images))}
        players = model.stages()[self.trainer.stage_index].players
        critic, encoder = getattr(model, "critic", None), getattr(model, "encoder", None)
        playing = isinstance(critic, Critic) and any(_moves(player, critic) for player in players)
        if isinstance(critic, Critic) and playing:
            signs["critic/spectral norm"] = max(map(spectral_norm, _matrices(critic)))
            signs |= self._logits(model, critic)
        if isinstance(encoder, Posterior):
            signs |= self._latents_in_use(encoder)
            if not playing:  # with a critic's say in it a loss is no likelihood
                signs |= self._losses(next(player for player in players if _moves(player, encoder)))
        return {name: value for name, value in signs.items() if math.isfinite(value)}

    def _latents(self, model: GenerativeModel, n: int, label: Tensor | None = None) -> Tensor:
        generator = torch.Generator().manual_seed(SEED)
        return model.prior.draw(n, generator, label=label).to(self.trainer.device)

    def _logits(self, model: GenerativeModel, critic: Critic) -> dict[str, float]:
        told = critic.plane is not None or critic.project is not None

        def logit(pictures: Pictures, images: Tensor) -> float:
            return float(critic(images, pictures.labels if told else None).float().mean())

        # Of as many pictures each: what a critic sees of a batch depends on its size.
        unseen = self.held_out or self.training
        seen = self.training.subset(torch.arange(min(len(unseen), len(self.training))))
        label = seen.labels.cpu() if told and seen.labels is not None else None
        signs = {
            "critic/training logit": logit(seen, to_floats(seen.images)),
            "critic/generated logit": logit(seen, model.sample(self._latents(model, len(seen), label))),
        }
        if self.held_out is not None:
            unseen = self.held_out.subset(torch.arange(len(seen)))
            signs["critic/held-out logit"] = logit(unseen, to_floats(unseen.images))
        return signs

    def _latents_in_use(self, encoder: Posterior) -> dict[str, float]:
        kl = gaussian_kl(*encoder(to_floats(self.training.images), self.training.labels)).mean(0)
        return {
            "encoder/latents in use": float((kl > IN_USE_NATS).sum()),
            "encoder/least KL": float(kl.min()),
            "encoder/largest KL": float(kl.max()),
        }

    def _losses(self, player: Player) -> dict[str, float]:
        signs = {f"{player.name}/training loss": self._loss(player, self.training)}
        if self.held_out is not None:
            signs[f"{player.name}/held-out loss"] = self._loss(player, self.held_out)
        return signs

    def _loss(self, player: Player, pictures: Pictures) -> float:
        generator = torch.Generator(self.trainer.device).manual_seed(SEED)
        loss, _ = player.loss(Batch(to_floats(pictures.images), pictures.labels, 0, generator))
        return float(loss)


def _moves(player: Player, network: nn.Module) -> bool:
    own = {id(parameter) for parameter in network.parameters()}
    return any(id(parameter) in own for parameter in player.parameters)


def relative_diversity(generated: Tensor, real: Tensor) -> float:
    """Mean distance between two of the generated pictures (N, C, H, W), over that of real ones (M, C, H, W).

    Distances are Euclidean, between pixels. 1 is as different as real pictures are, 0 is all the same. NaN where the
    real ones are all the same.
    """
    return float(_mean_distance(generated) / _mean_distance(real))


def _mean_distance(pictures: Tensor) -> Tensor:
    return nn.functional.pdist(pictures.flatten(1)).mean()


def spectral_norm(matrix: Tensor) -> float:
    """Largest singular value of a matrix, by power iterations from a fixed start: a little low at worst."""
    generator = torch.Generator().manual_seed(SEED)
    v = torch.randn(matrix.shape[1], generator=generator).to(matrix)
    for _ in range(POWER_ITERATIONS):
        u = nn.functional.normalize(matrix @ nn.functional.normalize(v, dim=0), dim=0)
        v = matrix.T @ u
    return float(v.norm())


def _matrices(network: nn.Module) -> Iterator[Tensor]:
    """The weights of the linear maps, convolutions as a matrix (outputs, the rest)."""
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            yield module.weight.float().flatten(1)
