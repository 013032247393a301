"""Losses as pure functions: logits in, scalar out. Sums run over pixels and latents, means over the batch."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def critic_logistic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Binary cross-entropy of a critic that calls real pictures 1 and generated ones 0.

    ``E[softplus(-real)] + E[softplus(fake)]``, which is ``-log D(x) - log(1 - D(G(z)))`` for
    ``D = sigmoid(logit)`` (Goodfellow et al. 2014, arXiv 1406.2661, eq. 1).

    Parameters
    ----------
    real, fake
        Logits (N,) or (N, 1) on real and on generated pictures.
    """
    return F.softplus(-real.float()).mean() + F.softplus(fake.float()).mean()


def generator_non_saturating_loss(fake: Tensor) -> Tensor:
    """``-log D(G(z))``, which keeps its gradient when the critic wins (arXiv 1406.2661, section 3)."""
    return F.softplus(-fake.float()).mean()


def r1_penalty(critic: nn.Module, x: Tensor) -> Tensor:
    """``E[|grad_x critic(x)|^2]`` on real pictures, without its factor gamma / 2.

    Mescheder et al. 2018, arXiv 1801.04406, eq. 9. Computed in float32 whatever the precision around it.

    Parameters
    ----------
    x
        Real pictures (N, C, H, W).
    """
    with torch.autocast(x.device.type, enabled=False):
        x = x.detach().float().requires_grad_()
        (gradient,) = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
        return gradient.square().flatten(1).sum(1).mean()


def gaussian_kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL divergence of N(mean, exp(log_variance)) from N(0, I): (N, D) -> (N, D), in nats.

    ``(mean^2 + variance - 1 - log variance) / 2`` (Kingma & Welling 2013, arXiv 1312.6114, appendix B).
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance)


def bernoulli_nll(logits: Tensor, x: Tensor) -> Tensor:
    """Cross-entropy of pixels `x` in [0, 1] under Bernoulli logits, summed over the pixels: (N,), in nats."""
    return F.binary_cross_entropy_with_logits(logits.float(), x, reduction="none").flatten(1).sum(1)


def gaussian_nll(mean: Tensor, x: Tensor, log_scale: Tensor) -> Tensor:
    """Negative log-density of `x` under N(mean, exp(log_scale)^2), summed over the pixels: (N,), in nats.

    One scale for all pixels, learned with the networks: Rybkin et al. 2020, "Simple and effective VAE
    training with calibrated decoders", arXiv 2006.13202.
    """
    scaled = (x - mean.float()) * torch.exp(-log_scale)
    return (0.5 * scaled.square() + log_scale + 0.5 * math.log(2 * math.pi)).flatten(1).sum(1)
