"""The Train page before a training: pictures, a model, and how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from genlab.errors import GenlabError
from genlab.ui import links, navigation, shell, words
from genlab.ui.i18n import t
from genlab.ui.text import count
from genlab.ui.train import options, pictures, search

if TYPE_CHECKING:
    from genlab.data import Source
    from genlab.models.preset import Preset
    from genlab.training.config import RunConfig

MINUTES: Final = 1.0
STEPS: Final = 2000
BATCHES: Final = (16, 32, 64, 128, 256, 512)


def draw() -> None:
    """Everything to choose, and the button."""
    st.subheader(t("train.pictures.heading"), anchor=False)
    source = pictures.choose()
    st.subheader(t("train.model.heading"), anchor=False)
    preset = choose_model()
    st.subheader(t("train.budget.heading"), anchor=False)
    wanted = choose_budget(preset)
    target = wanted.pop("target")
    values = choose_options(preset)
    extra = {**wanted, **values.pop("_run")}
    try:
        config, parameters = checked(source, preset, options.changed(preset, values), extra)
    except GenlabError as error:
        shell.show_error(error)
        st.button(t("train.start"), type="primary", disabled=True, icon=":material/play_arrow:")
        return
    facts = t("train.summary", model=words.model_title(preset.model), data=source.title, parameters=count(parameters))
    if not source.cached():
        facts += " " + t("train.pictures.first_download")
    st.markdown(shell.escape(facts))
    if st.button(t("train.start"), type="primary", icon=":material/play_arrow:", key="start"):
        from genlab.runs import control

        run = control.start(config, target=target)
        navigation.go("train", run=run.id)
    search.draw(config)


def choose_model() -> Preset:
    """A model and one of its presets."""
    from genlab.models import MODELS
    from genlab.models.presets import PRESETS, presets_for

    left, right = st.columns([2, 3], gap="large")
    with left:
        model = links.select(
            t("train.model.label"), list(MODELS), param="model", default=next(iter(MODELS)),
            text=words.model_title,
        )  # fmt: skip
        st.caption(shell.escape(words.model_about(model)))
    presets = [preset.key for preset in presets_for(model)]
    with right:
        key = links.select(
            t("train.model.preset"), presets, param="preset", default=presets[0],
            text=lambda key: words.preset_title(PRESETS[key]),
        )  # fmt: skip
        preset = PRESETS[key]
        st.caption(shell.escape(words.preset_about(preset)))
        if preset.mended:
            with st.container(border=True):
                mended = shell.escape(words.preset_mended(preset))
                st.markdown(f":material/build: **{t('train.model.mended')}** {mended}")
    return preset


def choose_budget(preset: Preset) -> dict[str, Any]:
    """How long to train, the size of a batch, and the target of the run."""
    from genlab.runs.gate import Target

    kind_column, amount_column, batch_column, target_column = st.columns(4, vertical_alignment="bottom")
    with kind_column:
        kind = links.select(
            t("train.budget.label"), ["minutes", "steps"], param="budget", default="minutes",
            text=lambda key: t(f"train.budget.{key}"), horizontal=True,
        )  # fmt: skip
    with amount_column:
        if kind == "minutes":
            amount: float = st.number_input(
                t("train.budget.minutes"), 0.1, 10080.0, MINUTES, step=0.5, format="%g",
                key="minutes", help=t("train.budget.minutes_help"), bind="query-params",
            )  # fmt: skip
        else:
            amount = st.number_input(
                t("train.budget.steps"), 1, 10**8, STEPS, step=500,
                key="steps", help=t("train.budget.steps_help"), bind="query-params",
            )  # fmt: skip
    with batch_column:
        choices = sorted({*BATCHES, preset.batch_size})
        batch = st.selectbox(
            t("train.budget.batch"), choices, choices.index(preset.batch_size), key=f"{preset.key}.batch_size",
            help=t("train.budget.batch_help"), bind="query-params",
        )  # fmt: skip
    with target_column:
        bound = st.number_input(
            t("gate.setup"), 0.0, None, None, format="%g", key="target", help=t("gate.setup_help"),
            placeholder=t("gate.none"), bind="query-params",
        )  # fmt: skip
    return {kind: amount, "batch_size": batch, "target": None if bound is None else Target("fid", bound)}


def choose_options(preset: Preset) -> dict[str, Any]:
    """The options that matter most, the others in an expander; those of the run itself are under ``_run``."""
    from genlab.models import MODELS
    from genlab.models.options import option_fields

    fields = option_fields(MODELS[preset.model].Options)
    values = options.form(preset, [field for field in fields if field.basic], columns=4)
    with st.expander(t("train.options.more"), icon=":material/tune:"):
        values |= options.form(preset, [field for field in fields if not field.basic], columns=3)
        left, middle, right = st.columns(3)
        with left:
            seed = st.number_input(
                t("train.options.seed"), 0, 2**31 - 1, 0, key="seed", help=t("train.options.seed_help"),
                bind="query-params",
            )  # fmt: skip
        with middle:
            device = st.selectbox(
                t("train.options.device"), ["auto", "cpu", "cuda", "mps"], key="device",
                help=t("train.options.device_help"), bind="query-params",
            )  # fmt: skip
        with right:
            precision = st.selectbox(
                t("train.options.precision"), ["auto", "fp32", "bf16", "fp16"], key="precision",
                help=t("train.options.precision_help"), bind="query-params",
            )  # fmt: skip
    return {**values, "_run": {"seed": seed, "device": device, "precision": precision}}


def checked(source: Source, preset: Preset, chosen: dict[str, Any], extra: dict[str, Any]) -> tuple[RunConfig, int]:
    """The configuration that the controls ask for, and how many parameters its model has.

    The model is built without memory for its weights, which is quick and finds what does not fit together.

    Raises
    ------
    GenlabError
        Something is out of range, or the model cannot draw pictures of this shape.
    """
    import torch

    from genlab.models import build
    from genlab.training.config import RunConfig

    config = RunConfig(data=source.name, model=preset.model, options=chosen, preset=preset.key, **extra)
    with torch.device("meta"):
        model = build(preset.model, source.shape, chosen, source.n_classes)
    return config, sum(parameter.numel() for parameter in model.parameters())
