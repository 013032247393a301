"""PCA: known answers, scikit-learn's, and maps that can be turned back."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.decomposition import PCA

from genlab.latent import linear
from genlab.latent.linear import axes, pca, plane
from genlab.latent.spec import LatentError


def correlated(n: int, width: int, seed: int = 0) -> np.ndarray:
    """Far from 0, and with variances that fall a thousandfold and more along slanted axes."""
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.normal(size=(width, width)))[0]
    return ((rng.normal(size=(n, width)) * np.geomspace(30, 0.05, width)) @ turn + 100.0).astype(np.float32)


def test_pca_of_four_points_by_hand():
    # Along x the squares add up to 2 * 9, along y to 2 * 1: nine tenths and one tenth of the variance.
    features = np.array([[3, 0], [-3, 0], [0, 1], [0, -1]], np.float32) + 5
    made = pca(features, 2)
    assert_allclose(made.explained, [0.9, 0.1], atol=1e-6)
    assert_allclose(made.coords, features - 5, atol=1e-5)
    assert_allclose(made.basis, np.eye(2), atol=1e-6)
    assert_allclose(made.centre, [5, 5], atol=1e-6)


@pytest.mark.parametrize("rows", [500, 8192])
def test_pca_is_scikit_learns_on_correlated_data(monkeypatch: pytest.MonkeyPatch, rows: int):
    monkeypatch.setattr(linear, "_ROWS", rows)
    features = correlated(3_000, 64)
    made = pca(features, 10)
    reference = PCA(10, svd_solver="full").fit(features.astype(np.float64))
    assert_allclose(made.explained, reference.explained_variance_ratio_, rtol=1e-4)
    signs = np.sign((made.basis * reference.components_).sum(1))
    assert_allclose(made.basis, signs[:, None] * reference.components_, atol=2e-3)
    assert_allclose(made.coords, signs * reference.transform(features), atol=0.05)
    assert_allclose(made.coords.std(0), np.sqrt(reference.explained_variance_), rtol=1e-3)


def test_pca_tells_more_components_than_it_draws_and_they_fall():
    made = pca(correlated(120, 16), 2)
    assert made.coords.shape == (120, 2)
    assert made.coords.dtype == made.centre.dtype == made.basis.dtype == np.float32
    assert made.explained.shape == (10,)
    assert (np.diff(made.explained) <= 0).all()


def test_wide_features_give_the_same_components_as_the_whole_covariance():
    rng = np.random.default_rng(1)
    features = (rng.normal(size=(60, 3)) @ rng.normal(size=(3, 1500))).astype(np.float32)
    made = pca(features, 3)
    values = np.linalg.svd(features - features.mean(0), compute_uv=False)[:3]
    assert_allclose(made.explained[:3], values**2 / (values**2).sum(), rtol=1e-4)
    assert_allclose(np.linalg.norm(made.coords, axis=0), values, rtol=1e-4)
    assert_allclose(made.centre + made.coords @ made.basis, features, atol=1e-3)


def test_all_components_give_the_points_back():
    features = correlated(50, 3)
    made = pca(features, 3)
    assert_allclose(made.centre + made.coords @ made.basis, features, atol=1e-4)
    assert_allclose(made.basis @ made.basis.T, np.eye(3), atol=1e-6)


def test_the_same_points_give_the_same_map():
    features = correlated(9_000, 30)
    assert_array_equal(pca(features, 2).coords, pca(features, 2).coords)


@pytest.mark.parametrize(
    ("features", "said"),
    [
        (np.zeros((2, 5), np.float32), "too few"),
        (np.zeros((50, 1), np.float32), "too few"),
        (np.ones((50, 5), np.float32), "the same"),
        (np.full((50, 5), np.nan, np.float32), "not finite"),
    ],
)
def test_what_cannot_be_mapped_is_said(features: np.ndarray, said: str):
    with pytest.raises(LatentError, match=said):
        pca(features, 2)


def test_a_plane_is_what_it_was():
    features = correlated(20, 2)
    made = plane(features)
    assert_array_equal(made.coords, features)
    assert_array_equal(made.basis, np.eye(2))
    assert_array_equal(made.centre, [0, 0])


def test_only_two_numbers_are_a_plane():
    with pytest.raises(LatentError, match="A latent of 3 numbers has no plane"):
        plane(correlated(20, 3))


CLASSES = ("cat", "dog", "owl", "eel")


def test_axes_lead_from_class_to_class_by_hand():
    # Middles: cat (1, 0, 0), dog (3, 0, 0), owl (1, 4, 0); the eel lies half a step to the right and above the plane.
    features = np.array([[0, 0, 0], [2, 0, 0], [3, 0, 0], [1, 4, 0], [2, 0, 7]], np.float32)
    made = axes(features, np.array([0, 0, 1, 2, 3]), (0, 1, 0, 2), CLASSES)
    assert_allclose(made.coords, [[-0.5, 0], [0.5, 0], [1, 0], [0, 1], [0.5, 0]], atol=1e-6)
    assert_allclose(made.centre, [1, 0, 0])
    assert_allclose(made.basis, [[2, 0, 0], [0, 4, 0]])


def test_slanted_axes_give_the_points_of_their_plane_back():
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 4
    features = rng.normal(size=(40, 2)).astype(np.float32) + np.eye(4, 2, dtype=np.float32)[labels] * 9
    made = axes(features, labels, (0, 1, 2, 1), CLASSES)
    assert abs(made.basis[0] @ made.basis[1]) > 1
    assert_allclose(made.centre + made.coords @ made.basis, features, atol=1e-4)


def test_classes_that_make_no_axes_are_refused():
    features = np.array([[0, 0], [1, 1], [2, 2], [0, 0], [5, 1]], np.float32)
    labels = np.arange(5)
    with pytest.raises(LatentError, match="parallel"):
        axes(features, labels, (0, 1, 0, 2), CLASSES)
    with pytest.raises(LatentError, match="same middle"):
        axes(features, labels, (0, 3, 0, 1), CLASSES)
    with pytest.raises(LatentError, match="no point of class owl"):
        axes(features, np.where(labels == 2, -1, labels), (0, 1, 0, 2), CLASSES)
    with pytest.raises(LatentError, match="no point of class 8"):
        axes(features, labels, (0, 8, 0, 2), CLASSES)
    with pytest.raises(LatentError, match="the same"):
        axes(np.ones((5, 2), np.float32), labels, (0, 1, 0, 2), CLASSES)
