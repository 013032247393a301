"""How all points of a map push each other apart, in O(N): by a grid and the fast Fourier transform.

Every point pushes every other, ``F_i = sum_j (y_i - y_j) / (1 + |y_i - y_j|^2)^2``. As in FIt-SNE (Linderman et al.
2017, arXiv 1712.09005) each point is spread over the nodes of a regular grid around it, the nodes' forces on each other
are a convolution, and what the nodes feel is interpolated back to the points.

Departs from the paper: cubic B-splines over one grid in place of Lagrange polynomials over boxes (two to six times as
exact as cubic ones at the same spacing: the kernel's transform is divided by the splines', so that the nodes are
interpolated and not blurred), and one convolution an axis, of the density with the force itself, in place of four.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

CELL = {2: 0.5, 3: 1.0}
"""Spacing of the grid in units of the map, where the kernel is about one wide; finer for small maps."""
FEWEST = {2: 92, 3: 28}
MOST = {2: 1500, 3: 92}
"""Nodes along an axis; a map that outgrows the most gets a coarser grid, so that the memory is bounded."""
_SUPPORT = 4
"""Nodes that a cubic B-spline reaches along an axis."""


class Repulsion:
    """Repulsive forces by convolution; it keeps the transformed kernels while the grid fits."""

    def __init__(self, dims: int) -> None:
        self.dims = dims
        self._geometry: tuple[float, int] | None = None
        self._potential = self._forces = self._near = torch.empty(0)

    def __call__(self, y: Tensor) -> tuple[Tensor, float]:
        """Forces and their normalisation.

        Parameters
        ----------
        y
            float32 (N, dims).

        Returns
        -------
        forces
            float32 (N, dims): ``sum_j (y_i - y_j) / (1 + |y_i - y_j|^2)^2``.
        z
            ``sum over i != j of 1 / (1 + |y_i - y_j|^2)``.
        """
        low = y.amin(0)
        cell, side = _geometry(float((y - low).max()), self.dims)
        if self._geometry != (cell, side):
            self._potential, self._forces, self._near = _kernels(cell, side, self.dims, y.device)
            self._geometry = cell, side
        lowest, splines = _splines((y - low) / cell)
        strides = side ** torch.arange(self.dims - 1, -1, -1, device=y.device)
        along = (lowest[:, :, None] + torch.arange(_SUPPORT, device=y.device)) * strides[:, None]
        nodes, weights = _outer(along, torch.add), _outer(splines, torch.mul)
        at = nodes.flatten()
        density = torch.zeros(side**self.dims, device=y.device).index_add_(0, at, weights.flatten())
        spectrum = torch.fft.rfftn(density.view((side,) * self.dims))
        axes = tuple(range(1, self.dims + 1))
        fields = torch.fft.irfftn(spectrum * self._forces, s=(side,) * self.dims, dim=axes).flatten(1)
        forces = [(field.index_select(0, at).view_as(weights) * weights).sum(1) for field in fields]
        return torch.stack(forces, 1), self._normalisation(spectrum, side) - self._of_themselves(splines)

    def _normalisation(self, spectrum: Tensor, side: int) -> float:
        """The density times its potential, summed over the grid: by Parseval's theorem, without a transform back."""
        power = (spectrum.real.square() + spectrum.imag.square()) * self._potential
        whole = 2.0 * power.sum() - power[..., 0].sum() - power[..., -1].sum()  # the half that rfft leaves out
        return float(whole) / float(side**self.dims)

    def _of_themselves(self, splines: Tensor) -> float:
        """What each point, spread over its nodes, adds to the normalisation with itself: nearly 1."""
        lags = [(splines[:, :, : _SUPPORT - lag] * splines[:, :, lag:]).sum(2) for lag in range(_SUPPORT)]
        both_ways = torch.tensor([1.0, *[2.0] * (_SUPPORT - 1)], device=splines.device)
        return float((_outer(torch.stack(lags, 2) * both_ways, torch.mul).sum(0) * self._near).sum())


def _geometry(span: float, dims: int) -> tuple[float, int]:
    """Spacing and padded length of the grid for a map of this extent: they change in steps, so kernels can be kept."""
    finest = span / FEWEST[dims]
    if finest < CELL[dims]:
        # The next power of two above keeps between half as many nodes and as many.
        return 2.0 ** math.ceil(math.log2(max(finest, 1e-30) / CELL[dims])) * CELL[dims], _fast(
            2 * FEWEST[dims] + 2 * _SUPPORT
        )
    cell = max(CELL[dims], span / MOST[dims])
    return cell, _fast(2 * (math.ceil(span / cell) + _SUPPORT))


def _fast(length: int) -> int:
    """The next even length of the form 2^a, 3 * 2^a or 5 * 2^a: Fourier transforms of those are quick."""
    return min(base << max(1, math.ceil(math.log2(length / base))) for base in (1, 3, 5))


def _kernels(cell: float, side: int, dims: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Transforms of ``1 / (1 + r^2)``, real, and of ``r / (1 + r^2)^2``, one an axis, over those of two splines.

    And the first back from there, at the offsets from 0 to 3 that two nodes of one point can have: (4^dims,).
    """
    offsets = torch.fft.fftfreq(side, d=1.0 / side, dtype=torch.float64, device=device)
    apart = torch.stack(torch.meshgrid(*[offsets * cell] * dims, indexing="ij"))
    potential = 1.0 / (1.0 + apart.square().sum(0))
    # The sampled cubic B-spline is 1/6, 4/6, 1/6; one of them spreads, one interpolates.
    spline = (2.0 + torch.cos(2.0 * math.pi * offsets / side)) / 3.0
    blur = torch.stack(torch.meshgrid(*[spline] * (dims - 1), spline[: side // 2 + 1], indexing="ij")).prod(0).square()
    axes = tuple(range(1, dims + 1))
    forces = torch.fft.rfftn(potential.square() * apart, dim=axes) / blur
    smooth = torch.fft.rfftn(potential).real / blur
    near = torch.fft.irfftn(smooth, s=(side,) * dims)[(slice(_SUPPORT),) * dims].flatten()
    return smooth.float(), forces.to(torch.complex64), near.float()


def _splines(places: Tensor) -> tuple[Tensor, Tensor]:
    """The first of the four nodes around each point along each axis, int64 (N, dims), and the four's weights.

    `places` are in cells from the lowest point, whose first node is 0; the weights (N, dims, 4) add up to 1.
    """
    whole = places.floor()
    t = places - whole
    after, before = t**3, (1.0 - t) ** 3
    inner = 2.0 / 3.0 - t.square() + after / 2.0
    splines = torch.stack([before / 6.0, inner, 1.0 - inner - (before + after) / 6.0, after / 6.0], 2)
    return whole.long(), splines


def _outer(parts: Tensor, combine: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """(N, dims, 4) -> (N, 4^dims): every choice of one of the four along each axis, combined."""
    result = parts[:, 0]
    for axis in range(1, parts.shape[1]):
        result = combine(result[:, :, None], parts[:, axis, None]).flatten(1)
    return result
