"""The grid's repulsion against the sum over all pairs."""

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor

from genlab.latent import repulsion
from genlab.latent.repulsion import Repulsion
from tests.helpers import seeded


def naive(y: Tensor) -> tuple[Tensor, float]:
    apart = (y[:, None] - y[None]).double()
    q = 1.0 / (1.0 + apart.square().sum(2))
    return (q.square()[:, :, None] * apart).sum(1), float(q.sum()) - len(y)


def layout(n: int, dims: int, spread: float, clusters: int, seed: int) -> Tensor:
    """Clouds of a size, as far apart as they are wide or farther."""
    generator = seeded(seed)
    middles = 3.0 * spread * torch.randn(clusters, dims, generator=generator)
    return middles[torch.arange(n) % clusters] + spread * torch.randn(n, dims, generator=generator)


@settings(max_examples=40)
@given(st.integers(2, 500), st.floats(-5.0, 1.0), st.integers(1, 6), st.integers(0, 2**31))
@example(400, -4.0, 1, 0)  # the start
def test_forces_are_those_of_the_sum_over_all_pairs(n: int, log_spread: float, clusters: int, seed: int) -> None:
    y = layout(n, 2, 10.0**log_spread, clusters, seed)
    forces, z = Repulsion(2)(y)
    wanted, wanted_z = naive(y)
    # What holds of each pair holds of every sum: two points feel up to 18 % more or less than they should, by how they
    # lie to the grid, and count up to 2.6 % more or less. In maps of many points most of it cancels, as below.
    strengths = (y[:, None] - y[None]).double().norm(dim=2)
    assert ((forces - wanted).norm(dim=1) <= 0.2 * (strengths / (1 + strengths**2) ** 2).sum(1) + 1e-6 * n).all()
    assert z == pytest.approx(wanted_z, rel=0.03, abs=1e-5 * n)


def test_of_many_points_the_errors_cancel() -> None:
    for log_spread, clusters in ((-4.0, 1), (0.0, 3), (1.0, 6)):
        y = layout(500, 2, 10.0**log_spread, clusters, 3)
        forces, z = Repulsion(2)(y)
        wanted, wanted_z = naive(y)
        assert (forces - wanted).norm() <= 0.06 * wanted.norm()
        assert z == pytest.approx(wanted_z, rel=1e-3)


def test_in_space_too() -> None:
    for spread in (1e-4, 1.0, 4.0):
        y = layout(400, 3, spread, 4, 0)
        forces, z = Repulsion(3)(y)
        wanted, wanted_z = naive(y)
        assert (forces - wanted).norm() <= 0.3 * wanted.norm()
        assert z == pytest.approx(wanted_z, rel=0.01)


@pytest.mark.parametrize(("cell", "bound"), [(0.5, 0.06), (0.25, 0.003)])
def test_a_finer_grid_is_more_exact(cell: float, bound: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repulsion, "CELL", {2: cell})
    y = layout(500, 2, 8.0, 5, 1)
    wanted, _ = naive(y)
    assert (Repulsion(2)(y)[0] - wanted).norm() <= bound * wanted.norm()


def test_forces_add_up_to_nothing_and_two_points_push_each_other_by_the_formula() -> None:
    forces, z = Repulsion(2)(torch.tensor([[0.0, 0.0], [3.0, 4.0]]))
    assert torch.allclose(forces, torch.tensor([[-3.0, -4.0], [3.0, 4.0]]) / 26.0**2, rtol=0.01, atol=1e-5)
    assert z == pytest.approx(2 / 26, rel=0.01)
    assert Repulsion(2)(layout(300, 2, 5.0, 3, 0))[0].sum(0).abs().max() < 1e-3


def test_kept_kernels_serve_the_next_layout_and_give_way_when_it_has_grown() -> None:
    kept = Repulsion(2)
    for spread in (1e-4, 1.1e-4, 1.0, 30.0, 0.1):
        y = layout(200, 2, spread, 2, 3)
        assert torch.equal(kept(y)[0], Repulsion(2)(y)[0])


def test_a_point_that_flew_off_does_not_take_all_memory() -> None:
    y = layout(50, 2, 1.0, 1, 0)
    y[0] = 1e6
    forces, z = Repulsion(2)(y)
    assert forces.isfinite().all()
    assert z > 0
    for dims in (2, 3):
        _, side = repulsion._geometry(1e9, dims)
        assert side**dims < 2**24
