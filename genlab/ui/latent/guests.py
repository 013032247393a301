"""Pictures that another run's model draws, shown among the points of a map, as that map's own model sees them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from genlab.errors import GenlabError
from genlab.ui import links, models, run_picker, shell, words
from genlab.ui.i18n import t
from genlab.ui.latent import beside, loading
from genlab.ui.latent.colour import Runs
from genlab.ui.text import in_key

if TYPE_CHECKING:
    from genlab.latent.result import Projection
    from genlab.runs.maps import Map
    from genlab.runs.store import Run

NONE: Final = "none"
PARAM: Final = "guest"
INVITED: Final = 300
"""Pictures that are drawn: enough to see where they lie, and few enough to be there at once."""


@dataclass(frozen=True, eq=False)
class Party:
    """A map with whoever is on it.

    Attributes
    ----------
    wanted
        The map, under a name that tells it from the same without guests: for what the browser keeps.
    made
        Its points, then the guests.
    runs
        Whose points these are; None where there are no guests.
    sentence
        What the guests are, as plain text; empty where there are none.
    """

    wanted: Map
    made: Projection
    runs: Runs | None = None
    sentence: str = ""


def choose(wanted: Map, made: Projection) -> Party:
    """The choice of another run, kept in the address, and the map with what that one draws."""
    from genlab.latent.guests import takes_guests

    alone = Party(wanted, made)
    runs = {name: run for name, run in beside.runs(wanted).items() if name != wanted.run.id}
    if made.spec.dims != 2 or not takes_guests(made) or not runs:
        links.put(PARAM, None)
        return alone
    with st.popover(t("canvas.guest"), icon=":material/group_add:"):
        chosen = links.select(
            t("common.run.label"), [NONE, *runs], param=PARAM, default=NONE, help=t("canvas.guest_help", n=INVITED),
            text=lambda name: t("canvas.guest_none") if name == NONE else run_picker.label(runs[name]),
        )  # fmt: skip
    if chosen == NONE:
        return alone
    try:
        return _party(wanted, made, runs[chosen])
    except GenlabError as error:  # the map without them is as good as before
        shell.show_error(error)
        return alone


def _party(wanted: Map, made: Projection, guest: Run) -> Party:
    from genlab.latent.place import is_exact

    step, _ = guest.checkpoints()[-1]
    weights = models.weights(guest, step)
    key = f"{wanted.key}-{in_key(guest.id)}-{weights.written}"
    with st.spinner(t("canvas.guest_coming")):
        joined = _joined(key, wanted, made, weights)
    title = words.title(guest)
    told = t("canvas.guest_exact" if is_exact(made) else "canvas.guest_near", n=INVITED, run=title, step=step)
    return Party(replace(wanted, key=key), joined, Runs(len(made), (words.title(wanted.run), title)), told)


@st.cache_resource(max_entries=4, show_spinner=False)
def _joined(key: str, _wanted: Map, _made: Projection, _weights: models.Weights) -> Projection:  # noqa: ARG001  # the key
    import torch

    from genlab.latent.guests import with_guests
    from genlab.latent.points import draw

    guest = models.load(_weights).model
    images = draw(guest, guest.prior.draw(INVITED, torch.Generator().manual_seed(_made.spec.seed))).numpy()
    return with_guests(_made, images, _seen(_wanted, _made, images))


def _seen(wanted: Map, made: Projection, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the map is made of, of pictures (M, C, H, W): float32 (M, F)."""
    import torch

    from genlab.evaluation.extractor import extractor_for
    from genlab.latent.points import features_of

    pictures = torch.from_numpy(images)
    if made.spec.what == "classifier":
        return extractor_for(wanted.run.config.data)(pictures).features.float().numpy()
    return features_of(loading.model(wanted), pictures, made.spec.what).numpy()
