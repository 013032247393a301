"""How models, data sets, presets, options and runs are called on the screen."""

from __future__ import annotations

import base64
from html import escape as html
from typing import TYPE_CHECKING, Final, Literal

from genlab.errors import GenlabError
from genlab.ui.errors import said
from genlab.ui.i18n import own_words, t

if TYPE_CHECKING:
    from genlab.data import Source
    from genlab.models.options import OptionField
    from genlab.models.preset import Preset
    from genlab.runs.status import Status
    from genlab.runs.store import Run

ZOO: Final = "zoo-"
"""How the ids of runs begin that come with the lab."""

Colour = Literal["gray", "blue", "orange", "green", "red"]

STATE_COLOURS: Final[dict[str, Colour]] = {
    "queued": "gray",
    "running": "blue",
    "paused": "orange",
    "stopped": "gray",
    "finished": "green",
    "failed": "red",
    "died": "red",
    "broken": "red",
}


def data_title(name: str) -> str:
    """The proper name of a data set; its key where it is gone."""
    from genlab.data import find

    try:
        return find(name).title
    except GenlabError:
        return name


def data_about(source: Source) -> str:
    """A data set in one sentence."""
    return own_words("data", source.name, source.about)


def model_title(key: str) -> str:
    """What a model is called; its key where this version does not know it."""
    from genlab.models import MODELS

    return own_words("models", f"{key}.title", MODELS[key].title) if key in MODELS else key


def model_about(key: str) -> str:
    """A model in a sentence or two."""
    from genlab.models import MODELS

    return own_words("models", f"{key}.about", MODELS[key].about)


def preset_title(preset: Preset) -> str:
    """A preset's name."""
    return _preset_words(preset, "title")


def preset_about(preset: Preset) -> str:
    """A preset in one or two sentences."""
    return _preset_words(preset, "about")


def preset_mended(preset: Preset) -> str:
    """What had to change for a printed listing to run; empty for other presets."""
    return _preset_words(preset, "mended") if preset.mended else ""


def _preset_words(preset: Preset, part: str) -> str:
    return own_words("models", f"{preset.model}.presets.{preset.key}.{part}", getattr(preset, part))


def option_label(model: str, field: OptionField) -> str:
    """The short name of an option."""
    return _option_words(model, field, "label")


def option_help(model: str, field: OptionField) -> str:
    """An option in a sentence."""
    return _option_words(model, field, "help")


def option_choice(field: OptionField, value: str) -> str:
    """What the screen shows for one of the choices of an option."""
    return own_words("models", f"shared.choices.{field.name}.{value}", value)


def _option_words(model: str, field: OptionField, part: str) -> str:
    shared = own_words("models", f"shared.options.{field.name}.{part}", getattr(field, part))
    return own_words("models", f"{model}.options.{field.name}.{part}", shared)


def state_badge(state: str) -> str:
    """A state as a small coloured label, in Streamlit's Markdown."""
    return f":{STATE_COLOURS[state]}-badge[{t(f'common.state.{state}')}]"


def what(run: Run) -> str:
    """What a run trains on what: "DCGAN · MNIST 5k"."""
    return f"{model_title(run.config.model)} · {data_title(run.config.data)}"


def shipped_title(run: Run) -> str:
    """What a run that comes with the lab is called: as its preset, whose options it has, or as its model by default."""
    from genlab.models.presets import PRESETS

    config = run.config
    if config.preset == config.model or config.preset not in PRESETS:
        return model_title(config.model)
    return preset_title(PRESETS[config.preset])


def title(run: Run) -> str:
    """The name a person gave the run, else its number, where it has one, and what it trains."""
    if run.title != run.name:
        return run.title
    if run.id.startswith(ZOO):
        return f"{shipped_title(run)} · {data_title(run.config.data)}"
    return f"{run.number} · {what(run)}" if run.number else what(run)


def note(status: Status) -> str:
    """What a worker is doing before it trains, such as a download."""
    return said(status.note)


def picture(png: bytes, alt: str) -> str:
    """A picture that lies in the page itself.

    What ``st.image`` shows is fetched by the browser, and is gone by then where a live page moves on quickly.
    """
    data = base64.b64encode(png).decode()
    return f'<img class="gl-picture" decoding="sync" alt="{html(alt)}" src="data:image/png;base64,{data}">'


def bar(share: float, told: str = "") -> str:
    """A progress bar in HTML. ``st.progress`` glides to each new value, which costs more than all else here."""
    per_cent = round(100 * min(1.0, max(0.0, share)), 1)
    return (
        f'<div class="gl-bar"><span>{html(told)}</span><div role="progressbar" aria-valuenow="{per_cent}" '
        f'aria-label="{html(told)}"><i style="width:{per_cent}%"></i></div></div>'
    )


def stats(pairs: list[tuple[str, str]]) -> str:
    """Names and values as a row of small tiles, in HTML: much lighter than as many ``st.metric``."""
    tiles = "".join(f"<div><span>{html(name)}</span><b>{html(value)}</b></div>" for name, value in pairs)
    return f'<div class="gl-stats">{tiles}</div>'
