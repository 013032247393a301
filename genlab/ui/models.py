"""Trained models in the server's memory, shared by all visitors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

if TYPE_CHECKING:
    from genlab.models.storage import StoredModel
    from genlab.runs.store import Run


class Weights(NamedTuple):
    """A file of weights as it stood at a moment: written anew, it is another."""

    path: str
    written: int


def weights(run: Run, step: int) -> Weights:
    """The weights that a run saved at `step`.

    Raises
    ------
    genlab.runs.store.RunError
        They are gone.
    """
    from genlab.runs.store import RunError
    from genlab.training.checkpoint import MODEL_FILE

    folder = dict(run.checkpoints()).get(step)
    try:
        if folder is not None:
            path = folder / MODEL_FILE
            return Weights(str(path), path.stat().st_mtime_ns)
    except OSError:
        pass  # removed while we looked
    raise RunError(f"The checkpoint of step {step} is gone. Choose another step.")


@st.cache_resource(max_entries=6, show_spinner=False)
def load(wanted: Weights, /) -> StoredModel:
    """The model with these weights, ready to draw; the six looked at last are kept.

    Raises
    ------
    genlab.models.storage.WeightsError
        The file is damaged.
    """
    from genlab.models.storage import load_model

    return load_model(Path(wanted.path))
