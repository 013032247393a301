"""Exact nearest neighbours by looking at every row: one product of matrices, and care with what it rounds.

For a squared distance ``|q|^2 + |p|^2 - 2 q.p`` the product is all the work, and single precision makes it twice as
fast in half the memory. What it rounds is bounded (Higham 2002, "Accuracy and Stability of Numerical Algorithms",
section 3.1): a sum of F products is wrong by at most ``F u / (1 - F u)`` times the sum of their sizes, u = 2^-24. So
every row that might be among the nearest is taken, a few more than asked for, and those few are measured again in
double precision. The answer is that of a search in double precision, at the speed of one in single.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genlab.latent.spec import LatentError

MIN_NEIGHBOURS = 5
MAX_NEIGHBOURS = 999
BLOCK_BYTES = 16 << 20
"""Of rows in single precision at a time, where they are kept as bytes."""
UNIT_ROUNDOFF = 2.0**-24


class Neighbours:
    """Rows to search among, with their lengths measured beforehand.

    Parameters
    ----------
    rows
        (N, F), N >= 1: float32, such as latents or features, or uint8, such as pixels, which stay bytes in memory.

    Raises
    ------
    LatentError
        There are no rows, or some are not finite.
    """

    def __init__(self, rows: NDArray[np.float32] | NDArray[np.uint8]) -> None:
        if rows.ndim != 2 or not rows.size or rows.dtype not in (np.float32, np.uint8):
            raise LatentError("There is nothing to search among.")
        self.rows = rows
        self._norms = np.concatenate([_squared(part) for part in self._blocks()])
        if not np.isfinite(self._norms).all():
            raise LatentError("Some of the numbers to search among are not finite. Choose an earlier checkpoint.")
        self._longest = float(np.sqrt(self._norms.max()))

    def __len__(self) -> int:
        return len(self.rows)

    def nearest(self, queries: ArrayLike, k: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The k rows nearest to each query, the nearest first; of rows as near as each other, the first in order.

        Parameters
        ----------
        queries
            (M, F), finite, in the units of the rows.
        k
            At least 1; fewer come back where there are fewer rows.

        Returns
        -------
        distances
            Euclidean, float64 (M, k).
        rows
            int64 (M, k).

        Raises
        ------
        LatentError
            The queries do not fit the rows, or are not finite.
        """
        asked = np.atleast_2d(np.asarray(queries, np.float64))
        if asked.ndim != 2 or asked.shape[1] != self.rows.shape[1] or k < 1:
            raise LatentError(
                f"What is searched for has {asked.shape[-1]} numbers, what is searched among {self.rows.shape[1]}."
            )
        if not np.isfinite(asked).all():
            raise LatentError("What is searched for is not all finite numbers. Choose another picture.")
        found = [self._ranked(one, k) for one in asked]
        return np.stack([one[0] for one in found]), np.stack([one[1] for one in found])

    def _ranked(self, query: NDArray[np.float64], k: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        k = min(k, len(self))
        near = self._candidates(query, k)
        exact = np.square(self.rows[near].astype(np.float64) - query).sum(1)
        order = np.lexsort((near, exact))[:k]
        return np.sqrt(exact[order]), near[order]

    def _candidates(self, query: NDArray[np.float64], k: int) -> NDArray[np.int64]:
        """Every row that is among the k nearest whatever was rounded."""
        single = query.astype(np.float32)
        products = np.concatenate([part @ single for part in self._blocks()])
        rough = self._norms - 2.0 * products.astype(np.float64)  # squared distances less |q|^2
        # The product's own rounding, and that of the query to single precision.
        share = (self.rows.shape[1] + 2) * UNIT_ROUNDOFF
        error = 2.0 * share / (1.0 - share) * self._longest * float(np.linalg.norm(query))
        last = np.partition(rough, k - 1)[k - 1]
        return np.flatnonzero(rough <= last + 2.0 * error)

    def _blocks(self) -> Iterator[NDArray[np.float32]]:
        """The rows in single precision, as many at a time as their memory allows where they have to be made."""
        if self.rows.dtype == np.float32:
            yield self.rows.astype(np.float32, copy=False)
            return
        size = max(1, BLOCK_BYTES // (4 * self.rows.shape[1]))
        for start in range(0, len(self.rows), size):
            yield self.rows[start : start + size].astype(np.float32)


def _squared(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
