"""Losses as pure functions: sums run over pixels and latents, means over the batch.

What the two players of a GAN minimise stands in :mod:`genlab.models.objectives`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

Judge = Callable[[Tensor], Tensor]
"""Pictures (N, C, H, W) to logits (N,)."""


def r1_penalty(critic: Judge, x: Tensor) -> Tensor:
    """``E[|grad_x critic(x)|^2]`` on real pictures, without its factor gamma / 2.

    Mescheder et al. 2018, arXiv 1801.04406, eq. 9. Computed in float32 whatever the precision around it.

    Parameters
    ----------
    x
        Real pictures (N, C, H, W).
    """
    return _slopes(critic, x).square().sum(1).mean()


def gradient_penalty(critic: Judge, real: Tensor, fake: Tensor, share: Tensor) -> Tensor:
    """``E[(|grad critic| - 1)^2]`` at points between real and generated pictures, without its weight.

    Gulrajani et al. 2017, arXiv 1704.00028, eq. 3: one point a pair, and the norm goes over all of a picture's pixels.
    Computed in float32 whatever the precision around it.

    Parameters
    ----------
    real, fake
        Pictures (N, C, H, W).
    share
        Where between them, one number in [0, 1] a pair: (N,).
    """
    between = torch.lerp(fake.float(), real.float(), share.view(-1, 1, 1, 1))
    norms: Tensor = torch.linalg.vector_norm(_slopes(critic, between), dim=1)
    return (norms - 1.0).square().mean()


def _slopes(critic: Judge, x: Tensor) -> Tensor:
    """Gradients (N, C * H * W) of the critic's logits by the pictures, ready to be learned from."""
    with torch.autocast(x.device.type, enabled=False):
        x = x.detach().float().requires_grad_()
        (gradient,) = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
        slopes: Tensor = gradient.flatten(1)
        return slopes


def feature_matching(real: Tensor, fake: Tensor) -> Tensor:
    """Squared distance between the mean features (N, F) of real and of generated pictures, averaged over features.

    Salimans et al. 2016, arXiv 1606.03498, section 3.1; there it is a sum, which depends on how wide the critic is.
    """
    return (real.float().mean(0).detach() - fake.float().mean(0)).square().mean()


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
