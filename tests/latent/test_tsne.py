"""t-SNE: its gradient against autograd's, and its maps against openTSNE's."""

import itertools

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.manifold import trustworthiness
from torch import Tensor
from torch.testing import assert_close

from genlab.latent import tsne
from genlab.latent.linear import pca
from genlab.latent.neighbours import Pairs, affinities
from genlab.latent.repulsion import Repulsion
from genlab.latent.trust import neighbours_kept
from genlab.latent.tsne import DESCENTS, Descent, Layout, Pull, embed
from tests.helpers import seeded


def dense(pairs: Pairs) -> Tensor:
    n = len(pairs.offsets) - 1
    joint = torch.zeros(n, n, dtype=torch.float64)
    joint[pairs.first.long(), pairs.second.long()] = pairs.weights.double()
    return joint + joint.T


def divergence(joint: Tensor, y: Tensor) -> Tensor:
    """KL(P || Q) as it is defined, over every pair."""
    q = 1.0 / (1.0 + (y[:, None] - y[None]).square().sum(2))
    q = q - torch.diag(q.diag())
    q = q / q.sum()
    there = joint > 0
    return (joint[there] * (joint[there] / q[there]).log()).sum()


def points(n: int = 150) -> Tensor:
    return torch.randn(n, 5, generator=seeded()) + 6.0 * (torch.arange(n) % 3)[:, None]


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("chunk", [100, 2**17])
def test_the_gradient_is_that_of_the_exact_objective(dims: int, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tsne, "CHUNK", chunk)
    pairs = affinities(points(), 10)
    y = 2.0 * torch.randn(150, dims, generator=seeded(1))
    exact = y.double().requires_grad_()
    kl = divergence(dense(pairs), exact)
    kl.backward()
    attraction, cost = Pull(pairs)(y, with_cost=True)
    apart = (exact[:, None] - exact[None]).detach()
    w = 1.0 / (1.0 + apart.square().sum(2))
    z = w.sum() - 150
    pull = (dense(pairs)[:, :, None] * w[:, :, None] * apart).sum(1)
    assert_close(attraction.double(), pull, rtol=1e-4, atol=1e-8)
    push = (w.square()[:, :, None] * apart).sum(1) / z
    assert exact.grad is not None
    assert_close(4.0 * (attraction.double() - push), exact.grad, rtol=1e-4, atol=1e-7)
    assert_close(cost + z.log(), kl.detach(), rtol=1e-5, atol=1e-6)
    by_grid, its_z = Repulsion(dims)(y)
    gradient = 4.0 * (attraction - by_grid / its_z)
    assert (gradient - exact.grad).norm() < 0.05 * exact.grad.norm()


def run(x: Tensor, seed: int = 0, dims: int = 2, perplexity: float = 10.0, steps: int = 250) -> Layout:
    *_, last = embed(x, x[:, :dims], perplexity, seed, Descent(steps, steps // 3), every=50)
    return last


def test_the_same_seed_is_the_same_map_and_another_is_not() -> None:
    first, again, other = (run(points(), seed).coords for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_layouts_come_while_it_forms_with_their_divergence() -> None:
    layouts = list(embed(points(), points()[:, :2], 10.0, 0, Descent(255, 85), every=50))
    assert [layout.step for layout in layouts] == [0, 50, 100, 150, 200, 250, 255]
    joint = dense(affinities(points(), 10.0))
    for layout in layouts:
        assert layout.kl == pytest.approx(float(divergence(joint, layout.coords.double())), abs=0.02)
        assert layout.coords.mean(0).abs().max() < 1e-3
    assert layouts[-1].kl < 0.5 * layouts[0].kl
    assert len({layout.coords.data_ptr() for layout in layouts}) == 7  # what was given is never written again


def test_whoever_stops_asking_has_stopped_it() -> None:
    forming = embed(points(), points()[:, :2], 10.0, 0, Descent(steps=10**9), every=10)
    assert [layout.step for layout in itertools.islice(forming, 3)] == [0, 10, 20]
    forming.close()


def test_exaggeration_pulls_together() -> None:
    def spread(exaggeration: float) -> float:
        layouts = embed(points(), points()[:, :2], 10.0, 0, Descent(300, 100, exaggeration), every=100)
        return float(next(layout for layout in layouts if layout.step == 100).coords.norm())

    assert spread(12.0) < 0.5 * spread(1.0)


def test_duplicates_come_to_lie_together() -> None:
    x = torch.randn(40, 5, generator=seeded()).repeat(6, 1)
    last = run(x).coords.view(6, 40, 2)
    assert last.isfinite().all()
    inner = (last - last.mean(0)).norm(dim=2).mean()
    assert inner < 0.1 * (last.mean(0) - last.mean((0, 1))).norm(dim=1).mean()


def digits() -> np.ndarray:
    return load_digits().data.astype(np.float32)


@pytest.mark.slow
def test_maps_are_as_good_as_opentsnes() -> None:
    import openTSNE

    x = digits()
    theirs = np.asarray(
        openTSNE.TSNE(perplexity=30, n_jobs=1, random_state=0, neighbors="exact").fit(x), dtype=np.float32
    )
    start = torch.from_numpy(pca(x, 2).coords)
    *_, last = embed(torch.from_numpy(x), start, 30.0, 0, every=1000)
    ours = last.coords.numpy()
    joint = dense(affinities(torch.from_numpy(x), 30.0))
    our_kl, their_kl = (float(divergence(joint, torch.from_numpy(y).double())) for y in (ours, theirs))
    assert our_kl <= 1.03 * their_kl
    assert last.kl == pytest.approx(our_kl, rel=0.03)
    assert trustworthiness(x, ours, n_neighbors=10) >= trustworthiness(x, theirs, n_neighbors=10) - 0.01
    kept = neighbours_kept(x, ours).mean()
    assert kept >= neighbours_kept(x, theirs).mean() - 0.01
    *_, fast = embed(torch.from_numpy(x), start, 30.0, 0, DESCENTS["fast"], every=1000)
    assert neighbours_kept(x, fast.coords.numpy()).mean() >= kept - 0.01
