"""What goes to the map and comes back from it: packed points, pictures and colours, and points chosen in it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from genlab.latent.spec import LatentError
from genlab.ui.latent.address import parse_points
from genlab.ui.latent.packing import layout, pack, pack_colours, pack_pictures
from genlab.ui.latent.selection import checked_rows
from tests.ui.unpacking import unpack, unpack_colours, unpack_pictures


@given(st.text(max_size=60) | st.from_regex(r"[0-9 ,\-–]{0,40}", fullmatch=True), st.integers(1, 50))
def test_typed_points_are_always_points(typed: str, n: int) -> None:
    rows, _ = parse_points(typed, n)
    assert all(0 <= row < n for row in rows)
    assert len(set(rows)) == len(rows)


@pytest.mark.parametrize(
    ("typed", "rows", "wrong"),
    [
        ("", [], []),
        ("3", [3], []),
        ("3, 1 2；0", [3, 1, 2, 0], []),
        ("2-4，4", [2, 3, 4], []),
        ("2 – 4", [2, 3, 4], []),
        ("8-100", [8, 9], []),
        ("4-2, 10, x, -3, 1.5, 99999999999", [], ["4-2", "10", "x", "-3", "1.5", "99999999999"]),
    ],
)
def test_typed_points_by_hand(typed: str, rows: list[int], wrong: list[str]) -> None:
    assert parse_points(typed, 10) == (rows, wrong)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 20) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=40,
)


@given(JSON | st.lists(st.integers(-3, 12), max_size=40))
def test_whatever_a_browser_sends_only_points_come_of_it(sent: object) -> None:
    rows = checked_rows(sent, 10)
    assert all(type(row) is int and 0 <= row < 10 for row in rows)
    assert len(set(rows)) == len(rows)


def test_selected_points_by_hand() -> None:
    assert checked_rows([4, 7, True, 4, 10, -1, 2.0, "3", [1], None, 10**30, 0], 12) == [4, 7, 10, 0]
    assert checked_rows([1, 0, 1, 2], 3) == [1, 0]  # longer than there are points: cut
    assert checked_rows({"0": 1}, 3) == checked_rows("012", 3) == checked_rows(None, 3) == []


@given(
    images=arrays(np.uint8, st.tuples(st.integers(1, 40), st.just(1), st.integers(1, 9), st.integers(1, 9))),
    key=st.text(max_size=9), seed=st.integers(0, 99),
)  # fmt: skip
def test_a_packed_map_is_unpacked_to_the_same(images: np.ndarray, key: str, seed: int) -> None:
    n, _, height, width = images.shape
    rng = np.random.default_rng(seed)
    coords, near = rng.normal(size=(n, 2)).astype(np.float32), rng.integers(0, n, (n, 3)).astype(np.int32)
    head, xy, neighbours = unpack(pack(key, coords, images, "a", near))
    assert (head["key"], head["album"], head["n"], head["height"], head["width"]) == (key, "a", n, height, width)
    np.testing.assert_array_equal(xy, coords)
    np.testing.assert_array_equal(neighbours, near)
    assert unpack(pack(key, coords, images, "a"))[2].shape == (n, 0)
    about, sheets = unpack_pictures(pack_pictures("a", images))
    assert about["album"] == "a"
    for i in range(n):
        np.testing.assert_array_equal(picture(head, sheets, i), images[i, 0])


def picture(head: dict, sheets: list[np.ndarray], i: int) -> np.ndarray:
    """Where ``pictures.js`` looks for the picture of a point."""
    each = head["columns"] ** 2
    top, left = i % each // head["columns"] * head["height"], i % each % head["columns"] * head["width"]
    return sheets[i // each][top : top + head["height"], left : left + head["width"]]


def test_more_pictures_than_fit_a_sheet_go_on_on_the_next() -> None:
    images = np.zeros((300, 1, 128, 128), np.uint8)
    images[:, 0] = (np.arange(300) % 256)[:, None, None]
    head, _, _ = unpack(pack("k", np.zeros((300, 2), np.float32), images, "a"))
    _, sheets = unpack_pictures(pack_pictures("a", images))
    assert head["columns"] == 16
    assert [sheet.shape for sheet in sheets] == [(2_048, 2_048), (3 * 128, 2_048)]
    assert all((picture(head, sheets, i) == i % 256).all() for i in range(300))


def test_very_many_coloured_pictures_full_of_detail_can_be_packed() -> None:
    """As one sheet they could not: what WebP keeps of it beside the pixels may take half a megabyte at most."""
    images = np.random.default_rng(0).integers(0, 256, (10_000, 3, 32, 32), dtype=np.uint8)
    _, sheets = unpack_pictures(pack_pictures("a", images))
    assert [sheet.shape for sheet in sheets] == [(2_048, 2_048, 3)] * 2 + [(29 * 32, 2_048, 3)]


@given(values=arrays(np.float32, st.integers(1, 9)) | st.none(), key=st.text(max_size=9), layer=st.text(max_size=9))
def test_packed_colours_are_unpacked_to_the_same(values: np.ndarray | None, key: str, layer: str) -> None:
    group = np.arange(5 if values is None else len(values), dtype=np.uint16) * 9_000
    head, numbers, groups = unpack_colours(pack_colours(key, layer, group, values))
    assert (head["key"], head["layer"], head["n"]) == (key, layer, len(group))
    np.testing.assert_array_equal(groups, group)
    np.testing.assert_array_equal(numbers, np.empty(0) if values is None else values)


def test_coloured_pictures_lie_where_grey_ones_would() -> None:
    images = np.zeros((4, 3, 16, 16), np.uint8)
    images[1, 0], images[2, 1], images[3, 2] = 255, 255, 255
    head, _, _ = unpack(pack("k", np.zeros((4, 2), np.float32), images, "a"))
    _, sheets = unpack_pictures(pack_pictures("a", images))
    middles = np.array([picture(head, sheets, i)[8, 8] for i in range(4)]).astype(int)
    assert [middle.argmax() for middle in middles[1:]] == [0, 1, 2]
    assert middles[0].max() < 60


def test_pictures_too_large_for_all_to_be_kept_are_reduced_by_their_means() -> None:
    images = np.zeros((2, 1, 8_192, 4), np.uint8)  # two columns of 8,192: each side is halved
    images[:, :, ::2] = 200
    assert layout(2, 8_192, 4) == (2, 2, 4_096, 1)
    _, sheets = unpack_pictures(pack_pictures("a", images))
    assert [sheet.shape for sheet in sheets] == [(4_096, 2)] * 2
    assert all((sheet == 100).all() for sheet in sheets)
    assert layout(1, 8_192, 4) == (1, 4, 8_192, 1)


def test_places_that_are_no_numbers_are_refused() -> None:
    coords = np.array([[0, np.nan]], np.float32)
    with pytest.raises(LatentError, match="not numbers"):
        pack("k", coords, np.zeros((1, 1, 8, 8), np.uint8), "a")
