"""Directions of models whose every direction is known by hand."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from genlab.latent.directions import Cloud, cloud, hidden_features, moved, of_classes, principal, traversal
from genlab.latent.spec import LatentError
from genlab.models import build
from genlab.models.base import GenerativeModel
from genlab.models.priors import NormalPrior
from tests.latent.models import Encoder, pictures

SLOPES = torch.tensor([[3.0, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
"""From three numbers to four pixels: the first moves most (3), then the third (sqrt 2), then the second (0.5)."""


class Linear(GenerativeModel):
    """A generator of one layer, ``x = A z + b``; or of one more before it, whose ReLU no draw switches off."""

    key = "gan"

    def __init__(self, hidden: bool = False) -> None:
        super().__init__((1, 2, 2), None)
        self.prior = NormalPrior(3)
        self.activation = nn.ReLU(inplace=True) if hidden else nn.Identity()

    def sample(self, z: Tensor) -> Tensor:
        before = torch.tensor([2.0, 8.0, 4.0]) * z + 60.0
        seen = self.activation(before) if isinstance(self.activation, nn.ReLU) else z
        return (seen @ SLOPES.T + 0.25).view(-1, 1, 2, 2)


def test_of_a_linear_generator_they_are_its_singular_vectors() -> None:
    model = Linear()
    z = cloud(model, None, None, 500).latents
    found = principal(model, z)
    assert [one.key for one in found] == ["pc1", "pc2", "pc3"]
    # For the very N(0, I) they would be the axes; the drawn latents' covariance is near I.
    np.testing.assert_allclose(np.abs([one.vector for one in found]), np.eye(3)[[0, 2, 1]], atol=0.12)
    covariance = np.cov(z.astype(float), rowvar=False)
    for one in found:
        assert np.linalg.norm(one.vector) == pytest.approx(1, abs=1e-6)
        assert one.sigma == pytest.approx(np.sqrt(one.vector @ covariance @ one.vector), rel=1e-5)
    assert [one.share for one in found] == pytest.approx([9 / 11.25, 2 / 11.25, 0.25 / 11.25], abs=0.03)


def test_latents_of_covariance_one_give_them_exactly() -> None:
    """Against SeFa's closed form: eigenvectors of A^T A."""
    rng = np.random.default_rng(0)
    z = rng.normal(size=(400, 3))
    z = np.linalg.qr(z - z.mean(0))[0] * np.sqrt(399)
    found = principal(Linear(), z.astype(np.float32))
    np.testing.assert_allclose([one.vector for one in found], np.eye(3)[[0, 2, 1]], atol=1e-5)
    assert [one.sigma for one in found] == pytest.approx([1, 1, 1], abs=1e-5)
    assert [one.share for one in found] == pytest.approx([9 / 11.25, 2 / 11.25, 0.25 / 11.25], abs=1e-5)


def test_it_is_the_first_hidden_layer_that_is_looked_at() -> None:
    model = Linear(hidden=True)
    rng = np.random.default_rng(0)
    z = rng.normal(size=(400, 3))
    z = (np.linalg.qr(z - z.mean(0))[0] * np.sqrt(399)).astype(np.float32)
    np.testing.assert_allclose(hidden_features(model, z), z * [2, 8, 4] + 60, rtol=1e-5)
    found = principal(model, z)  # 8 moves most there, then 4, then 2
    np.testing.assert_allclose([one.vector for one in found], np.eye(3)[[1, 2, 0]], atol=1e-4)


def test_a_real_generators_first_layer_is_found_through_hooks_that_are_gone_afterwards() -> None:
    model = build("dcgan", (1, 8, 8), {"latent": 5, "width": 4}).eval()
    z = torch.randn(7, 5, generator=torch.Generator().manual_seed(0))
    layers = model.generator[0]
    with torch.inference_mode():
        expected = layers[3](layers[2](layers[1](layers[0](z)))).flatten(1)
    np.testing.assert_allclose(hidden_features(model, z.numpy()), expected.numpy(), rtol=1e-5)
    assert not any(part._forward_hooks for part in model.modules())


def test_of_encodings_they_are_the_principal_components() -> None:
    model = Encoder()
    z = np.array([[3, 3], [-3, -3], [1, -1], [-1, 1]], np.float32)
    first, second = principal(model, z)
    np.testing.assert_allclose(first.vector, [0.5**0.5, 0.5**0.5], atol=1e-6)
    np.testing.assert_allclose(np.abs(second.vector), [0.5**0.5, 0.5**0.5], atol=1e-6)
    assert (first.sigma, second.sigma) == pytest.approx(((36 / 3) ** 0.5, (4 / 3) ** 0.5), rel=1e-5)
    assert (first.share, second.share) == pytest.approx((0.9, 0.1), rel=1e-5)


