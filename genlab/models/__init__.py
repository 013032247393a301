"""The models, by the key that a configuration, a link and the screen use for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genlab.models.base import GenerativeModel, Shape
from genlab.models.dcgan import DCGAN
from genlab.models.gan import GAN
from genlab.models.options import ModelError, parse_options
from genlab.models.vae import VAE

MODELS: dict[str, type[GenerativeModel]] = {model.key: model for model in (VAE, GAN, DCGAN)}


def model_class(key: object) -> type[GenerativeModel]:
    """The class behind a registry key.

    Raises
    ------
    ModelError
        No model has this key.
    """
    if not isinstance(key, str) or key not in MODELS:
        raise ModelError(f"There is no model called {key!r}. The models are: {', '.join(MODELS)}.")
    return MODELS[key]


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
