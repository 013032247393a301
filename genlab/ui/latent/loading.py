"""Finished maps in the server's memory, shared by all visitors, and the models that made them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.ui import models

if TYPE_CHECKING:
    from genlab.evaluation.extractor import Extractor
    from genlab.latent.result import Projection
    from genlab.models.base import GenerativeModel
    from genlab.runs.maps import Map

KEY: Final = re.compile(r"[0-9a-f]{24}")
"""The names of maps; they hold no separator and no dot, so a path made of one stays in its folder."""


def load(wanted: Map) -> Projection:
    """A finished map; never changed by those who share it."""
    return _read(str(wanted.result()), wanted.key)


def model(wanted: Map) -> GenerativeModel:
    """The model that made a map, in evaluation mode on the CPU."""
    return models.load(models.weights(wanted.run, wanted.step)).model


def found(run_id: str, key: str) -> tuple[Map, Projection]:
    """The finished map that an address names, whatever that holds.

    Raises
    ------
    genlab.runs.store.RunError
        There is no such run or map, or the weights that made the map are gone.
    """
    from genlab.runs.maps import Map, plan
    from genlab.runs.store import RunError, open_run

    run = open_run(run_id)
    paths = [place / Map.FOLDER / f"{key}.npz" for place in run.places] if KEY.fullmatch(key) else []
    path = next(filter(Path.is_file, paths), None)
    if path is None:
        raise RunError(f"The run {run_id} has no map of this name any more. Compute it again.")
    made = _read(str(path), key)
    wanted = plan(run, made.spec, made.step)
    if wanted.key != key:
        raise RunError("The weights that made this map are gone. Compute it again.")
    return wanted, made


@st.cache_resource(max_entries=4, show_spinner=False)
def _read(path: str, _key: str, /) -> Projection:
    """The map in a file; the key tells one content from another."""
    from genlab.latent.result import load

    return load(Path(path))


def extractor(data: str) -> Extractor:
    """What tells pictures of a data set apart, kept until the set is another one."""
    from genlab.runs.derived import pictures_digest

    return _extractor(data, pictures_digest(data))


@st.cache_resource(max_entries=4, show_spinner=False)
def _extractor(data: str, digest: str, /) -> Extractor:
    from genlab.evaluation.extractor import extractor_for

    del digest  # tells one's own pictures from others of the same name
    return extractor_for(data)
