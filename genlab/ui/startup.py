"""What the server does once, before it shows the first page."""

from __future__ import annotations

import gc
import importlib
import logging
import threading

import streamlit as st

log = logging.getLogger("genlab.ui")

HEAVY = ("torch", "pandas", "genlab.models", "genlab.runs.control", "genlab.data")
"""Slow to import, and wanted by the second page a visitor opens: fetched while the first one is read."""


def prepare() -> None:
    """Begin to import what is heavy; at once on every later call."""
    _begin_warm_up()


@st.cache_resource(show_spinner=False)
def _begin_warm_up() -> None:
    threading.Thread(target=_warm_up, name="genlab-warm-up", daemon=True).start()


def _warm_up() -> None:
    for name in HEAVY:
        try:
            importlib.import_module(name)
        except ImportError:
            log.exception("%s cannot be imported", name)
    # Python's search for garbage would stop all scripts while it walks over torch, time and again. The second search
    # finds little to walk over, which is what Python goes by: without it the next would wait for much more garbage.
    gc.collect()
    gc.freeze()
    gc.collect()
