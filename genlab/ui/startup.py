"""What the server does once, before it shows the first page."""

from __future__ import annotations

import gc
import importlib
import logging
import threading
from functools import cache

import streamlit as st

log = logging.getLogger("genlab.ui")

HEAVY = (
    "torch", "pandas", "genlab.models", "genlab.runs.control", "genlab.data", "plotly.graph_objects", "sympy",
    "scipy.stats", "genlab.ui.latent.page", "genlab.ui.gallery.page", "genlab.ui.compare.page", "genlab.ui.market.page",
)  # fmt: skip
"""Slow to import, and wanted by one page or another."""


def prepare() -> None:
    """Begin to import what is heavy while the first page is read; at once on every later call."""
    _begin_warm_up()


@st.cache_resource(show_spinner=False)
def _begin_warm_up() -> None:
    threading.Thread(target=warm_up, name="genlab-warm-up", daemon=True).start()


@cache
def warm_up() -> None:
    """Import what is heavy; at once on every later call."""
    for name in HEAVY:
        try:
            importlib.import_module(name)
        except ImportError:
            log.exception("%s cannot be imported", name)
    _calculate_on_one_core()
    # Python's search for garbage would stop all scripts while it walks over torch, time and again. The second search
    # finds little to walk over, which is what Python goes by: without it the next would wait for much more garbage.
    gc.collect()
    gc.freeze()
    gc.collect()


def _calculate_on_one_core() -> None:
    """Have torch use one core for each thing that it is asked to do.

    Pages ask for many small things. Where two cores share one of these, each waits for the other longer than it works,
    the more so beside a training: a transformer that draws a map's pictures took many times as long.
    """
    import torch

    torch.set_num_threads(1)
