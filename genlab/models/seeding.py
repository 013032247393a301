"""Random generators that follow from several numbers."""

import hashlib

import torch


def seeded(*numbers: int) -> torch.Generator:
    """A generator of the CPU for each combination of whole numbers, such as a seed and an epoch.

    torch's CPU generator looks at the lower 32 bits of a seed alone, so that numbers must not be joined by shifting.
    """
    digest = hashlib.blake2b(repr(numbers).encode(), digest_size=4).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest))
