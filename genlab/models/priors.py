"""Where latents are drawn from: a standard normal, or a Gaussian mixture fitted to a trained encoder.

A mixture over the latents of the training pictures, fitted once training is done, samples where
the decoder has learned to decode (Ghosh et al. 2019, "From Variational to Deterministic
Autoencoders", arXiv 1903.12436). It is the best gain per line that a VAE can have.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from genlab.models.options import ModelError

FLOOR, FLOOR_SHARE = 1e-4, 1e-6
"""What is added to every variance, at least and as a share of the average one, so that all are above 0."""


Label = int | Tensor | None


class Prior(nn.Module):
    """A distribution over latents.

    Attributes
    ----------
    size
        Length of a latent.
    n_classes
        How many classes a sample may be asked for; 0 when the prior knows none.
    """

    def __init__(self, size: int, n_classes: int = 0) -> None:
        super().__init__()
        self.size = size
        self.n_classes = n_classes

    def draw(self, n: int, generator: torch.Generator, truncation: float = 1.0, label: Label = None) -> Tensor:
        """Draw latents (n, size), on the generator's device.

        Parameters
        ----------
        truncation
            Scales the distance from the centre: below 1 gives safer, less varied pictures.
        label
            Class to draw, 0 to ``n_classes - 1``, or one for each (n,); None draws from all.
        """
        return self.latents(*self.numbers(n, generator), truncation, label)

    def numbers(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The random numbers that `n` latents are made of: uniform (n, U) in [0, 1), and standard normal (n, D)."""
        raise NotImplementedError

    def latents(self, uniform: Tensor, normal: Tensor, truncation: float | Tensor = 1.0, label: Label = None) -> Tensor:
        """The latents (n, size) that are made of such numbers; no other chance is in them."""
        raise NotImplementedError


