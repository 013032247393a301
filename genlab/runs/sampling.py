"""Pictures from a run's checkpoints."""

from __future__ import annotations

import torch
from torch import Tensor

from genlab.data.pictures import to_bytes
from genlab.models.base import GenerativeModel
from genlab.models.seeding import seeded
from genlab.models.storage import StoredModel, load_model
from genlab.runs.store import Run, RunError
from genlab.training.checkpoint import MODEL_FILE

CHUNK = 256
MAX_PICTURES = 10_000
SEED_MAX = 2**31 - 1
TRUNCATION_MAX = 2.0


def load_checkpoint(run: Run, step: int | None = None) -> tuple[StoredModel, int]:
    """The model of the newest checkpoint, or of the last one up to `step`, and the step it is from.

    Raises
    ------
    RunError
        There is no such checkpoint.
    genlab.models.storage.WeightsError
        Its file is damaged.
    """
    checkpoints = [entry for entry in run.checkpoints() if step is None or entry[0] <= step]
    if not checkpoints:
        raise RunError("This run has no checkpoint yet: the first one comes some ten seconds into the training.")
    at, folder = checkpoints[-1]
    return load_model(folder / MODEL_FILE), at


def generate(model: GenerativeModel, n: int, seed: int, truncation: float = 1.0, label: int | None = None) -> Tensor:
    """Draw pictures; the same arguments give the same pictures, and a larger `n` begins with those of a smaller.

    Parameters
    ----------
    n
        1 to 10,000.
    seed
        0 to 2**31 - 1.
    truncation
        0 to 2; below 1 safer and less varied.
    label
        A class, where ``model.prior.n_classes`` is above 0.

    Returns
    -------
    Tensor
        uint8 (n, C, H, W).

    Raises
    ------
    RunError
        A value is out of range.
    genlab.models.ModelError
        The model knows no such class.
    """
    if not 1 <= n <= MAX_PICTURES:
        raise RunError(f"Between 1 and {MAX_PICTURES} pictures can be drawn at a time, not {n}.")
    if not 0 <= seed <= SEED_MAX:
        raise RunError(f"A seed is a whole number from 0 to {SEED_MAX}.")
    if not 0.0 <= truncation <= TRUNCATION_MAX:
        raise RunError(f"The truncation lies between 0 and {TRUNCATION_MAX:g}.")
    with torch.no_grad():
        # Drawn in whole chunks, so that asking for more pictures does not change the first ones.
        parts = []
        for index in range(-(-n // CHUNK)):
            z = model.prior.draw(CHUNK, seeded(seed, index), truncation, label)
            parts.append(to_bytes(model.sample(z[: n - index * CHUNK])))
    return torch.cat(parts)
