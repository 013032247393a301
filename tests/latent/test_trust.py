"""What a map keeps: by hand, and against scikit-learn."""

import math

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

from genlab.latent import neighbours, trust
from genlab.latent.linear import pca
from genlab.latent.trust import judge, log_density, neighbours_kept, shared, stability


def cloud(n: int = 400, width: int = 12, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n, width)) * np.geomspace(5, 0.5, width) + 20).astype(np.float32)


def test_trustworthiness_and_continuity_are_scikit_learns():
    features = cloud()
    coords = pca(features, 2).coords
    judged = judge(features, coords)
    assert judged.trustworthiness == pytest.approx(trustworthiness(features, coords, n_neighbors=10), abs=1e-6)
    # Continuity is the trustworthiness of the way back.
    assert judged.continuity == pytest.approx(trustworthiness(coords, features, n_neighbors=10), abs=1e-6)
    assert 0.5 < judged.trustworthiness < judged.continuity < 1  # a flat map tears little and folds much


def test_some_points_stand_for_many(monkeypatch: pytest.MonkeyPatch):
    features = cloud(1_500)
    coords = pca(features, 2).coords
    whole = judge(features, coords)
    monkeypatch.setattr(trust, "JUDGED", 500)
    part = judge(features, coords)
    assert part.trustworthiness == pytest.approx(whole.trustworthiness, abs=0.01)
    assert part.trustworthiness != whole.trustworthiness
    assert_array_equal(part.kept, whole.kept)


def test_it_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trust, "TELLING_SECONDS", 0.0)
    monkeypatch.setattr(neighbours, "BLOCK", 4_000)  # blocks of ten points
    told: list[tuple[float, str, float | None]] = []
    judge(cloud(), cloud()[:, :2], lambda *news: told.append(news))
    assert [fraction for fraction, _, _ in told] == pytest.approx(np.arange(1, 41) / 40)
    assert {phase for _, phase, _ in told} == {"judging"}
    assert all(left is not None and left >= 0 for _, _, left in told)
    assert told[-1][2] == 0


def test_a_map_that_changes_nothing_keeps_everything():
    flat = cloud(width=2)
    judged = judge(flat, 3 * flat[:, ::-1].copy())
    assert judged.trustworthiness == judged.continuity == 1.0
    assert (judged.kept == 1).all()


def test_a_map_at_random_keeps_nothing():
    flat = cloud(width=2)
    judged = judge(flat, np.random.default_rng(1).permutation(flat))
    assert judged.kept.mean() < 0.06  # by chance: 10 of 399
    assert 0.45 < judged.trustworthiness < 0.55


def test_neighbours_are_the_nearest_others():
    features = cloud()
    expected = NearestNeighbors(n_neighbors=10).fit(features).kneighbors(return_distance=False)
    judged = judge(features, features[:, :2].copy())
    assert judged.neighbours.dtype == np.int32
    assert_array_equal(judged.neighbours, expected)


def test_neighbours_kept_by_hand():
    line = np.array([[0.0], [1.0], [2.1], [10.0]], np.float32)
    swapped = np.array([[10.0], [1.0], [2.1], [0.0]], np.float32)
    # Nearest on the line: 1, 0, 1, 2; on the other: 2, 3, 1, 1. Only the third point keeps its own.
    assert_array_equal(neighbours_kept(line, swapped, k=1), [0, 0, 1, 0])
    assert_allclose(shared(torch.tensor([[1, 2], [3, 4]]), torch.tensor([[2, 5], [4, 3]])), [0.5, 1])


def test_two_maps_of_the_same_points_are_compared():
    flat = cloud(width=2)
    assert stability(flat, -2 * flat) == 1.0
    assert stability(flat, np.random.default_rng(1).permutation(flat)) < 0.06


def test_three_points_are_judged_by_one_neighbour_each():
    triangle = np.array([[0, 0], [1, 0], [5, 5]], np.float32)
    judged = judge(triangle, triangle)
    assert judged.neighbours.shape == (3, 2)
    assert judged.trustworthiness == judged.continuity == 1.0


def test_density_by_hand():
    # Two of the four others within 2 on a line, whose ball of radius 2 is 4 long: 2 / (4 * 4).
    assert_allclose(log_density(np.array([[1, 2]] * 5, np.float32), 1), math.log(2 / 16), rtol=1e-6)
    # In three dimensions that ball holds 4/3 pi 2^3.
    assert_allclose(log_density(np.array([[2]] * 5, np.float32), 3), math.log(1 / (4 * 4 / 3 * math.pi * 8)), rtol=1e-6)


def test_density_of_a_normal_cloud_is_nearly_that_of_the_formula():
    features = np.random.default_rng(0).normal(size=(4_000, 2)).astype(np.float32)
    true = -math.log(2 * math.pi) - (features**2).sum(1) / 2
    error = judge(features, features).density - true
    assert abs(np.median(error)) < 0.1
    assert np.corrcoef(judge(features, features).density, true)[0, 1] > 0.93


def test_points_on_top_of_each_other_are_dense_and_not_infinite():
    distances = np.array([[0, 0], [0, 0], [0.5, 1], [1, 3]], np.float32)
    density = log_density(distances, 2)
    assert np.isfinite(density).all()
    assert density[0] == density[1] == density[2] > density[3]
    assert_array_equal(log_density(np.zeros((4, 2), np.float32), 2), np.zeros(4))
