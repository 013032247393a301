"""What the two players of a GAN minimise: five objectives, each a pair of pure functions of logits.

======================  ===============================================  =============================
objective               critic                                           generator
======================  ===============================================  =============================
``non-saturating``      E[softplus(-D(x))] + E[softplus(D(G(z)))]        E[softplus(-D(G(z)))]
``minimax``             the same                                         -E[softplus(D(G(z)))]
``least-squares``       E[(D(x) - 1)^2] / 2 + E[D(G(z))^2] / 2           E[(D(G(z)) - 1)^2] / 2
``wasserstein``         E[D(G(z))] - E[D(x)]                             -E[D(G(z))]
``hinge``               E[relu(1 - D(x))] + E[relu(1 + D(G(z)))]         -E[D(G(z))]
======================  ===============================================  =============================

D is the critic's logit throughout, E a mean over the batch. Minimax and non-saturating: Goodfellow et al. 2014,
arXiv 1406.2661, eq. 1 and section 3. Least squares: Mao et al. 2016, arXiv 1611.04076, eq. 9. Wasserstein: Arjovsky
et al. 2017, arXiv 1701.07875. Hinge: Lim & Ye 2017, arXiv 1705.02894.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor
from torch.nn import functional as F


class Objective(NamedTuple):
    """The losses of both players. Logits (N,) in, scalar out, in float32 whatever the precision around them.

    Attributes
    ----------
    critic
        Of the logits on real and on generated pictures, and the target that real ones have (1, or a little less
        with one-sided label smoothing; where ``smooths`` is False it is not looked at).
    generator
        Of the logits on generated pictures.
    smooths
        Whether the critic's targets are probabilities, which label smoothing may move.
    boundary
        The logit above which the critic takes a picture for real; None where only differences of logits mean anything,
        so that the middle between the two means stands for it.
    """

    critic: Callable[[Tensor, Tensor, float], Tensor]
    generator: Callable[[Tensor], Tensor]
    smooths: bool = False
    boundary: float | None = 0.0

    def right(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """Shares of real and of generated pictures that logits (N,) judge rightly."""
        boundary = 0.5 * (real.mean() + fake.mean()) if self.boundary is None else self.boundary
        return (real > boundary).float().mean(), (fake < boundary).float().mean()


def logistic_critic(real: Tensor, fake: Tensor, target: float = 1.0) -> Tensor:
    """Binary cross-entropy of a critic that calls real pictures `target` and generated ones 0.

    For ``D = sigmoid(logit)`` and target 1 this is ``-log D(x) - log(1 - D(G(z)))``. A target below 1 is the one-sided
    label smoothing of Salimans et al. 2016, arXiv 1606.03498, section 3.4.
    """
    real, fake = real.float(), fake.float()
    return (F.softplus(real) - target * real).mean() + F.softplus(fake).mean()


def non_saturating_generator(fake: Tensor) -> Tensor:
    """``-log D(G(z))``, which keeps its gradient when the critic wins."""
    return F.softplus(-fake.float()).mean()


def minimax_generator(fake: Tensor) -> Tensor:
    """``log(1 - D(G(z)))``, the other side of the critic's loss; its gradient vanishes when the critic wins."""
    return -F.softplus(fake.float()).mean()


def least_squares_critic(real: Tensor, fake: Tensor, _target: float = 1.0) -> Tensor:
    """Squared distance of logits from 1 on real and from 0 on generated pictures, halved."""
    return 0.5 * ((real.float() - 1.0).square().mean() + fake.float().square().mean())


def least_squares_generator(fake: Tensor) -> Tensor:
    """Squared distance of logits from 1, halved."""
    return 0.5 * (fake.float() - 1.0).square().mean()


def wasserstein_critic(real: Tensor, fake: Tensor, _target: float = 1.0) -> Tensor:
    """The negative of an estimate of the Wasserstein-1 distance, for a critic held to slope 1."""
    return fake.float().mean() - real.float().mean()


def linear_generator(fake: Tensor) -> Tensor:
    """The critic's mean logit, negative: for the Wasserstein and the hinge objective."""
    return -fake.float().mean()


def hinge_critic(real: Tensor, fake: Tensor, _target: float = 1.0) -> Tensor:
    """Zero where real logits are above 1 and generated ones below -1, linear elsewhere."""
    return F.relu(1.0 - real.float()).mean() + F.relu(1.0 + fake.float()).mean()


OBJECTIVES: dict[str, Objective] = {
    "non-saturating": Objective(logistic_critic, non_saturating_generator, smooths=True),
    "minimax": Objective(logistic_critic, minimax_generator, smooths=True),
    "least-squares": Objective(least_squares_critic, least_squares_generator, boundary=0.5),
    "wasserstein": Objective(wasserstein_critic, linear_generator, boundary=None),
    "hinge": Objective(hinge_critic, linear_generator),
}
