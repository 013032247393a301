"""Nearest neighbours against a search by brute force in double precision."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlab.latent.nearest import Neighbours
from genlab.latent.spec import LatentError


def brute(rows: np.ndarray, query: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    distances = np.sqrt(((rows.astype(np.float64) - np.asarray(query, np.float64)) ** 2).sum(1))
    order = np.lexsort((np.arange(len(rows)), distances))[:k]
    return distances[order], order


@given(
    n=st.integers(1, 60), width=st.integers(1, 12), k=st.integers(1, 70), seed=st.integers(0, 999),
    away=st.sampled_from([0.0, 3.0, 1_000.0, 100_000.0]), coarse=st.booleans(),
)  # fmt: skip
def test_as_brute_force_whatever_the_rows(n: int, width: int, k: int, seed: int, away: float, coarse: bool) -> None:
    """Far from the origin single precision alone would mix up neighbours; coarse rows tie again and again."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, width)) + away
    rows = (np.round(rows) if coarse else rows).astype(np.float32)
    queries = np.concatenate([rng.normal(size=(2, width)) + away, rows[:1]])
    distances, found = Neighbours(rows).nearest(queries, k)
    for query, near, order in zip(queries, distances, found, strict=True):
        expected, rank = brute(rows, query, min(k, n))
        np.testing.assert_array_equal(order, rank)
        np.testing.assert_allclose(near, expected, rtol=1e-12)


def test_single_precision_alone_would_be_wrong_here() -> None:
    """The test above can fail: without the second look the order is another one."""
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(500, 8)) + 1_000).astype(np.float32)
    query = rows[3] + np.float32(0.25)
    rough = (rows * rows).sum(1) - 2 * rows @ query
    assert not np.array_equal(np.argsort(rough)[:20], brute(rows, query, 20)[1])
    np.testing.assert_array_equal(Neighbours(rows).nearest(query, 20)[1][0], brute(rows, query, 20)[1])


def test_bytes_in_several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genlab.latent.nearest.BLOCK_BYTES", 4 * 784 * 7)
    rows = np.random.default_rng(1).integers(0, 256, (100, 784), np.uint8)
    query = rows[42].astype(np.float64)
    distances, found = Neighbours(rows).nearest(query, 10)
    expected, rank = brute(rows, query, 10)
    np.testing.assert_array_equal(found[0], rank)
    np.testing.assert_array_equal(distances[0], expected)
    assert (found[0, 0], distances[0, 0]) == (42, 0.0)


def test_rows_that_are_all_the_same_come_in_their_order() -> None:
    distances, found = Neighbours(np.ones((50, 4), np.float32)).nearest(np.zeros(4), 5)
    assert found.tolist() == [[0, 1, 2, 3, 4]]
    assert distances.tolist() == [[2.0] * 5]


@pytest.mark.parametrize("rows", [np.empty((0, 3), np.float32), np.full((2, 3), np.nan, np.float32)])
def test_nothing_and_nan_cannot_be_searched(rows: np.ndarray) -> None:
    with pytest.raises(LatentError):
        Neighbours(rows)


@pytest.mark.parametrize(("query", "said"), [([np.nan, 0, 0], "finite"), ([1.0, 2.0], "2 numbers")])
def test_what_is_searched_for_has_to_fit(query: list[float], said: str) -> None:
    with pytest.raises(LatentError, match=said):
        Neighbours(np.zeros((4, 3), np.float32)).nearest(query, 2)
