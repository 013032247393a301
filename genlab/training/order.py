"""The order in which pictures are shown: a new shuffle for each epoch, and a place in it that can be saved."""

from __future__ import annotations

import torch
from torch import Tensor

from genlab.models.seeding import seeded


class Order:
    """An endless stream of indices in which every picture comes once an epoch.

    A batch may end one epoch and begin the next, so no picture is left out and a data set
    smaller than a batch works too.

    Parameters
    ----------
    size
        Number of pictures.
    seed
        Each epoch's shuffle follows from the seed and the epoch's number alone.
    device
        Where the indices are wanted.
    """

    def __init__(self, size: int, seed: int, device: torch.device) -> None:
        self.size, self.seed, self.device = size, seed, device
        self.seek(0, 0)

    def seek(self, epoch: int, position: int) -> None:
        """Go to a place in the stream: `position` pictures into `epoch`.

        Raises
        ------
        ValueError
            There is no such place.
        """
        if epoch < 0 or not 0 <= position < self.size:
            raise ValueError(f"there is no picture {position} in epoch {epoch} of {self.size} pictures")
        self.epoch, self.position = epoch, position
        self._shuffle = torch.randperm(self.size, generator=seeded(self.seed, epoch)).to(self.device)

    def next(self, n: int) -> Tensor:
        """The next `n` indices, int64 (n,)."""
        parts = []
        while n:
            part = self._shuffle[self.position : self.position + n]
            parts.append(part)
            n -= len(part)
            self.position += len(part)
            if self.position == self.size:
                self.seek(self.epoch + 1, 0)
        return parts[0] if len(parts) == 1 else torch.cat(parts)
