"""A hidden Markov model that writes a picture row by row, like a line of speech.

Rabiner 1989, "A tutorial on hidden Markov models", Proc. IEEE 77. Each row of the picture is one observation: a hidden
state s_t, one of K, follows from the state of the row above alone, and the pixels of the row are independent given it::

    p(x) = sum over s_1 .. s_H of  p(s_1) p(x_1 | s_1)  prod_t p(s_t | s_t-1) p(x_t | s_t)

The forward algorithm computes the sum exactly in H steps, here with logarithms that are brought back to a largest of 0
before each product of matrices. The loss is ``-log p(x)`` in nats a picture, and its gradient goes through the
algorithm; the classical way, expectation maximisation (Baum-Welch), climbs the same likelihood in passes over all
pictures. The gradient is used so that this model is trained, paused, resumed and drawn as curves like any other here.
hmmlearn is the reference in the tests: the same numbers give the same likelihoods and posteriors there.

Pixels are Bernoulli in [0, 1]; grey ones are taken as probabilities, as in :mod:`genlab.models.vae`. The three colours
of a row stand side by side, as more pixels.

Latents: one standard normal number a row. ``u = Phi(z_t)`` picks the state of row t by the quantile function of its
distribution given the state above, so that z ~ N(0, I) draws from the model exactly. Shown is the mean of the pixels.

Shapes: rows (N, H, C * W); start (K,), transition (K, K), emission (K, C * W), all logits; latents (N, H).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genlab.models.base import Batch, GenerativeModel, Metrics, Player, Shape, Stage
from genlab.models.options import option
from genlab.models.preset import Preset
from genlab.models.priors import NormalPrior

FLOOR = 1e-30
"""Least share of a sum over states: a transition that vanishes in float32 must not end in the logarithm of 0."""


@dataclass(frozen=True)
class HmmOptions:
    """What a hidden Markov model can be given."""

    states: int = option(128, "States", "Hidden states that a row of pixels can be in.", low=1, high=512, basic=True)
    lr: float = option(0.05, "Learning rate", "Learning rate.", low=1e-6, high=1.0, log=True, basic=True)
    decay_from: float = option(
        0.5,
        "Rate falls from",
        "Share of the training after which the rate falls linearly to zero; 1 keeps it.",
        low=0.0,
        high=1.0,
    )


class HMM(GenerativeModel):
    """See the module's text.

    Attributes
    ----------
    start
        Logits (K,) of the state of the first row.
    transition
        Logits (K, K) of the state of a row, given the state of the row above it by the first index.
    emission
        Logits (K, C * W) of the pixels of a row.
    """

    key = "hmm"
    title = "Hidden Markov model"
    about = (
        "Writes a picture row by row, each row in one of a fixed set of states. Its likelihood is exact; the field "
        "moved on because a row knows nothing but the state above it: strokes do not meet, and shapes fall apart."
    )
    family = "older"
    has_hidden = False
    sees = "states"
    Options = HmmOptions
    presets = (
        Preset(
            key="hmm",
            model="hmm",
            title="Hidden Markov model of the rows",
            about="128 states for the rows of a picture; made for 8x8 digits, on which it takes seconds.",
        ),
    )
    averaged = ()

    options: HmmOptions

    def __init__(self, shape: Shape, options: Any, n_classes: int = 0) -> None:
        super().__init__(shape, options, n_classes)
        channels, height, width = shape
        self.start = nn.Parameter(torch.zeros(options.states))
        self.transition = nn.Parameter(torch.randn(options.states, options.states))
        self.emission = nn.Parameter(torch.randn(options.states, channels * width))
        self.prior = NormalPrior(height)

    def stages(self) -> list[Stage]:
        o = self.options
        return [Stage("rows", 1.0, [Player("rows", list(self.parameters()), self.loss, o.lr, decay_from=o.decay_from)])]

    def loss(self, batch: Batch) -> tuple[Tensor, Metrics]:
        """Mean of -log p(x), in nats a picture."""
        with torch.autocast(batch.x.device.type, enabled=False):
            loss = -self.log_likelihood(batch.x).mean()
        return loss, {"loss": loss.detach()}

    def log_likelihood(self, x: Tensor) -> Tensor:
        """Log-likelihood (N,) of pictures (N, C, H, W) in [-1, 1], in nats."""
        return torch.logsumexp(self._forward(self.row_likelihoods(x))[-1], 1)

    def row_likelihoods(self, x: Tensor) -> Tensor:
        """What log p(row | state) is for pictures (N, C, H, W): (H, N, K)."""
        rows = 0.5 * (x.permute(2, 0, 1, 3).flatten(2) + 1.0)
        return rows @ self.emission.T - F.softplus(self.emission).sum(1)

    def _forward(self, rows: Tensor) -> list[Tensor]:
        """The log of p(x_1 .. x_t, s_t), (N, K) for each of H rows, from their likelihoods (H, N, K)."""
        transition = self.transition.softmax(1)
        found = [self.start.log_softmax(0) + rows[0]]
        for row in rows[1:]:
            found.append(_log_matmul(found[-1], transition) + row)
        return found

    def _backward(self, rows: Tensor) -> list[Tensor]:
        """The log of p(x_t+1 .. x_H | s_t), (N, K) for each of H rows, from their likelihoods (H, N, K)."""
        transition = self.transition.softmax(1)
        found = [torch.zeros_like(rows[0])]
        for row in reversed(rows[1:]):
            found.append(_log_matmul(row + found[-1], transition.T))
        return found[::-1]

    def posterior(self, x: Tensor) -> Tensor:
        """p(s_t | x) of pictures (N, C, H, W): (N, H, K)."""
        rows = self.row_likelihoods(x)
        joint = torch.stack(self._forward(rows), 1) + torch.stack(self._backward(rows), 1)
        return joint.softmax(2)

    def sample(self, z: Tensor) -> Tensor:
        edges = self.transition.softmax(1).cumsum(1)[:, :-1]  # between the intervals of the states
        uniform = torch.special.ndtr(z).unsqueeze(2)
        states = [(self.start.softmax(0).cumsum(0)[:-1] <= uniform[:, 0]).sum(1)]
        for row in range(1, z.shape[1]):
            states.append((edges[states[-1]] <= uniform[:, row]).sum(1))
        channels, _, width = self.shape
        means = 2.0 * self.emission.sigmoid().view(-1, channels, width) - 1.0
        return means[torch.stack(states, 1)].transpose(1, 2)

    def features(self, x: Tensor) -> Tensor:
        """Posterior probabilities of the states of all rows."""
        return self.posterior(x).flatten(1)


def _log_matmul(logs: Tensor, matrix: Tensor) -> Tensor:
    """``log(exp(logs) @ matrix)`` for logs (N, K) and a matrix (K, K) in [0, 1]."""
    largest = logs.amax(1, keepdim=True)
    return ((logs - largest).exp() @ matrix).clamp_min(FLOOR).log() + largest
