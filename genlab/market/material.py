"""The pictures that experiments train on: smaller and flawed sets, drawn from a data set and kept as own ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genlab.data.pictures import DataError, Pictures, to_bytes, to_floats
from genlab.market.experiments import Arm, Flaw

if TYPE_CHECKING:
    from torch import Tensor

SHUFFLE_SEED = 0
NOISY_SHARE = 0.1
"""Pixels of a noisy picture that take a random value."""


def material(arm: Arm, data: str) -> str:
    """The key of the data set that an arm is trained on, which is made where it is not there yet.

    Raises
    ------
    genlab.errors.GenlabError
        The data set cannot be loaded, has too few pictures, or the smaller one cannot be stored.
    """
    from genlab.data import load
    from genlab.data.own.store import PREFIX, read_facts, save
    from genlab.paths import datasets_dir

    if arm.n is None and not arm.flaw:
        return data
    name = "-".join(["market", data.replace(":", "-"), *([] if arm.n is None else [str(arm.n)]), arm.flaw or "plain"])
    made_from = f"{data}, for an experiment"
    if (datasets_dir() / name).is_dir():
        if read_facts(name).made_from != made_from:
            raise DataError(
                f"The name {name!r} of your own set is needed for an experiment. Rename or delete that set."
            )
    else:
        drawn = flawed(evenly(load(data, "train"), arm.n, arm.flaw == "one-sided"), arm.flaw)
        save(name, drawn, name, made_from, 0)
    return PREFIX + name


def evenly(pictures: Pictures, n: int | None, one_sided: bool) -> Pictures:
    """A set of which `n` pictures remain when a tenth is held out, as many of each class as can be.

    Parameters
    ----------
    n
        None for as many as there are.
    one_sided
        Only of the lower half of the classes.

    Raises
    ------
    DataError
        There are too few, or they have no classes.
    """
    from genlab.data.own.store import TEST_SHARE

    if pictures.labels is None:
        raise DataError(f"{pictures.name} has no classes from which pictures could be drawn evenly.")
    labels = pictures.labels.numpy()
    order = np.random.RandomState(SHUFFLE_SEED).permutation(len(labels))
    if one_sided:
        order = order[labels[order] < len(pictures.classes) // 2]
    rank = np.empty(len(order), dtype=np.int64)
    for label in range(len(pictures.classes)):
        members = np.flatnonzero(labels[order] == label)
        rank[members] = np.arange(len(members))
    order = order[np.argsort(rank, kind="stable")]
    totals = [total for total in range(2, len(order) + 1) if total - max(1, round(total * TEST_SHARE)) == n]
    if n is not None and not totals:
        raise DataError(f"{pictures.name} has too few pictures for a set of {n:,} of them.")
    return pictures.subset(order[: None if n is None else totals[0]].tolist())


def flawed(pictures: Pictures, flaw: Flaw) -> Pictures:
    """The pictures with a tenth of their pixels random, or blurred by a mean over 3 x 3; else as they are."""
    from dataclasses import replace

    import torch
    from torch.nn import functional as F

    from genlab.models.seeding import seeded

    images: Tensor = pictures.images
    if flaw == "noisy":
        generator = seeded(SHUFFLE_SEED)
        hit = torch.rand(images.shape, generator=generator) < NOISY_SHARE
        noise = torch.randint(256, images.shape, generator=generator, dtype=torch.uint8)
        images = torch.where(hit, noise, images)
    elif flaw == "blurred":
        padded = F.pad(to_floats(images), (1, 1, 1, 1), mode="replicate")
        images = to_bytes(F.avg_pool2d(padded, 3, stride=1))
    return replace(pictures, images=images)
