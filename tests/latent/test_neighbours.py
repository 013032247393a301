"""Nearest neighbours against scikit-learn's, and t-SNE's weights against their definition."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.neighbors import NearestNeighbors
from torch.testing import assert_close

from genlab.latent import neighbours
from genlab.latent.neighbours import affinities, conditional, nearest
from tests.helpers import seeded


@pytest.mark.parametrize(("n", "k"), [(40, 39), (300, 10), (2003, 30)])
@pytest.mark.parametrize("far", [0.0, 1000.0])
def test_neighbours_are_scikit_learns(n: int, k: int, far: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "BLOCK", 2**18)  # several blocks, and a last one that is smaller
    points = torch.randn(n, 7, generator=seeded()) + far
    squares, indices = nearest(points, k)
    distance, _ = NearestNeighbors(n_neighbors=k).fit(points.double().numpy()).kneighbors()
    assert_allclose(squares.sqrt().numpy(), distance, rtol=1e-3 if far else 1e-5)
    taken = (points[indices] - points[:, None]).double().square().sum(2).sqrt()
    assert_allclose(taken.numpy(), distance, rtol=1e-3 if far else 1e-5)
    assert (indices != torch.arange(n)[:, None]).all()
    assert all(len(row.unique()) == k for row in indices)


def test_duplicates_are_neighbours_at_no_distance_and_never_the_point_itself() -> None:
    points = torch.randn(50, 4, generator=seeded()).repeat(20, 1)
    squares, indices = nearest(points, 19)
    assert squares.eq(0.0).all()
    assert (indices % 50 == torch.arange(1000)[:, None] % 50).all()
    assert (indices != torch.arange(1000)[:, None]).all()


@given(
    st.floats(1.5, 25.0), st.floats(-4.0, 4.0), st.integers(0, 2**31), st.sampled_from([0.1, 1.0, 4.0])
)  # fmt: skip
def test_weights_hit_their_entropy(perplexity: float, scale: float, seed: int, spread: float) -> None:
    squares = 10**scale * torch.randn(20, 75, generator=seeded(seed)).mul(spread).exp().sort(1).values
    weights = conditional(squares, perplexity).double()
    assert_close(weights.sum(1), torch.ones(20, dtype=torch.float64), atol=1e-5, rtol=0)
    entropy = torch.special.entr(weights).sum(1)
    assert_close(entropy, torch.full_like(entropy, math.log(perplexity)), atol=2e-3, rtol=0)
    assert weights.diff(dim=1).max() <= 1e-9  # the nearer, the heavier


def test_weights_are_the_same_at_any_scale() -> None:
    squares = torch.rand(5, 30, generator=seeded()).sort(1).values
    assert_close(conditional(squares, 10), conditional(squares * 1e6, 10), atol=1e-6, rtol=1e-3)


def test_more_duplicates_than_the_perplexity_share_the_weight() -> None:
    squares = torch.cat([torch.zeros(1, 20), torch.ones(1, 10)], 1)
    weights = conditional(squares, 10)
    assert_close(weights, torch.cat([torch.full((1, 20), 0.05), torch.zeros(1, 10)], 1))
    assert_close(conditional(torch.zeros(2, 30), 10), torch.full((2, 30), 1 / 30))


def test_pairs_are_the_symmetric_matrix_of_the_definition() -> None:
    n = 60
    points = torch.randn(n, 3, generator=seeded())
    pairs = affinities(points, 5)
    squares, indices = nearest(points, 15)
    given_i = np.zeros((n, n))
    np.put_along_axis(given_i, indices.numpy(), conditional(squares, 5).double().numpy(), 1)
    joint = (given_i + given_i.T) / (2 * n)
    dense = np.zeros((n, n))
    dense[pairs.first, pairs.second] = pairs.weights
    assert_allclose(dense + dense.T, joint, atol=1e-9)
    assert (pairs.first < pairs.second).all()
    rows = torch.repeat_interleave(torch.arange(n), pairs.offsets.diff())
    assert torch.equal(rows, pairs.first.long())
