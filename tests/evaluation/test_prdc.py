"""Precision, recall, density and coverage: by hand, against the package prdc, and the right way round."""

import contextlib
import io
import subprocess
import sys

import numpy as np
import pytest
import torch
from prdc import compute_prdc
from torch import Tensor

from genlab.evaluation import neighbours
from genlab.evaluation.prdc import prdc
from tests.helpers import seeded


def cloud(n: int, seed: int, scale: float = 1.0) -> Tensor:
    return scale * torch.randn(n, 6, generator=seeded(seed))


def reference(real: Tensor, generated: Tensor, k: int) -> dict[str, float]:
    with contextlib.redirect_stdout(io.StringIO()):
        return dict(compute_prdc(real.numpy().astype(np.float64), generated.numpy().astype(np.float64), k))


def test_by_hand() -> None:
    # k = 1. Balls of the real ones reach 1, 1, 2 (0, 1, 3); of the generated 0.3 each (0.9, 1.2) and 8.8 (10).
    real, generated = torch.tensor([[0.0], [1.0], [3.0]]), torch.tensor([[0.9], [1.2], [10.0]])
    scores = prdc(real, generated, 1)
    assert scores.precision == pytest.approx(2 / 3)  # 10 lies in no ball
    assert scores.recall == pytest.approx(2 / 3)  # 1 by the small balls, 3 by the large one, 0 by none
    assert scores.density == pytest.approx((2 + 2 + 0) / 3)  # 0.9 in those of 0 and 1, 1.2 in those of 1 and 3
    assert scores.coverage == 1.0


@pytest.mark.parametrize("k", [1, 3, 5])
def test_it_is_what_prdc_computes_however_small_the_blocks(k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    real, generated = cloud(300, 0), cloud(230, 1, 0.8)
    expected = reference(real, generated, k)
    whole = prdc(real, generated, k)
    assert whole._asdict() == pytest.approx(expected)
    monkeypatch.setattr(neighbours, "BLOCK_CELLS", 2000)
    assert prdc(real, generated, k) == whole


def test_a_timid_sampler_is_precise_and_a_wild_one_recalls() -> None:
    real = cloud(1000, 0)
    timid, wild = prdc(real, cloud(1000, 1, 0.3)), prdc(real, cloud(1000, 1, 2.5))
    assert timid.precision > 0.9 > 0.5 > timid.recall
    assert wild.recall > 0.9 > 0.5 > wild.precision
    assert timid.density > 1.0 > wild.density


def test_a_set_against_itself_is_perfect() -> None:
    real = cloud(200, 0)
    scores = prdc(real, real)
    assert (scores.precision, scores.recall, scores.coverage) == (1.0, 1.0, 1.0)


MEASURE = """
import resource, torch
from genlab.evaluation.prdc import prdc
real, generated = torch.randn(10_000, 64), torch.randn(10_000, 64)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
prdc(real, generated)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="others count in other units")
def test_ten_thousand_against_ten_thousand_take_little_memory() -> None:
    done = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 150_000  # kilobytes, where all distances would be 800,000


def test_blocks_are_small_and_in_order() -> None:
    sizes = [len(block) * 3000 for block in neighbours.squared_distances(cloud(5000, 0), cloud(3000, 1))]
    assert max(sizes) <= neighbours.BLOCK_CELLS
    assert sum(sizes) == 5000 * 3000


def test_nearest_is_what_a_loop_finds_and_exact_far_from_the_origin() -> None:
    points, queries = cloud(40, 0) + 1e4, cloud(7, 1) + 1e4
    squared, indices = neighbours.nearest(queries, points, 3)
    for query, row, found in zip(queries.double(), squared, indices, strict=True):
        distances = (points.double() - query).square().sum(1)
        assert torch.equal(found, distances.argsort()[:3])
        assert row.numpy() == pytest.approx(distances.sort().values[:3].numpy(), rel=1e-5)
