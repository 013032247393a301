"""How the classifiers of the scores are trained: a fixed recipe, no choice of it looks at the held-out pictures."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genlab.data.pictures import Pictures, to_floats
from genlab.evaluation.classifier import Classifier
from genlab.models.seeding import seeded
from genlab.training.device import place

SHOWN, EPOCHS_MAX = 600_000, 100
"""Pictures shown in all, each time counted, unless that were too many epochs."""
BATCH = 128
LR = 4e-3
WEIGHT_DECAY = 1e-2
WARM_UP = 0.2
SHIFT_SHARE = 1 / 14
"""Pictures are shifted by up to this share of their side: two pixels of 28, one of 8."""
CHUNK = 500

Told = Callable[[float], object]
"""Told the share of the work that is done, 0 to 1."""


def epochs_for(n: int) -> int:
    """How often `n` pictures are gone through."""
    return min(EPOCHS_MAX, -(-SHOWN // n))


def train_classifier(
    pictures: Pictures, seed: int = 0, epochs: int | None = None, tell: Told | None = None
) -> Classifier:
    """Train a classifier on labelled pictures; the result is a function of the arguments and the threads.

    AdamW, a rate that rises and falls linearly, batches of 128, each shifted as a whole by up to a fourteenth of
    the side.

    Parameters
    ----------
    pictures
        With labels.
    epochs
        By default what :func:`epochs_for` says.

    Raises
    ------
    ClassifierError
        The pictures are below 8 pixels a side.
    """
    assert pictures.labels is not None
    generator = seeded(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Classifier(pictures.shape, len(pictures.classes))
    place(model, torch.device("cpu"))
    epochs = epochs or epochs_for(len(pictures))
    # The last batch of an epoch that is not full is left out: one of a single picture has no variance.
    batches = max(1, len(pictures) // BATCH)
    optimiser = torch.optim.AdamW(model.parameters(), lr=LR, weight_decay=WEIGHT_DECAY, fused=True)
    model.train()
    for step in range(epochs * batches):
        if step % batches == 0:
            order = torch.randperm(len(pictures), generator=generator)
        chosen = order[step % batches * BATCH :][:BATCH]
        x = _shifted(to_floats(pictures.images[chosen]), generator)
        loss = F.cross_entropy(model(x), pictures.labels[chosen])
        optimiser.zero_grad()
        loss.backward()
        progress = step / (epochs * batches)
        optimiser.param_groups[0]["lr"] = LR * min(progress / WARM_UP, (1 - progress) / (1 - WARM_UP))
        optimiser.step()
        if tell is not None:
            tell((step + 1) / (epochs * batches))
    return model.eval().requires_grad_(False)


def _shifted(x: Tensor, generator: torch.Generator) -> Tensor:
    """A batch moved by a few pixels, its edges drawn out: (N, C, H, W) as before."""
    height, width = x.shape[2:]
    down, right = (max(1, round(side * SHIFT_SHARE)) for side in (height, width))
    top = int(torch.randint(2 * down + 1, (), generator=generator))
    left = int(torch.randint(2 * right + 1, (), generator=generator))
    padded = F.pad(x, (right, right, down, down), mode="replicate")
    return padded[:, :, top : top + height, left : left + width].contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def accuracy(model: nn.Module, pictures: Pictures) -> float:
    """Share of labelled pictures that a classifier names rightly."""
    assert pictures.labels is not None
    named = torch.cat([model(to_floats(chunk)).argmax(1) for chunk in pictures.images.split(CHUNK)])
    return float((named == pictures.labels).double().mean())
