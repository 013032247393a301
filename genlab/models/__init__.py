"""The models, by the key that a configuration, a link and the screen use for them.

A module of this package that defines a model registers it by being there: a model is added with its file alone.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

from genlab.models.base import Family, GenerativeModel, Shape
from genlab.models.options import ModelError, parse_options

MODELS: dict[str, type[GenerativeModel]]
"""Every model by its key, by family and then by key; found when first asked for, see :func:`__getattr__`."""


def __getattr__(name: str) -> Any:
    # Modules that are looked through may themselves import MODELS, which only works once this one is whole.
    if name == "MODELS":
        return _models()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def _models() -> dict[str, type[GenerativeModel]]:
    """The models that the modules of this package define."""
    modules = [importlib.import_module(entry.name) for entry in pkgutil.iter_modules(__path__, f"{__name__}.")]
    found = [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, GenerativeModel) and value.__module__ == module.__name__
    ]
    families = get_args(Family)
    named = [model for model in found if "key" in vars(model)]
    return {model.key: model for model in sorted(named, key=lambda model: (families.index(model.family), model.key))}


def model_class(key: object) -> type[GenerativeModel]:
    """The class behind a registry key.

    Raises
    ------
    ModelError
        No model has this key.
    """
    models = _models()
    if not isinstance(key, str) or key not in models:
        raise ModelError(f"There is no model called {key!r}. The models are: {', '.join(models)}.")
    return models[key]


def build(key: str, shape: Shape, options: Mapping[str, Any], n_classes: int = 0) -> GenerativeModel:
    """Check the options and build a model with fresh weights from torch's global generator.

    Parameters
    ----------
    key
        One of :data:`MODELS`.
    shape
        (C, H, W) of the pictures.
    options
        Values that differ from the defaults of the model's ``Options``.
    n_classes
        Number of classes of the data set, 0 where it has none.

    Raises
    ------
    ModelError
        An unknown key or option, a value out of range, or a shape the networks cannot draw.
    """
    model = model_class(key)
    return model(shape, parse_options(model.Options, options), n_classes)


__all__ = ["MODELS", "GenerativeModel", "ModelError", "build", "model_class"]