def test_a_number_that_never_varies_is_no_direction() -> None:
    z = np.array([[0, 1], [2, 1], [4, 1]], np.float32)
    (only,) = principal(Encoder(), z)
    np.testing.assert_allclose(only.vector, [1, 0], atol=1e-6)


def test_towards_a_class_by_hand() -> None:
    z = np.repeat(np.array([[0, 0], [4, 0], [0, 2]], np.float32), 6, axis=0)
    labels = np.repeat([0, 1, 2], 6)
    found = of_classes(Cloud(z, labels), 4)  # of the fourth there are none
    assert [one.key for one in found] == ["class0", "class1", "class2"]
    centre = np.array([4 / 3, 2 / 3])
    for one, place in zip(found, [(0, 0), (4, 0), (0, 2)], strict=True):
        away = np.array(place) - centre
        np.testing.assert_allclose(one.vector, away / np.linalg.norm(away), atol=1e-6)
        spread = np.std(z @ one.vector, ddof=1)
        assert one.sigma == pytest.approx(spread, rel=1e-5)
        assert one.away == pytest.approx(np.linalg.norm(away) / spread, rel=1e-5)
    np.testing.assert_allclose(moved(centre.astype(np.float32), [found[1]], [found[1].away]), [4, 0], atol=1e-5)


def test_a_class_of_few_and_a_class_of_all_have_no_direction() -> None:
    z = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    assert of_classes(Cloud(z, np.array([1] * 16 + [0] * 4)), 2)[0].key == "class1"
    assert len(of_classes(Cloud(z, np.array([1] * 16 + [0] * 4)), 2)) == 1
    assert of_classes(Cloud(z, np.zeros(20, np.int64)), 1) == []
    assert of_classes(Cloud(z, np.full(20, -1)), 3) == []


def test_a_cloud_is_encoded_with_its_own_labels_or_drawn_and_labelled() -> None:
    seen = pictures(30)
    encoded = cloud(Encoder(), seen, None, 12)
    chosen = torch.linspace(0, 29, 12).long()
    assert encoded.labels.tolist() == seen.labels[chosen].tolist()  # type: ignore[index]
    bytes_mean = seen.images[chosen].float().mean(dim=(1, 2)) / 127.5 - 1
    np.testing.assert_allclose(encoded.latents, bytes_mean.numpy(), atol=1e-5)

    def bright(images: Tensor) -> Tensor:
        assert images.dtype == torch.uint8
        return (images.float().mean(dim=(1, 2, 3)) > 127).long()

    drawn = cloud(Linear(), None, bright, 300)
    assert drawn.latents.shape == (300, 3)
    assert set(drawn.labels) == {0, 1}
    np.testing.assert_array_equal(drawn.latents, cloud(Linear(), None, None, 300).latents)
    assert set(cloud(Linear(), None, None, 300).labels) == {-1}


def test_moves_add_up_and_a_grid_has_the_start_in_its_middle() -> None:
    z = np.array([1, 2, 3], np.float32)
    across, up = principal(Encoder(), np.array([[9, 0, 0], [-9, 0, 0], [0, 2, 0], [0, -2, 0]], np.float32))
    by = np.array([2 * across.sigma, -up.sigma, 0])
    np.testing.assert_allclose(moved(z, [across, up], [2.0, -1.0]), z + by, rtol=1e-6)
    grid = traversal(z, across, up, 3, 2.0)
    assert grid.shape == (9, 3)
    np.testing.assert_array_equal(grid[4], z)
    np.testing.assert_allclose(grid[0], moved(z, [across, up], [-2, 2]))  # left, above
    np.testing.assert_allclose(grid[5], moved(z, [across, up], [2, 0]))


@pytest.mark.parametrize("n", [1, 2, 4, 13])
def test_a_grid_has_an_odd_side_within_bounds(n: int) -> None:
    one = principal(Encoder(), np.array([[1, 0], [0, 3]], np.float32))[0]
    with pytest.raises(LatentError, match="3, 5, 7"):
        traversal(np.zeros(2, np.float32), one, one, n, 2.0)


class Broken(Encoder):
    def encode(self, x: Tensor) -> Any:
        return super().encode(x) * torch.nan


def test_what_cannot_be_told_directions_of_says_so() -> None:
    with pytest.raises(LatentError, match="collapsed"):
        principal(Encoder(), np.ones((9, 2), np.float32))
    with pytest.raises(LatentError, match="not finite"):
        cloud(Broken(), pictures(10), None, 5)
