"""How good a model is at single pictures."""

import numpy as np
import pytest
import torch
from torch import Tensor

from genlab.latent.scores import reconstruction_errors
from tests.latent.models import Critic, Encoder


class Halving(Encoder):
    """Makes of each picture one of half its values; of black ones no numbers."""

    def encode(self, x: Tensor) -> Tensor:
        return x.flatten(1)

    def sample(self, z: Tensor) -> Tensor:
        return torch.where(z == -1, torch.nan, z / 2).view(-1, 1, 8, 8)


def test_errors_by_hand() -> None:
    images = torch.zeros(300, 1, 8, 8, dtype=torch.uint8)
    images[0] = 255  # 1, of which one half is made
    images[1] = 255
    images[1, 0, 0, 0] = 0
    found = reconstruction_errors(Halving(), images)
    assert found.shape == (300,)
    assert found.dtype == np.float32
    assert found[0] == pytest.approx(0.25)
    assert np.isnan(found[1:]).all()


def test_who_has_no_encoder_has_no_errors() -> None:
    assert reconstruction_errors(Critic(), torch.zeros(3, 1, 8, 8, dtype=torch.uint8)).shape == (0,)
