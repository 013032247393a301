"""New points on a map: exactly where it is linear, else among their likes."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from genlab.latent.place import is_exact, place
from genlab.latent.points import collect
from genlab.latent.result import Projection, project
from genlab.latent.spec import LatentError, Spec
from tests.latent.models import Encoder, pictures


def made(what: str = "encoder", method: str = "pca") -> Projection:
    spec = Spec(what, method, n=40, perplexity=5)  # type: ignore[arg-type]
    return project(spec, collect(Encoder(), pictures(), spec.what, 40, 0), step=1)


def test_on_a_linear_map_every_point_comes_to_its_own_place():
    flat = made()
    assert is_exact(flat)
    assert_allclose(place(flat, flat.features), flat.coords, atol=1e-5)
    assert_allclose(place(flat, flat.centre), [[0, 0]], atol=1e-6)
    assert_allclose(place(flat, flat.centre + flat.basis[1]), [[0, 1]], atol=1e-5)


def test_slanted_axes_are_taken_apart():
    flat = replace(made(), basis=np.array([[2, 0], [1, 1]], np.float32), centre=np.array([1, 1], np.float32))
    # (1, 1) + 3 (2, 0) - 2 (1, 1) = (5, -1)
    assert_allclose(place(flat, [[5, -1]]), [[3, -2]], atol=1e-5)


def test_on_other_maps_a_point_that_is_there_keeps_its_place_and_others_come_between():
    bent = made(method="tsne")
    assert not is_exact(bent)
    assert_array_equal(place(bent, bent.features[3:5]), bent.coords[3:5])
    line = replace(
        bent,
        features=np.array([[0, 0], [3, 0], *[[1e6, 1e6]] * 38], np.float32),
        coords=np.array([[0, 0], [10, 5], *[[0, 0]] * 38], np.float32),
    )
    # Distances 1 and 2: weights 4/5 and 1/5; the others are too far to count.
    assert_allclose(place(line, [[1, 0]]), [[2, 1]], atol=1e-4)


def test_pixels_that_were_not_kept_are_those_of_the_pictures(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("genlab.latent.result.WIDEST_KEPT", 3)
    wide = made("pixels", "tsne")
    assert not len(wide.features)
    floats = wide.images.reshape(len(wide), -1) / np.float32(127.5) - 1
    assert_allclose(place(wide, floats[7]), wide.coords[7:8], atol=1e-3)
    with pytest.raises(LatentError, match="kept nothing to compare with"):
        place(replace(wide, spec=Spec("features", "tsne", n=40)), floats[7])


@pytest.mark.parametrize(
    ("features", "said"),
    [(np.zeros((2, 3)), "2 numbers a point; these are 3"), (np.full((1, 2), np.nan), "not all finite")],
)
def test_what_does_not_fit_is_said(features: np.ndarray, said: str):
    with pytest.raises(LatentError, match=said):
        place(made(), features)
