"""``control.json``: what a person asks of a run while it trains. Pages write it, the worker reads it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from genlab.paths import atomic_write_json
from genlab.runs.status import State

Command = Literal["run", "pause", "stop"]

ENDS: dict[str, State] = {"run": "finished", "pause": "paused", "stop": "stopped"}
"""How a training ends that heeds a command."""

CONTROL_FILE = "control.json"
LR_SCALE_MIN, LR_SCALE_MAX = 0.01, 100.0


@dataclass(frozen=True)
class Orders:
    """What is asked of a run.

    Attributes
    ----------
    command
        ``pause`` and ``stop`` both end the training with a checkpoint, from which it can go on.
    lr_scale
        Factor on every learning rate, 0.01 to 100.
    """

    command: Command = "run"
    lr_scale: float = 1.0


def write_orders(folder: Path, orders: Orders) -> None:
    """Replace the orders."""
    atomic_write_json(folder / CONTROL_FILE, asdict(orders))


def read_orders(folder: Path) -> Orders:
    """The orders as they stand; where nobody gave any, or the file makes no sense, train on as before."""
    try:
        values: Any = json.loads((folder / CONTROL_FILE).read_text(encoding="utf-8"))
        orders = Orders(values["command"], float(values["lr_scale"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Orders()
    known = orders.command in get_args(Command)
    return orders if known and valid_lr_scale(orders.lr_scale) else Orders()


def valid_lr_scale(factor: float) -> bool:
    """Whether a factor on the learning rates lies between 0.01 and 100."""
    return math.isfinite(factor) and LR_SCALE_MIN <= factor <= LR_SCALE_MAX
