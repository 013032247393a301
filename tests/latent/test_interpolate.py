"""Lines and arcs between latents, against numbers worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from genlab.latent.interpolate import MAX_STEPS, PATHS, lerp, slerp
from genlab.latent.spec import LatentError

LATENTS = arrays(np.float32, 4, elements=st.floats(-8, 8, width=32))


def test_the_line_between_two_axes():
    assert_allclose(lerp([1, 0], [0, 1], 5), [[1, 0], [0.75, 0.25], [0.5, 0.5], [0.25, 0.75], [0, 1]])


def test_the_arc_between_two_axes_turns_evenly():
    # A quarter circle in three steps: 0, 30, 60 and 90 degrees.
    root = math.sqrt(3) / 2
    assert_allclose(slerp([1, 0], [0, 1], 4), [[1, 0], [root, 0.5], [0.5, root], [0, 1]], atol=1e-7)


def test_the_arc_goes_evenly_from_one_length_to_the_other():
    # From length 1 to length 3 over a right angle: halfway at length 2 and 45 degrees.
    assert_allclose(slerp([1, 0], [0, 3], 3)[1], [math.sqrt(2), math.sqrt(2)], rtol=1e-6)


def test_opposite_ends_take_the_way_through_the_farthest_axis():
    assert_allclose(slerp([2, 0, 0], [-2, 0, 0], 3), [[2, 0, 0], [0, 2, 0], [-2, 0, 0]], atol=1e-6)


@pytest.mark.parametrize(("a", "b"), [([0.0, 0.0], [2.0, 0.0]), ([1.0, 1.0], [3.0, 3.0]), ([1.0], [-1.0])])
def test_without_an_arc_it_is_the_line(a: list[float], b: list[float]):
    assert_array_equal(slerp(a, b, 7), lerp(a, b, 7))


def test_the_arc_between_normal_draws_keeps_the_length_that_the_line_loses():
    a, b = np.random.default_rng(0).normal(size=(2, 512))
    middle_of_line, middle_of_arc = lerp(a, b, 3)[1], slerp(a, b, 3)[1]
    assert np.linalg.norm(middle_of_line) < 0.78 * math.sqrt(512)
    assert np.linalg.norm(middle_of_arc) == pytest.approx((np.linalg.norm(a) + np.linalg.norm(b)) / 2, rel=1e-5)


@given(a=LATENTS, b=LATENTS, steps=st.integers(2, MAX_STEPS), name=st.sampled_from(sorted(PATHS)))
def test_every_path_has_exact_ends_and_stays_finite(a, b, steps, name):
    path = PATHS[name](a, b, steps)
    assert path.shape == (steps, 4)
    assert path.dtype == np.float32
    assert_array_equal(path[0], a)
    assert_array_equal(path[-1], b)
    assert np.isfinite(path).all()


@given(a=LATENTS, b=LATENTS, steps=st.integers(2, 12))
def test_an_arc_is_never_shorter_or_longer_than_its_ends(a, b, steps):
    lengths = np.linalg.norm(slerp(a, b, steps).astype(np.float64), axis=1)
    low, high = sorted((lengths[0], lengths[-1]))
    if slerp(a, b, steps).tolist() == lerp(a, b, steps).tolist():
        return  # the straight line, where there is no arc
    assert (lengths >= low - 1e-4).all()
    assert (lengths <= high + 1e-4).all()


@pytest.mark.parametrize(
    ("a", "b", "steps", "said"),
    [
        ([1.0], [1.0, 2.0], 3, "same length"),
        ([], [], 3, "same length"),
        ([math.nan], [1.0], 3, "no latent"),
        ([0.0], [math.inf], 3, "no latent"),
        ([0.0], [1.0], 1, "between 2 and 64"),
        ([0.0], [1.0], 65, "between 2 and 64"),
    ],
)
def test_what_cannot_be_walked_is_said(a, b, steps, said):
    for walk in PATHS.values():
        with pytest.raises(LatentError, match=said):
            walk(a, b, steps)
