"""k-means on what a map is made of."""

import numpy as np
import pytest

from genlab.latent.clusters import clusters
from genlab.latent.spec import LatentError


def test_blobs_that_lie_apart_are_found_the_largest_first() -> None:
    rng = np.random.default_rng(0)
    sizes, centres = [30, 60, 10], [[0, 0], [50, 0], [0, 50]]
    blobs = [rng.normal(centre, 1, (size, 2)) for size, centre in zip(sizes, centres, strict=True)]
    found = clusters(np.concatenate(blobs).astype(np.float32), 3, seed=0)
    np.testing.assert_array_equal(found, [1] * 30 + [0] * 60 + [2] * 10)


def test_points_that_are_all_alike_are_one_cluster() -> None:
    assert clusters(np.ones((5, 3), np.float32), 3, seed=0).tolist() == [0] * 5


@pytest.mark.parametrize(("k", "said"), [(1, "2 to 30"), (31, "2 to 30"), (5, "4 points cannot make 5")])
def test_so_many_clusters_cannot_be(k: int, said: str) -> None:
    with pytest.raises(LatentError, match=said):
        clusters(np.zeros((4, 2), np.float32), k, seed=0)
