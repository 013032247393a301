"""Two tiny models whose every number can be worked out by hand."""

from typing import Any, ClassVar

import torch
from torch import Tensor

from genlab.data.pictures import Pictures
from genlab.models.base import GenerativeModel, Sight
from genlab.models.priors import NormalPrior

SHAPE = (1, 2, 2)


class Encoder(GenerativeModel):
    """Its latent is the mean of the left and of the right column; it draws both columns flat."""

    key: ClassVar[str] = "vae"
    has_encoder: ClassVar[bool] = True

    def __init__(self, options: Any = None) -> None:
        super().__init__(SHAPE, options)
        self.prior = NormalPrior(2)

    def sample(self, z: Tensor) -> Tensor:
        return z[:, None, None, :].expand(-1, 1, 2, 2).clamp(-1, 1)

    def encode(self, x: Tensor) -> Tensor:
        return x.mean(dim=(1, 2))

    def features(self, x: Tensor) -> Tensor:
        return self.encode(x)


class Critic(Encoder):
    """The same without a way back; its critic sees the sum of all pixels, and their spread."""

    key: ClassVar[str] = "gan"
    sees: ClassVar[Sight] = "critic"
    has_encoder: ClassVar[bool] = False

    def encode(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def features(self, x: Tensor) -> Tensor:
        return torch.stack([x.sum((1, 2, 3)), x.std((1, 2, 3))], 1)


def pictures(n: int = 40, labelled: bool = True) -> Pictures:
    images = torch.randint(0, 256, (n, *SHAPE), generator=torch.Generator().manual_seed(5)).to(torch.uint8)
    labels = torch.arange(n) % 3 if labelled else None
    return Pictures("little", images, labels, ("a", "b", "c") if labelled else ())
