"""One's own picture, as far as several tabs want to know of it: which one, what the model gets, and its latent.

The address names it by a key of its content, so that a reload or a link keeps it, and says how its latent is found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from genlab.ui import links, models
from genlab.ui.latent import loading

if TYPE_CHECKING:
    from genlab.latent.invert import Inversion, Settings
    from genlab.latent.result import Projection
    from genlab.models.base import GenerativeModel
    from genlab.runs.inversions import Search
    from genlab.runs.maps import Map

Default = TypeVar("Default", int, None)

OWN: Final = "own"
BY: Final = "by"
SEED: Final = "inv_seed"
STEPS: Final = "inv_steps"
CLASS: Final = "inv_class"


def key() -> str | None:
    """The key of the picture that the address names, whatever it is."""
    return links.get(OWN)


def given(own: str) -> NDArray[np.uint8]:
    """The picture as it was uploaded or drawn, (3, S, S); a DataError where it is not kept."""
    from genlab.data.own.single import kept

    return kept(own)


def prepared(wanted: Map, own: str) -> NDArray[np.uint8]:
    """What the model gets, uint8 (C, H, W); a DataError where there is nothing to see."""
    from genlab.data.own.single import prepared as made_alike

    return made_alike(given(own), wanted.run.config.data, loading.model(wanted).shape)


def is_inverted(model: GenerativeModel) -> bool:
    """Whether the latent is looked for by optimisation: always without an encoder, else if the address says so."""
    return not model.has_encoder or links.get(BY) == "invert"


def search(wanted: Map, own: str) -> Search:
    """The search for the latent, there or not, with the settings of the address."""
    from genlab.runs.inversions import plan

    return plan(wanted.run, own, settings(loading.model(wanted)), wanted.step)


def settings(model: GenerativeModel) -> Settings:
    """What the address asks of a search; what makes no sense there counts as not given."""
    from genlab.latent import invert as bounds
    from genlab.latent.spec import MAX_SEED

    return bounds.Settings(
        seed=_whole(SEED, 0, MAX_SEED, 0),
        steps=_whole(STEPS, bounds.MIN_STEPS, bounds.MAX_STEPS, bounds.DEFAULT_STEPS),
        label=_whole(CLASS, 0, model.prior.n_classes - 1, None),
    )


def latent(wanted: Map, own: str) -> NDArray[np.float32] | None:
    """The picture's latent (L,), encoded or found; None where it has not been looked for."""
    model = loading.model(wanted)
    if not is_inverted(model):
        return encoded(wanted, prepared(wanted, own))
    found = result(search(wanted, own))
    return None if found is None else found.z


def result(wanted: Search) -> Inversion | None:
    """What a search has found; None where it is not done."""
    return _read(str(wanted.result()), wanted) if wanted.is_done() else None


def encoded(wanted: Map, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The encoder's latent (L,) of a picture (C, H, W)."""
    import torch

    from genlab.data import to_floats

    with torch.inference_mode():
        z = loading.model(wanted).encode(to_floats(torch.from_numpy(picture))[None])
    return np.asarray(z[0].float().numpy())


def classes(wanted: Map) -> tuple[str, ...]:
    """Names of the classes that the model was trained on."""
    return models.load(models.weights(wanted.run, wanted.step)).classes


def place(
    wanted: Map, made: Projection, picture: NDArray[np.uint8], z: NDArray[np.float32] | None
) -> tuple[float, float] | None:
    """Where a picture with this latent lies on a flat map; None where the map is not flat or is of something else.

    Raises
    ------
    genlab.latent.spec.LatentError
        The map cannot take new points.
    """
    from genlab.latent.place import place as placed

    features = _features(wanted, made, picture, z)
    if features is None or made.spec.dims != 2:
        return None
    x, y = placed(made, features)[0]
    return float(x), float(y)


def _features(
    wanted: Map, made: Projection, picture: NDArray[np.uint8], z: NDArray[np.float32] | None
) -> NDArray[np.float32] | None:
    """What the map is made of, of one picture: (1, F)."""
    import torch

    from genlab.evaluation.extractor import extractor_for
    from genlab.latent.points import DRAWN, features_of, hidden

    what, model, images = made.spec.what, loading.model(wanted), torch.from_numpy(picture)[None]
    if what == "classifier":
        return extractor_for(wanted.run.config.data)(images).features.float().numpy()
    if what in DRAWN and z is None:
        return None
    if z is not None and what in ("encoder", *DRAWN):
        return hidden(model, torch.from_numpy(z)[None]).numpy() if what == "generator" else z[None]
    return features_of(model, images, what).numpy()


def _whole(param: str, low: int, high: int, default: Default) -> int | Default:
    text = links.get(param) or ""
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 11 else low - 1
    return value if low <= value <= high else default


@st.cache_resource(max_entries=64, show_spinner=False)
def _read(path: str, _wanted: Search, /) -> Inversion:
    del path  # tells one search from another
    return _wanted.load()
