"""Distances from picture to picture, by hand with features that are means of pixels."""

import torch
from numpy.testing import assert_allclose

from genlab.evaluation.extractor import Extractor, Features, extractor_for
from genlab.evaluation.perceptual import step_distances


def test_steps_by_hand() -> None:
    means = Extractor("means", "", (), lambda x: Features(x.float().mean(dim=3).flatten(1), None))
    images = torch.zeros(3, 1, 2, 2, dtype=torch.uint8)
    images[1, 0, 0], images[1, 0, 1] = 3, 4  # means of the rows: (0, 0), (3, 4), (3, 16)
    images[2, 0, 0], images[2, 0, 1] = 3, 16
    assert_allclose(step_distances(means, images), [5, 12])


def test_the_same_picture_is_no_step_and_another_is() -> None:
    images = torch.randint(0, 256, (2, 1, 8, 8), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    same, other = step_distances(extractor_for("digits"), images[[0, 0, 1]])
    assert same == 0
    assert other > 0.1
