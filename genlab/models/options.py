"""Options of a model: one frozen dataclass each, its fields carrying range, choices and a sentence of help.

The same description validates a configuration file, builds the controls of the Train page and fills
``python -m genlab train --help``, so an option is written down once, in the model's own file.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from genlab.errors import GenlabError

T = TypeVar("T")


class ModelError(GenlabError):
    """A model cannot be built as asked; the message says why and what to do."""


class OptionField(NamedTuple):
    """One option as a form or a command line needs it."""

    name: str
    kind: str  # "int" | "float" | "bool" | "choice" | "layers"
    default: Any
    label: str
    help: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    basic: bool  # shown at once; the others wait in an expander
    log: bool  # a slider over it moves in decades


def option(
    default: Any,
    label: str,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    layers: bool = False,
    basic: bool = False,
    log: bool = False,
) -> Any:
    """Declare one field of a model's ``Options`` dataclass.

    Parameters
    ----------
    default
        Its type gives the kind: ``bool``, ``int``, ``float``; a ``str`` needs `choices` or `layers`.
    label
        A word or two over its control.
    help
        One sentence for people.
    low, high
        Inclusive bounds of a number.
    layers
        The string lists widths of hidden layers, first to last, such as ``"128-256"``.
    """
    metadata = {
        "label": label,
        "help": help,
        "low": low,
        "high": high,
        "choices": choices,
        "layers": layers,
        "basic": basic,
        "log": log,
    }
    return dataclasses.field(default=default, metadata=metadata)


def option_fields(options: type) -> list[OptionField]:
    """The options of a dataclass made with :func:`option`, in the order of declaration."""
    return [_describe(field) for field in dataclasses.fields(options)]


def _describe(field: dataclasses.Field[Any]) -> OptionField:
    meta = field.metadata
    if meta["layers"]:
        kind = "layers"
    elif meta["choices"]:
        kind = "choice"
    else:
        kind = type(field.default).__name__
    return OptionField(
        field.name,
        kind,
        field.default,
        meta["label"],
        meta["help"],
        meta["low"],
        meta["high"],
        meta["choices"],
        meta["basic"],
        meta["log"],
    )


def parse_options(options: type[T], values: Mapping[str, Any]) -> T:
    """Check `values` against the fields of `options` and build it; what is not given keeps its default.

    Raises
    ------
    ModelError
        An unknown name, a wrong type, a number out of range or an unknown choice.
    """
    fields = {field.name: field for field in option_fields(options)}
    unknown = sorted(str(name) for name in set(values) - set(fields))
    if unknown:
        known = ", ".join(fields)
        raise ModelError(f"There is no option called {unknown[0]!r} here. The options are: {known}.")
    return options(**{name: _checked(fields[name], value) for name, value in values.items()})


def read_option(field: OptionField, text: str) -> Any:
    """The value of an option as a person types it.

    Raises
    ------
    ModelError
        It is of another type, out of range or an unknown choice.
    """
    if field.kind == "bool" and text in ("true", "false"):
        return text == "true"
    if field.kind in ("int", "float"):
        try:
            return _checked(field, int(text) if field.kind == "int" else float(text))
        except ValueError:
            raise ModelError(f"The option {field.name} is a number, not {text!r}.") from None
    return _checked(field, text)


def _checked(field: OptionField, value: Any) -> Any:
    if field.kind == "bool":
        if not isinstance(value, bool):
            raise ModelError(f"The option {field.name} is either true or false, not {value!r}.")
        return value
    if field.kind == "choice":
        if value not in field.choices:
            raise ModelError(f"The option {field.name} is one of {', '.join(field.choices)}, not {value!r}.")
        return value
    if field.kind == "layers":
        parse_layers(value, field.name)
        return value
    return _checked_number(field, value)


def _checked_number(field: OptionField, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
        raise ModelError(f"The option {field.name} is a number, not {value!r}.")
    if field.kind == "int" and value != int(value):
        raise ModelError(f"The option {field.name} is a whole number, not {value!r}.")
    if (field.low is not None and value < field.low) or (field.high is not None and value > field.high):
        raise ModelError(
            f"The option {field.name} is {value:g}, but must lie between {field.low:g} and {field.high:g}."
        )
    return int(value) if field.kind == "int" else float(value)


MAX_LAYERS = 8
MAX_WIDTH = 8192


def parse_layers(text: Any, name: str = "layers") -> list[int]:
    """Widths of hidden layers from a text such as ``"128-256-512"``.

    Raises
    ------
    ModelError
        Not one to eight whole numbers between 1 and 8192, joined by hyphens.
    """
    parts = text.split("-") if isinstance(text, str) else []
    if not 1 <= len(parts) <= MAX_LAYERS or not all(
        part.isascii() and part.isdigit() and len(part) <= 4 and 1 <= int(part) <= MAX_WIDTH for part in parts
    ):
        raise ModelError(
            f"The option {name} lists widths joined by hyphens, such as 128-256: one to {MAX_LAYERS} whole "
            f"numbers of at most {MAX_WIDTH}. It was {text!r}."
        )
    return [int(part) for part in parts]
