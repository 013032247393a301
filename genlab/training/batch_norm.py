"""Batch normalisation over the pictures of all ranks.

torch's ``SyncBatchNorm`` does the same on CUDA devices alone, and cannot be differentiated twice, which the R1 penalty
asks of a critic; so means and variances are brought together here.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, distributed, nn
from torch.nn.modules.batchnorm import _BatchNorm


def share_statistics(model: nn.Module) -> None:
    """Let every batch normalisation of a model look at the batch of all ranks."""
    for parent in list(model.modules()):
        for name, child in parent.named_children():
            if isinstance(child, _BatchNorm):
                shared = SharedBatchNorm(child.num_features, child.eps, child.momentum)
                shared.load_state_dict(child.state_dict())
                setattr(parent, name, shared)


class SharedBatchNorm(_BatchNorm):
    """(N, C, ...) to the same shape, each channel with mean 0 and variance 1 over the N of all ranks together.

    Every rank has the same N. In evaluation mode it is the ordinary one.
    """

    def forward(self, input: Tensor) -> Tensor:
        if not self.training:
            return super().forward(input)
        x = input.float()
        others = [axis for axis in range(x.ndim) if axis != 1]
        # A row a rank, each filling its own: the variance of all follows without a difference of large squares.
        own = torch.stack(torch.var_mean(x, others, correction=0))
        row = nn.functional.one_hot(torch.tensor(distributed.get_rank(), device=x.device), distributed.get_world_size())
        rows: Tensor = _Sum.apply(row.view(-1, 1, 1) * own)  # type: ignore[no-untyped-call]
        variances, means = rows.unbind(1)
        mean = means.mean(0)
        variance = variances.mean(0) + means.var(0, correction=0)
        self._remember(mean.detach(), variance.detach(), len(rows) * x.numel() // x.shape[1])
        shape = [1, -1] + [1] * (x.ndim - 2)
        scale = self.weight * torch.rsqrt(variance + self.eps)
        normalised: Tensor = ((x - mean.view(shape)) * scale.view(shape) + self.bias.view(shape)).to(input.dtype)
        return normalised

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor, n: int) -> None:
        assert self.momentum is not None
        assert self.num_batches_tracked is not None
        assert self.running_mean is not None
        assert self.running_var is not None
        self.num_batches_tracked.add_(1)
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance * n / (n - 1), self.momentum)

    def _check_input_dim(self, input: Tensor) -> None:
        """Any number of axes."""


class _Sum(torch.autograd.Function):
    """The sum over all ranks. Each of them learns from it, so its gradient is the sum of their gradients."""

    @staticmethod
    def forward(_: Any, x: Tensor) -> Tensor:
        total = x.clone(memory_format=torch.contiguous_format)
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(_: Any, gradient: Tensor) -> Tensor:
        summed: Tensor = _Sum.apply(gradient)  # type: ignore[no-untyped-call]
        return summed
