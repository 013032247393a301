"""Which number format to train in: half precision where this device gains by it, found out by trying.

Whether bfloat16 pays depends on the processor and on the network, and no flag tells. So the first steps of a
training are played both ways on copies: half precision is taken only if it is clearly faster and its loss
agrees. The finding is kept in the cache, so that the same training on the same machine chooses the same again.
"""

from __future__ import annotations

import copy
import hashlib
import json
import logging
import math
import time
from typing import NamedTuple

import torch

from genlab.data.pictures import Pictures
from genlab.models.base import GenerativeModel
from genlab.paths import atomic_write_json, cache_dir
from genlab.training.config import RunConfig
from genlab.training.device import describe, random_state, set_random_state, synchronise
from genlab.training.trainer import PRECISIONS, DivergedError, Trainer

log = logging.getLogger(__name__)

GAIN = 1.1
"""How much faster half precision must be to be taken."""

TOLERANCE = 0.05
"""How far the first losses may differ between the two, relatively and at least absolutely."""

TRIAL_SECONDS, TURNS = 0.4, 4
"""Each way is tried for so long, in turns, so that what else the machine does disturbs both alike."""

WARM_UP = 2


class Precision(NamedTuple):
    """A choice and its reason, one sentence for people."""

    name: str  # "fp32" | "bf16" | "fp16"
    why: str


def choose_precision(model: GenerativeModel, pictures: Pictures, config: RunConfig, device: torch.device) -> Precision:
    """Choose for this model on this device, or take what the configuration says.

    The model, the pictures and torch's global random state are left as they were.
    """
    if config.precision != "auto":
        return Precision(config.precision, "chosen in the configuration")
    path = cache_dir() / "precision" / f"{_key(model, config, device)}.json"
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["name"] in PRECISIONS:
            return Precision(kept["name"], str(kept["why"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass  # not measured yet, or not readable: measured below
    before = random_state(device)
    choice = _measure(model, pictures, config, device, half_format(device))
    set_random_state(before, device)
    try:
        atomic_write_json(path, choice._asdict())
    except OSError as error:
        log.warning("The choice of precision could not be kept in %s: %s", path, error)
    return choice


def half_format(device: torch.device) -> str:
    """``"bf16"``, or ``"fp16"`` on a GPU that only has that."""
    if device.type == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False):
        return "fp16"
    return "bf16"


def _measure(
    model: GenerativeModel, pictures: Pictures, config: RunConfig, device: torch.device, half: str
) -> Precision:
    full = _Trial(model, pictures, config, device, "fp32")
    try:
        other = _Trial(model, pictures, config, device, half)
        for _ in range(TURNS):
            full.play(TRIAL_SECONDS / TURNS)
            other.play(TRIAL_SECONDS / TURNS)
    except (DivergedError, RuntimeError) as error:
        return Precision("fp32", f"{half} does not work here: {error}")
    if any(abs(other.losses[k] - v) > TOLERANCE * max(1.0, abs(v)) for k, v in full.losses.items()):
        return Precision("fp32", f"the losses in {half} differ from those in fp32 by more than {TOLERANCE:.0%}")
    ratio = full.best / other.best
    if ratio < GAIN:
        return Precision("fp32", f"{half} is {ratio:.2f} times as fast here, which is no gain")
    return Precision(half, f"{ratio:.2f} times as fast as fp32 here, and the losses agree")


class _Trial:
    """A training on a copy of the model.

    Attributes
    ----------
    losses
        Of the first step.
    best
        Seconds of the fastest step: the one that other processes disturbed least.
    """

    def __init__(
        self, model: GenerativeModel, pictures: Pictures, config: RunConfig, device: torch.device, precision: str
    ) -> None:
        self._trainer = Trainer(copy.deepcopy(model), pictures, config, device, precision)
        self._trainer.step()
        self.losses = {n: value for n, value in self._trainer.take_metrics().items() if n.endswith("/loss")}
        for _ in range(WARM_UP):
            self._trainer.step()
        self.best = math.inf

    def play(self, seconds: float) -> None:
        """Train for so long, at least one step."""
        synchronise(self._trainer.device)
        now = start = time.perf_counter()
        while now == start or now - start < seconds:
            self._trainer.step()
            synchronise(self._trainer.device)
            before, now = now, time.perf_counter()
            self.best = min(self.best, now - before)


def _key(model: GenerativeModel, config: RunConfig, device: torch.device) -> str:
    what = [
        describe(device),
        torch.__version__,
        model.key,
        repr(model.options),
        model.shape,
        config.batch_size,
    ]
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:24]
