"""What was asked for of each run, and what of it differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from genlab.ui import words
from genlab.ui.compare.gather import one_line
from genlab.ui.i18n import t
from genlab.ui.text import count

if TYPE_CHECKING:
    from genlab.training.config import RunConfig
    from genlab.ui.compare.gather import Entry


def of(config: RunConfig) -> dict[str, str]:
    """Every setting of a training by its name, the model's defaults among them, as text."""
    from genlab.models import MODELS
    from genlab.models.options import option_fields, parse_options
    from genlab.training.config import BUDGETS

    options: object = parse_options(MODELS[config.model].Options, config.options)
    unit, amount = next((name, getattr(config, name)) for name in BUDGETS if getattr(config, name) is not None)
    values: dict[str, object] = {
        "budget": f"{_text(amount)} {unit}",
        "batch_size": config.batch_size,
        "seed": config.seed,
        "device": config.device,
        "precision": config.precision,
    }
    values |= {field.name: getattr(options, field.name) for field in option_fields(type(options))}
    return {name: _text(value) for name, value in values.items()}


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def differing(entries: Sequence[Entry]) -> list[str]:
    """Names of the settings that are not the same in all runs that have them."""
    all_settings = [of(entry.config) for entry in entries]
    names = dict.fromkeys(name for settings in all_settings for name in settings)
    return [name for name in names if len({settings[name] for settings in all_settings if name in settings}) > 1]


def label(name: str, entries: Sequence[Entry]) -> str:
    """What a setting is called on the screen."""
    from genlab.models import MODELS
    from genlab.models.options import option_fields

    own = {
        "budget": "compare.budget", "batch_size": "train.budget.batch", "seed": "train.options.seed",
        "device": "train.options.device", "precision": "train.options.precision",
    }  # fmt: skip
    if name in own:
        return t(own[name])
    for model in dict.fromkeys(entry.config.model for entry in entries):
        for field in option_fields(MODELS[model].Options):
            if field.name == name:
                return words.option_label(model, field)
    return name


def shown(name: str, value: str) -> str:
    """A setting's value on the screen."""
    if name != "budget":
        return one_line(value)
    amount, _, unit = value.partition(" ")
    return t(f"compare.budgets.{unit}", n=count(int(amount)) if amount.isdecimal() else amount)


def preset_title(config: RunConfig) -> str:
    """The name of the preset a training started from; its key where this version does not know it."""
    from genlab.models.presets import PRESETS

    known = PRESETS.get(config.preset)
    return one_line(words.preset_title(known) if known is not None else config.preset)
