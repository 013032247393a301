"""Pictures laid out side by side, pixel for pixel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from genlab.data.grid import MAX_SIDE, columns_for, enlarge, fit_scale, gap_for, tile


def numbered(n: int, channels: int = 1, height: int = 2, width: int = 2) -> np.ndarray:
    return np.arange(n * channels * height * width, dtype=np.uint8).reshape(n, channels, height, width)


def test_three_pictures_by_hand():
    ones = np.full((3, 1, 1, 2), 7, np.uint8) * np.array([1, 2, 3], np.uint8)[:, None, None, None]
    assert_array_equal(
        tile(ones, columns=2, gap=1, paper=0),
        [[7, 7, 0, 14, 14], [0, 0, 0, 0, 0], [21, 21, 0, 0, 0]],
    )


def test_enlarging_makes_squares_without_blur():
    assert_array_equal(enlarge(np.array([[1, 2]], np.uint8), 2), [[1, 1, 2, 2], [1, 1, 2, 2]])


@given(
    n=st.integers(1, 20),
    channels=st.sampled_from([1, 3]),
    scale=st.integers(1, 3),
    gap=st.integers(0, 2),
    columns=st.integers(1, 25) | st.none(),
)
def test_every_picture_is_found_where_it_was_put(n, channels, scale, gap, columns):
    pictures = np.random.default_rng(n).integers(0, 256, (n, channels, 3, 2), np.uint8)
    sheet = tile(pictures, columns, scale, gap)
    across = min(columns or columns_for(n), n)
    for i, picture in enumerate(pictures):
        top, left = i // across * (3 * scale + gap), i % across * (2 * scale + gap)
        found = sheet[top : top + 3 * scale : scale, left : left + 2 * scale : scale]
        assert_array_equal(found if channels == 3 else found[..., None], picture.transpose(1, 2, 0))


@pytest.mark.parametrize(("n", "columns"), [(0, 1), (1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (10, 4), (64, 8)])
def test_grids_are_as_square_as_can_be(n, columns):
    assert columns_for(n) == columns


def test_sizes_are_bounded():
    with pytest.raises(ValueError, match="longer"):
        tile(np.zeros((1, 1, 64, 64), np.uint8), scale=MAX_SIDE // 64 + 1)
    assert fit_scale(28, 28, 300) == 10
    assert fit_scale(28, 280, 300) == 1
    assert fit_scale(4000, 1, 300) == 1
    assert fit_scale(1, 1, 300, most=12) == 12


@pytest.mark.parametrize(
    "images", [np.zeros((0, 1, 2, 2), np.uint8), np.zeros((1, 2, 2, 2), np.uint8), np.zeros((1, 1, 2, 2))]
)
def test_what_is_no_picture_is_refused(images):
    with pytest.raises(ValueError, match="uint8"):
        tile(images)


def test_factors_below_one_are_refused():
    with pytest.raises(ValueError, match="scale"):
        tile(numbered(1), scale=0)


@pytest.mark.parametrize(("side", "gap"), [(8, 1), (15, 1), (16, 0), (28, 0)])
def test_small_pictures_are_kept_apart(side, gap):
    assert gap_for(np.zeros((2, 1, side, side), np.uint8)) == gap
