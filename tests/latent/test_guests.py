"""Pictures of another model among the points of a map."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from torch import Tensor

from genlab.data.pictures import Pictures
from genlab.latent.guests import with_guests
from genlab.latent.points import Seen, collect, features_of
from genlab.latent.result import Projection, project
from genlab.latent.spec import LatentError, Spec
from tests.latent.models import Critic, Encoder, pictures


def made(spec: Spec, shown: Pictures) -> Projection:
    return project(spec, collect(Encoder(), shown, spec.what, spec.n, spec.seed), step=1)


def seen(images: Tensor) -> Seen:
    return Seen(images.flatten(1).float(), None)


def test_a_picture_of_the_map_comes_to_lie_on_itself() -> None:
    host = made(Spec("encoder", n=40), pictures())
    images = host.images[[3, 5]]
    joined = with_guests(host, images, host.features[[3, 5]])
    assert len(joined) == 42
    assert_allclose(joined.coords[40:], host.coords[[3, 5]], atol=1e-5)
    assert_array_equal(joined.coords[:40], host.coords)
    assert_array_equal(joined.images[40:], images)
    assert_array_equal(joined.neighbours[40:, 0], [3, 5])
    assert joined.generated.tolist() == [False] * 40 + [True] * 2
    assert joined.labels[40:].tolist() == [-1, -1]
    assert not joined.has_latent()[40:].any()
    assert np.isnan(joined.trust[40:]).all()
    assert np.isnan(joined.density[40:]).all()
    assert (joined.kept, joined.step, joined.spec) == (host.kept, host.step, host.spec)


def test_pixels_are_placed_as_the_maps_own_are() -> None:
    host = made(Spec("pixels", n=20), pictures())
    pixels = features_of(Encoder(), pictures().images[:3], "pixels").numpy()
    bare = with_guests(host, pictures().images[:3].numpy(), pixels)
    assert bare.features.shape == (23, 4)
    assert_allclose(bare.coords[20:], (pixels - host.centre) @ host.basis.T, atol=1e-4)


def test_where_no_features_were_kept_nobody_is_taken_for_a_neighbour() -> None:
    host = made(Spec("encoder", n=40), pictures())
    joined = with_guests(replace(host, features=host.features[:0]), host.images[:2], host.features[:2])
    assert_allclose(joined.coords[40:], host.coords[:2], atol=1e-5)
    assert joined.neighbours[40:].tolist() == [[40] * 10, [41] * 10]


def test_maps_of_what_is_not_in_pictures_take_none() -> None:
    spec = Spec("z", n=20)
    host = project(spec, collect(Critic(), pictures(), "z", 20, 0, seen), step=1)
    with pytest.raises(LatentError, match="Pictures alone do not tell"):
        with_guests(host, host.images[:2], host.features[:2])
