"""A look at the pictures of a data set."""

from __future__ import annotations

from typing import Final

import streamlit as st

COLUMNS: Final = 10
ROWS: Final = 4


@st.cache_data(max_entries=32, show_spinner=False)
def sheet(name: str, stamp: str) -> bytes:  # noqa: ARG001 - it is part of the cache key
    """PNG of some forty pictures, a class a column where there are ten or fewer.

    Parameters
    ----------
    name
        A data set's key; its pictures are on this machine.
    stamp
        Changes when the set does: pictures of one's own may be deleted and added anew under the same name.

    Raises
    ------
    genlab.data.DataError
        The set cannot be read.
    """
    import torch

    from genlab.data import load
    from genlab.data.grid import gap_for, png_bytes, tile

    pictures = load(name, "train")
    classes = len(pictures.classes)
    if pictures.labels is not None and 2 <= classes <= COLUMNS:
        columns = classes
        found = [torch.nonzero(pictures.labels == label).flatten() for label in range(classes)]
        rows = min(ROWS, *(len(indices) for indices in found))
        chosen = torch.stack([indices[:rows] for indices in found], dim=1).flatten()
    else:
        columns = min(COLUMNS, len(pictures))
        wanted = min(columns * ROWS, len(pictures))
        chosen = torch.linspace(0, len(pictures) - 1, wanted).long()
    if not len(chosen):  # a class without any picture
        columns, chosen = min(COLUMNS, len(pictures)), torch.arange(min(COLUMNS * ROWS, len(pictures)))
    shown = pictures.images[chosen].numpy()
    return png_bytes(tile(shown, columns, gap=gap_for(shown), paper=0))


def stamp(name: str) -> str:
    """When the set was made, where that can change."""
    from genlab.paths import datasets_dir

    kind, _, own = name.partition(":")
    if kind != "own":
        return ""
    path = datasets_dir() / own / "dataset.json"  # another visitor's set may have the same name
    try:
        return f"{path} {path.stat().st_mtime_ns}"
    except OSError:
        return ""
