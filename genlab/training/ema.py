"""An exponential moving average of some of a model's modules, their buffers included.

The average of a generator's weights draws steadier pictures than the last weights do (Yazici et al. 2018,
arXiv 1806.04498), and batch normalisation's running statistics must follow the weights that they belong to.
torch's ``AveragedModel`` does the same, but collects and groups all tensors anew at every step, which costs a
small network a tenth of its speed; here the pairs are matched once.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

RAMP = 0.1
"""The half-life is at most this share of the pictures seen so far, so that the start is soon forgotten."""


class MovingAverage:
    """Averages of the submodules of `model` called `names`.

    Parameters
    ----------
    halflife
        Pictures after which a weight counts half; above 0.
    """

    def __init__(self, model: nn.Module, names: tuple[str, ...], halflife: float) -> None:
        self.halflife = halflife
        self.modules = nn.ModuleDict({name: copy.deepcopy(getattr(model, name)) for name in names})
        self.modules.requires_grad_(False)
        current = [tensor for name in names for tensor in _tensors(getattr(model, name))]
        pairs = list(zip(_tensors(self.modules), current, strict=True))
        self._floats = [pair for pair in pairs if pair[0].is_floating_point()]
        self._counters = [pair for pair in pairs if not pair[0].is_floating_point()]

    @torch.no_grad()
    def update(self, batch_size: int, images: int) -> None:
        """Take in the weights after a step on `batch_size` pictures, the last of `images` seen in all."""
        halflife = min(self.halflife, RAMP * images)
        share = 1.0 - 0.5 ** (batch_size / halflife)
        averages, current = zip(*self._floats, strict=True)
        torch._foreach_lerp_(averages, current, share)
        for average, counter in self._counters:
            average.copy_(counter)


def _tensors(module: nn.Module) -> list[Tensor]:
    return [tensor.detach() for tensor in (*module.parameters(), *module.buffers())]
