"""Real pictures as one tensor, and the way between bytes at rest and floats at the models' interface."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from genlab.errors import GenlabError


class DataError(GenlabError):
    """Pictures could not be found, fetched, read or stored; the message says which and what to do."""


@dataclass(frozen=True)
class Pictures:
    """A set of pictures of one size, small enough to sit whole on the training device.

    Attributes
    ----------
    name : str
        The source's key, such as ``"mnist"`` or ``"own:cats"``.
    images : Tensor
        uint8 of shape (N, C, H, W), C is 1 (grey) or 3 (colour), N >= 1.
    labels : Tensor or None
        int64 of shape (N,), each in ``[0, len(classes))``; None when the pictures have no classes.
    classes : tuple of str
        A name for each label; empty if unlabelled.

    Raises
    ------
    ValueError
        When the parts do not fit together: a fault of the code that built them, never of the user.
    """

    name: str
    images: Tensor
    labels: Tensor | None
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.images.dtype != torch.uint8 or self.images.ndim != 4:
            raise ValueError(f"images must be uint8 (N, C, H, W), not {self.images.dtype} {self.images.shape}")
        if self.images.shape[1] not in (1, 3) or 0 in self.images.shape:
            raise ValueError(f"images must be 1 or 3 channels and not empty, not {tuple(self.images.shape)}")
        if self.labels is None:
            if self.classes:
                raise ValueError("classes are named but there are no labels")
            return
        if self.labels.dtype != torch.int64 or self.labels.shape != self.images.shape[:1]:
            raise ValueError(f"labels must be int64 (N,), not {self.labels.dtype} {tuple(self.labels.shape)}")
        if self.labels.device.type != "cpu":
            return  # asking another device for values would wait for it; they were checked on the CPU
        if not 0 <= int(self.labels.min()) <= int(self.labels.max()) < len(self.classes):
            raise ValueError(f"labels must lie in 0..{len(self.classes) - 1}, a name for each")

    def __len__(self) -> int:
        return self.images.shape[0]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of one picture."""
        _, channels, height, width = self.images.shape
        return channels, height, width

    def to(self, device: torch.device | str) -> "Pictures":
        """The same pictures on ``device`` (this object when they are there already)."""
        if self.images.device == torch.device(device):
            return self
        labels = None if self.labels is None else self.labels.to(device)
        return replace(self, images=self.images.to(device), labels=labels)

    def subset(self, indices: Tensor | Sequence[int]) -> "Pictures":
        """The pictures at ``indices`` (int64 (M,), M >= 1), in that order; classes stay as they are."""
        chosen = torch.as_tensor(indices, dtype=torch.int64, device=self.images.device)
        labels = None if self.labels is None else self.labels[chosen]
        return replace(self, images=self.images[chosen], labels=labels)

    def spread(self, most: int) -> "Pictures":
        """Up to `most` of the pictures, evenly spread over the set; all of them (this object) where they are few."""
        if len(self) <= most:
            return self
        return self.subset(torch.linspace(0, len(self) - 1, most, device=self.images.device).long())


def to_floats(images: Tensor) -> Tensor:
    """uint8 in 0..255, any shape, to float32 in [-1, 1]: 0 becomes -1 and 255 becomes 1."""
    return images.to(torch.float32).div_(127.5).sub_(1.0)


def to_bytes(images: Tensor) -> Tensor:
    """Floats in [-1, 1], any shape, to uint8: values outside are clamped, the rest rounded.

    ``to_bytes(to_floats(x))`` is ``x`` for every byte. NaN has no byte; it is the caller's to refuse.
    """
    return images.to(torch.float32).add(1.0).mul_(127.5).round_().clamp_(0, 255).to(torch.uint8)