class NormalPrior(Prior):
    """Independent standard normals."""

    def numbers(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        normal = torch.randn(n, self.size, generator=generator, device=generator.device)
        return normal[:, :0], normal

    def latents(
        self,
        uniform: Tensor,  # noqa: ARG002 -- of width 0
        normal: Tensor,
        truncation: float | Tensor = 1.0,
        label: Label = None,
    ) -> Tensor:
        if label is not None:
            raise ModelError("This model knows no classes: its latents come from one normal distribution.")
        return truncation * normal


class ClassPrior(Prior):
    """Noise of another prior with a class beside it, one-hot: (n, noise.size + n_classes).

    So a conditional model has one latent space, in which a walk may lead from class to class. The classes are drawn as
    often as they come in the pictures that :meth:`fit` has seen, evenly before.
    """

    weights: Tensor  # (n_classes,)

    def __init__(self, noise: Prior, n_classes: int) -> None:
        super().__init__(noise.size + n_classes, n_classes)
        self.noise = noise
        self.register_buffer("weights", torch.full((n_classes,), 1.0 / n_classes))

    def numbers(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        own = torch.rand(n, 1, generator=generator, device=generator.device)
        uniform, normal = self.noise.numbers(n, generator)
        return torch.cat([own, uniform], 1), normal

    def latents(self, uniform: Tensor, normal: Tensor, truncation: float | Tensor = 1.0, label: Label = None) -> Tensor:
        y = _pick(self.weights.to(uniform.device), uniform[:, 0], label, self.n_classes)
        noise = self.noise.latents(uniform[:, 1:], normal, truncation, y if self.noise.n_classes else None)
        return self.join(noise, y)

    def join(self, noise: Tensor, y: Tensor) -> Tensor:
        """Latents (N, size) of noise (N, noise.size) and classes (N,)."""
        return torch.cat([noise, nn.functional.one_hot(y, self.n_classes).to(noise.dtype)], 1)

    @torch.no_grad()
    def fit(self, labels: Tensor) -> None:
        """Take the frequencies of classes (N,)."""
        self.weights.copy_(torch.bincount(labels, minlength=self.n_classes) / len(labels))


class MixturePrior(Prior):
    """A mixture of full-covariance Gaussians, fitted by :meth:`fit`.

    With ``n_classes`` the components are shared out among the classes, one at least to each, and samples can be asked
    for by class. Until it is fitted it has a single component, the standard normal.
    """

    weights: Tensor  # (K,)
    means: Tensor  # (K, size)
    factors: Tensor  # (K, size, size), lower Cholesky factors of the covariances

    def __init__(self, size: int, components: int, n_classes: int = 0) -> None:
        super().__init__(size, n_classes)
        components = max(1, components // n_classes) * n_classes if n_classes else components
        self.register_buffer("weights", torch.full((components,), 1.0 / components))
        self.register_buffer("means", torch.zeros(components, size))
        factors = torch.zeros(components, size, size)
        factors.diagonal(dim1=1, dim2=2).fill_(1.0)  # no torch.eye, which imports a compiler (1.3 s) on the meta device
        self.register_buffer("factors", factors)

    def numbers(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        uniform = torch.rand(n, 1, generator=generator, device=generator.device)
        return uniform, torch.randn(n, self.size, generator=generator, device=generator.device)

    def latents(self, uniform: Tensor, normal: Tensor, truncation: float | Tensor = 1.0, label: Label = None) -> Tensor:
        device = uniform.device
        component = _pick(self.weights.to(device), uniform[:, 0], label, self.n_classes)
        spread = torch.einsum("nij,nj->ni", self.factors.to(device)[component], normal)
        return self.means.to(device)[component] + truncation * spread

    @torch.no_grad()
    def fit(self, latents: Tensor, labels: Tensor | None = None) -> None:
        """Fit the components to latents (N, size) by k-means, class by class where they belong to classes.
        The result depends on the arguments alone, no random number is drawn.

        The covariance of a small cluster is shrunk towards the average one, so that a cluster of a
        single latent is a Gaussian too.

        Raises
        ------
        ModelError
            There are no labels where components belong to classes, or a latent is not finite.
        """
        latents = latents.float().cpu()  # they are few, and MPS has no float64
        if not torch.isfinite(latents).all():
            raise ModelError("The encoder's latents are no finite numbers any more, so no prior fits them.")
        if not self.n_classes:
            assignment = _k_means(latents, len(self.weights))
        elif labels is None:
            raise ModelError("A prior with Gaussians of each class needs pictures with classes.")
        else:
            assignment = _k_means_by_class(latents, labels.cpu(), len(self.weights) // self.n_classes)
        # In double precision: latents may be far from 0, or some of them nearly the same number.
        latents = latents.double()
        clusters = [latents[assignment == k] for k in range(len(self.weights))]
        counts = torch.tensor([len(cluster) for cluster in clusters], dtype=torch.float64)
        means = torch.stack([cluster.sum(0) / max(1, len(cluster)) for cluster in clusters])
        scatters = torch.stack([(c - mean).T @ (c - mean) for c, mean in zip(clusters, means, strict=True)])
        pooled = scatters.sum(0) / len(latents)
        pooled += (FLOOR + FLOOR_SHARE * pooled.trace() / self.size) * torch.eye(self.size)
        covariances = (scatters + self.size * pooled) / (counts + self.size)[:, None, None]
        self.weights.copy_(counts / counts.sum())
        self.means.copy_(means)
        self.factors.copy_(torch.linalg.cholesky(covariances))


def _pick(weights: Tensor, uniform: Tensor, label: Label, n_classes: int) -> Tensor:
    """Which component each of n uniform numbers falls to, by weight: of all, or of those of the label."""
    if label is None:
        return (uniform[:, None] > weights.cumsum(0)).sum(1).clamp_(max=len(weights) - 1)
    if not n_classes or (isinstance(label, int) and not 0 <= label < n_classes):
        raise ModelError(f"There is no class {label} here; classes go from 0 to {n_classes - 1}.")
    labels = label if isinstance(label, Tensor) else torch.full_like(uniform, label, dtype=torch.int64)
    rows = weights.view(n_classes, -1)
    bounds = (rows / rows.sum(1, keepdim=True)).cumsum(1)[labels]
    within = (uniform[:, None] > bounds).sum(1).clamp_(max=rows.shape[1] - 1)  # rounded sums may end below 1
    return labels * rows.shape[1] + within


def _k_means_by_class(points: Tensor, labels: Tensor, each: int) -> Tensor:
    """The cluster (N,) of each point (N, D), `each` to a class: those of class 0 first."""
    assignment = labels * each
    for label in labels.unique() if each > 1 else ():
        members = (labels == label).nonzero()[:, 0]
        assignment[members] += _k_means(points[members], each)
    return assignment


def _k_means(points: Tensor, k: int, iterations: int = 15) -> Tensor:
    """Lloyd's algorithm: the cluster (N,) of each point (N, D).

    It starts from the points at evenly spaced places of the list. So the same pictures lead the same
    clusters at every fit, and the pictures drawn from a component stay of a kind while training goes on.
    Written here because scikit-learn's threads add in an order that differs from run to run.
    """
    centres = points[torch.linspace(0, len(points) - 1, k, device=points.device).long()].clone()
    for _ in range(iterations):
        assignment = _nearest(points, centres)
        counts = torch.bincount(assignment, minlength=k)[:, None]
        sums = torch.zeros_like(centres).index_add_(0, assignment, points)
        centres = torch.where(counts > 0, sums / counts.clamp_min(1), centres)
    return _nearest(points, centres)


def _nearest(points: Tensor, centres: Tensor) -> Tensor:
    # Of |p - c|^2 the part that differs between centres, which costs one product of matrices.
    return torch.addmm(centres.square().sum(1), points, centres.T, alpha=-2.0).argmin(1)
