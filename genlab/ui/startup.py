"""What the server does once, before it shows the first page."""

from __future__ import annotations

import gc
import importlib
import logging
import threading

import streamlit as st

from genlab.runs.demo import install_demo

log = logging.getLogger("genlab.ui")

HEAVY = ("torch", "pandas", "genlab.models", "genlab.runs", "genlab.data")
"""Slow to import, and wanted by the second page a visitor opens: fetched while the first one is read."""


@st.cache_resource(show_spinner=False)
def prepare() -> None:
    """Put the shipped run in place and begin to import what is heavy; at once on every later call."""
    install_demo()
    threading.Thread(target=_warm_up, name="genlab-warm-up", daemon=True).start()


def _warm_up() -> None:
    for name in HEAVY:
        try:
            importlib.import_module(name)
        except ImportError:
            log.exception("%s cannot be imported", name)
    # Streamlit collects garbage after every rerun. What is loaded by now never becomes garbage, and
    # walking over it each time would cost a live page more than everything else it does.
    gc.collect()
    gc.freeze()
