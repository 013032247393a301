"""mnist-5k-colour: the pictures of mnist-5k, each in an ink and on a paper of its own. Colour without a download."""

import dataclasses

import numpy as np
import torch
from numpy.typing import NDArray

from genlab.data import mnist5k
from genlab.data.pictures import Pictures
from genlab.data.source import Progress, Split

NAME = "mnist-5k-colour"
SEEDS: dict[Split, int] = {"train": 0, "test": 1}
INK, PAPER = (0.75, 1.0), (0.0, 0.3)
"""Brightness from and to: digits are always lighter than what they stand on."""


def load(split: Split, progress: Progress | None = None) -> Pictures:
    """uint8 (N, 3, 28, 28); hues are drawn evenly and know nothing of the class.

    Raises
    ------
    DataError
        As :mod:`genlab.data.mnist5k` raises it.
    """
    grey = mnist5k.load(split, progress)
    # RandomState, whose stream NumPy has frozen for good: the colours must outlive NumPy's releases.
    random = np.random.RandomState(SEEDS[split])
    ink, paper = _colours(random, len(grey), INK), _colours(random, len(grey), PAPER)
    share = grey.images.numpy() / 255.0
    images = np.rint(255.0 * (ink * share + paper * (1.0 - share))).astype(np.uint8)
    return Pictures(NAME, torch.from_numpy(images), grey.labels, grey.classes)


def _colours(random: np.random.RandomState, count: int, brightness: tuple[float, float]) -> NDArray[np.float64]:
    """Saturated colours (count, 3, 1, 1) in [0, 1]: the corners of the hue circle, blended in between."""
    hue, value = 6.0 * random.rand(count, 1), random.uniform(*brightness, (count, 1))
    channels = np.clip(np.abs((hue + np.array([0.0, 4.0, 2.0])) % 6.0 - 3.0) - 1.0, 0.0, 1.0)  # red, green, blue
    colours: NDArray[np.float64] = (value * (0.2 + 0.8 * channels))[:, :, None, None]
    return colours


SOURCE = dataclasses.replace(
    mnist5k.SOURCE,
    name=NAME,
    title="MNIST 5k in colour",
    shape=(3, mnist5k.SIDE, mnist5k.SIDE),
    about="The digits of MNIST 5k, each in an ink and on a paper of its own: colour without a download.",
    load=load,
)
