"""Generators from several numbers."""

import torch

from genlab.models.seeding import seeded


def test_every_number_counts_whatever_its_size_and_place() -> None:
    combinations = [(0,), (1,), (0, 0), (0, 1), (1, 0), (2**16, 0), (2**31 - 1, 0), (2**31 - 1, 5), (0, 2**32)]
    drawn = {tuple(torch.rand(4, generator=seeded(*numbers)).tolist()) for numbers in combinations}
    assert len(drawn) == len(combinations)


def test_the_same_numbers_give_the_same_generator() -> None:
    assert torch.equal(torch.rand(4, generator=seeded(3, 4)), torch.rand(4, generator=seeded(3, 4)))
