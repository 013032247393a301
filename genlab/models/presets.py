"""All presets by their keys: those of the models' own files, and the listings of the documents."""

from __future__ import annotations

from genlab.models import MODELS
from genlab.models.listings import LISTINGS
from genlab.models.options import ModelError
from genlab.models.preset import Preset

PRESETS: dict[str, Preset] = {
    entry.key: entry for entry in (*(own for model in MODELS.values() for own in model.presets), *LISTINGS)
}


def preset(key: str) -> Preset:
    """The preset of a key.

    Raises
    ------
    ModelError
        No preset has this key.
    """
    if key not in PRESETS:
        raise ModelError(f"There is no preset called {key!r}. The presets are: {', '.join(PRESETS)}.")
    return PRESETS[key]


def presets_for(model: str) -> list[Preset]:
    """The presets of a model, its default first."""
    return [entry for entry in PRESETS.values() if entry.model == model]
