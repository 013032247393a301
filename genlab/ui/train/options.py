"""Controls for the options of any model, made from what the model says about them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from genlab.ui import links, words
from genlab.ui.i18n import t

if TYPE_CHECKING:
    from genlab.models.options import OptionField
    from genlab.models.preset import Preset


def defaults(preset: Preset) -> dict[str, Any]:
    """All options of a preset's model, as the preset sets them."""
    from genlab.models import MODELS
    from genlab.models.options import option_fields

    fields = option_fields(MODELS[preset.model].Options)
    return {field.name: preset.options.get(field.name, field.default) for field in fields}


def form(preset: Preset, fields: Sequence[OptionField], columns: int) -> dict[str, Any]:
    """A control for each of some options, in so many columns; returns what they are set to.

    The values live in the address as ``?<preset>.<option>=``, where they differ from the preset's.
    """
    values: dict[str, Any] = {}
    start = defaults(preset)
    for first in range(0, len(fields), columns):
        row = st.columns(columns, vertical_alignment="bottom")
        for column, field in zip(row, fields[first : first + columns], strict=False):
            with column:
                values[field.name] = control(preset, field, start[field.name])
    return values


def control(preset: Preset, field: OptionField, value: Any) -> Any:
    """The control of one option; its bounds hold in the browser only, so the result is checked again later."""
    label, about = words.option_label(preset.model, field), words.option_help(preset.model, field)
    key = f"{preset.key}.{field.name}"
    if field.kind == "bool":
        return st.toggle(label, value, key=key, help=about, bind="query-params")
    if field.kind == "choice":
        return links.select(
            label, field.choices, param=key, default=value, text=partial(words.option_choice, field), help=about
        )
    if field.kind == "layers":
        return st.text_input(label, value, key=key, help=f"{about}  \n{t('train.options.layers')}", bind="query-params")
    if field.kind == "int":
        low, high = (None if bound is None else int(bound) for bound in (field.low, field.high))
        return st.number_input(label, low, high, int(value), step=1, key=key, help=about, bind="query-params")
    return st.number_input(
        label, field.low, field.high, float(value), step=step_of(field, float(value)), format="%g",
        key=key, help=about, bind="query-params",
    )  # fmt: skip


def step_of(field: OptionField, value: float) -> float:
    """How far a click moves a number: by its leading digit, and less where that would lead to nothing."""
    if value > 0:
        return float(10.0 ** math.floor(math.log10(value / 1.01)))
    return 0.01 if field.high is not None and field.high <= 0.5 else 0.1


def changed(preset: Preset, values: dict[str, Any]) -> dict[str, Any]:
    """The options a configuration has to name: those that differ from the defaults of the model."""
    from genlab.models import MODELS
    from genlab.models.options import option_fields

    standard = {field.name: field.default for field in option_fields(MODELS[preset.model].Options)}
    chosen = {**preset.options, **values}
    return {name: value for name, value in chosen.items() if value != standard[name]}
