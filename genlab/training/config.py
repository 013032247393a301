"""Everything that is needed to run a training again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, get_args

from genlab.errors import GenlabError
from genlab.models import model_class
from genlab.models.options import parse_options

DeviceName = Literal["auto", "cpu", "cuda", "mps"]
PrecisionName = Literal["auto", "fp32", "bf16", "fp16"]

MIN_BATCH, MAX_BATCH = 2, 4096
"""Batch normalisation has no variance to divide by with one picture."""

BUDGETS = {"minutes": 7 * 24 * 60.0, "steps": 10**8, "images": 10**10}
"""The three ways to say how long to train, with the most that each may ask for."""


class ConfigError(GenlabError):
    """A configuration asks for something that cannot be; the message says what and what would do."""


@dataclass(frozen=True)
class RunConfig:
    """A training as a person asks for it. Exactly one of `minutes`, `steps` and `images` is given.

    A budget in steps or images gives the same weights whenever it is run again with the same seed and precision on the
    same kind of CPU; the precision "auto" is what is measured to be faster at the start. A budget in minutes ends when
    the time is up, wherever the training is by then.

    Attributes
    ----------
    data
        A data set's key, such as ``"mnist-5k"`` or ``"own:cats"``.
    model
        A model's key.
    options
        What differs from the defaults of the model's ``Options``.
    preset
        The preset that the options started from, or empty.

    Raises
    ------
    ConfigError
        A field is out of range.
    genlab.models.ModelError
        The model or one of its options is unknown or out of range.
    """

    data: str
    model: str
    options: dict[str, Any] = field(default_factory=dict)
    preset: str = ""
    batch_size: int = 64
    seed: int = 0
    minutes: float | None = None
    steps: int | None = None
    images: int | None = None
    device: DeviceName = "auto"
    precision: PrecisionName = "auto"

    def __post_init__(self) -> None:
        if not isinstance(self.data, str) or not self.data:
            raise ConfigError("A training needs the name of a data set.")
        if not isinstance(self.options, Mapping):
            raise ConfigError("The options of a model are pairs of a name and a value.")
        if not isinstance(self.preset, str):
            raise ConfigError("A preset is named by its key.")
        parse_options(model_class(self.model).Options, self.options)
        _whole("batch_size", self.batch_size, MIN_BATCH, MAX_BATCH)
        _whole("seed", self.seed, 0, 2**31 - 1)
        _choice("device", self.device, get_args(DeviceName))
        _choice("precision", self.precision, get_args(PrecisionName))
        self._check_budget()

    def _check_budget(self) -> None:
        given = [name for name in BUDGETS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ConfigError("Say how long to train in one way: minutes, steps or images.")
        (name,) = given
        if name == "minutes":
            _number(name, self.minutes, BUDGETS[name])
        else:
            _whole(name, getattr(self, name), 1, int(BUDGETS[name]))

    @property
    def total_steps(self) -> int | None:
        """Steps of a budget in steps or images; None for one in minutes."""
        if self.images is not None:
            return max(1, math.ceil(self.images / self.batch_size))
        return self.steps

    def longer(self, times: float) -> RunConfig:
        """The same with so many times the budget, or with the most that may be asked for."""
        (name,) = (name for name in BUDGETS if getattr(self, name) is not None)
        budget = min(BUDGETS[name], times * getattr(self, name))
        return replace(self, **{name: budget if name == "minutes" else round(budget)})

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: object) -> RunConfig:
        """Check values that came from a file or a browser.

        Raises
        ------
        ConfigError
            No mapping, an unknown or missing field, or a value out of range.
        """
        if not isinstance(values, Mapping):
            raise ConfigError("A configuration is a JSON object with the fields of a training.")
        known = {entry.name for entry in fields(cls)}
        unknown = sorted(str(key) for key in set(values) - known)
        if unknown:
            raise ConfigError(f"A configuration has no field called {unknown[0]!r}.")
        missing = sorted({"data", "model"} - set(values))
        if missing:
            raise ConfigError(f"The configuration lacks the field {missing[0]!r}.")
        return cls(**values)


def _whole(name: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ConfigError(f"The {name.replace('_', ' ')} is a whole number from {low} to {high}, not {value!r}.")


def _number(name: str, value: Any, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= high:
        raise ConfigError(f"The {name} are a number above 0 and up to {high:g}, not {value!r}.")


def _choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ConfigError(f"The {name} is one of {', '.join(choices)}, not {value!r}.")
