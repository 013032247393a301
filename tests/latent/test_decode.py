"""Places of a map decoded: by hand, with a model that draws its latent as two columns."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from torch import Tensor

from genlab.latent.decode import can_decode, latents_at, lattice, log_density, look, pictures, placed
from genlab.latent.points import collect
from genlab.latent.result import Projection, project
from genlab.latent.spec import LatentError, Spec, What
from tests.latent.models import Critic, Encoder
from tests.latent.models import pictures as real


@pytest.fixture
def made() -> Projection:
    """A map of two latents whose origin is (0.5, -0.5), whose x adds to the second latent and y to the first."""
    points = collect(Encoder(), real(), "encoder", 40, 0)
    centre, basis = np.float32([0.5, -0.5]), np.float32([[0, 0.5], [0.25, 0]])
    return replace(project(Spec("encoder", n=40), points, step=1), centre=centre, basis=basis)


def test_a_places_latent_by_hand(made: Projection) -> None:
    assert_array_equal(
        latents_at(made, [(0, 0), (1, 0), (0, 1), (2, -2)]), [(0.5, -0.5), (0.5, 0), (0.75, -0.5), (0, 0.5)]
    )


def test_the_points_own_places_decode_to_themselves_where_the_map_keeps_all() -> None:
    made = project(Spec("encoder", n=40), collect(Encoder(), real(), "encoder", 40, 0), step=1)
    assert_allclose(latents_at(made, made.coords), made.latents, atol=1e-5)


def test_a_place_is_drawn_and_its_round_trip_measured(made: Projection) -> None:
    place = look(made, Encoder(), 1.0, 0.0)  # the latent (0.5, 0): 191 is 0.5 and 128 is 0, rounded to bytes
    assert_array_equal(place.picture, [[[191, 128], [191, 128]]])
    assert place.error == 0
    # The latent (1.5, 2) is drawn as (1, 1), all that pictures can show, and encoded as that.
    assert look(made, Encoder(), 5.0, 4.0).error == pytest.approx(np.hypot(0.5, 1.0))


def test_without_an_encoder_there_is_no_round_trip(made: Projection) -> None:
    class OneWay(Encoder):
        has_encoder = False

    assert look(made, OneWay(), 1.0, 0.0).error is None


def test_a_lattice_holds_the_middles_of_its_cells_from_the_top_left(made: Projection) -> None:
    cells = lattice(made, Encoder(), (-1.0, 1.0, -1.5, 1.5), (2, 3))
    x, y = [-0.5, 0.5] * 3, [1, 1, 0, 0, -1, -1]
    assert cells.shape == (6, 1, 2, 2)
    assert_array_equal(cells, pictures(Encoder(), latents_at(made, np.column_stack([x, y]))))
    first = 0.5 + 0.25 * 1, -0.5 + 0.5 * -0.5
    assert_array_equal(cells[0, 0, 0], np.round((np.array(first) + 1) * 127.5))


def test_more_pictures_than_go_through_at_once_are_the_same() -> None:
    z = np.linspace(-1, 1, 1_200, dtype=np.float32).reshape(600, 2)
    assert_array_equal(pictures(Encoder(), z)[[0, 299, 599]], pictures(Encoder(), z[[0, 299, 599]]))


@pytest.mark.parametrize("place", [(np.nan, 0), (np.inf, 0), (3e38, 3e38)])
def test_places_that_are_no_numbers_or_too_far_are_refused(made: Projection, place: tuple[float, float]) -> None:
    far = replace(made, basis=made.basis * 1e3)
    with pytest.raises(LatentError, match="too far"):
        latents_at(far, [place])


def test_a_model_that_draws_no_numbers_is_told(made: Projection) -> None:
    class Wild(Encoder):
        def sample(self, z: Tensor) -> Tensor:
            return super().sample(z) * torch.nan

    with pytest.raises(LatentError, match="too far"):
        pictures(Wild(), np.zeros((1, 2), np.float32))


@pytest.mark.parametrize("spec", [Spec("pixels", n=40), Spec("encoder", "tsne", n=40, perplexity=5)])
def test_only_linear_maps_of_latents_are_decoded(spec: Spec) -> None:
    made = project(spec, collect(Encoder(), real(), spec.what, spec.n, 0), step=1)
    assert not can_decode(made)
    with pytest.raises(LatentError, match="no latents"):
        latents_at(made, [(0, 0)])


def test_latents_lie_at_the_places_that_decode_to_them(made: Projection) -> None:
    places = np.float32([(0, 0), (1, -2), (0.5, 3)])
    assert_allclose(placed(made, Encoder(), latents_at(made, places)), places, atol=1e-6)


@pytest.mark.parametrize("what", ["features", "pixels"])
def test_on_other_maps_latents_lie_where_their_pictures_do(what: What) -> None:
    points = collect(Critic(), real(), what, 40, 0)
    made = project(Spec(what, n=40), points, step=1)
    drawn = points.generated
    assert_allclose(placed(made, Critic(), points.latents[drawn]), made.coords[drawn], atol=1e-4)


def test_a_density_by_hand() -> None:
    made = project(Spec("encoder", n=40), collect(Encoder(), real(), "encoder", 40, 0), step=1)
    z = np.float32([[0.1, -0.2]])
    radius = np.sort(np.linalg.norm(made.features - z, axis=1))[9]
    assert log_density(made, z) == pytest.approx(np.log(10 / (40 * np.pi * radius**2)), abs=1e-4)
    assert look(made, Encoder(), 0.0, 0.0).density == pytest.approx(log_density(made, made.centre[None]), abs=1e-4)


def test_points_spread_evenly_over_a_square_have_the_density_of_its_area(made: Projection) -> None:
    side = (np.arange(100, dtype=np.float32) + 0.5) / 50  # 10,000 points on a square of 2 x 2
    grid = replace(made, features=np.stack(np.meshgrid(side, side), -1).reshape(-1, 2), coords=np.zeros((10_000, 2)))
    assert log_density(grid, np.float32([[1, 1]])) == pytest.approx(np.log(1 / 4), abs=0.25)
    assert log_density(grid, np.float32([[5, 5]])) < -8


def test_where_there_is_no_density_there_is_none(made: Projection) -> None:
    assert log_density(replace(made, features=made.features[:0]), made.centre[None]) is None
    same = replace(made, features=np.ones_like(made.features))
    assert log_density(same, np.ones((1, 2), np.float32)) is None
