"""What the server does once, before it shows the first page."""

from __future__ import annotations

import importlib
import logging
import threading
from pathlib import Path

import streamlit as st

from genlab.paths import runs_dir
from genlab.runs.demo import install_demo

log = logging.getLogger("genlab.ui")

HEAVY = ("torch", "pandas", "genlab.models", "genlab.runs.control", "genlab.data")
"""Slow to import, and wanted by the second page a visitor opens: fetched while the first one is read."""


def prepare() -> None:
    """Put the shipped run in place and begin to import what is heavy; at once on every later call."""
    _install_demo(runs_dir())
    _begin_warm_up()


@st.cache_resource(show_spinner=False)
def _install_demo(runs: Path) -> None:
    try:
        install_demo()
    except OSError:  # the lab works without it, and starting a training will tell what is wrong
        log.exception("The shipped run cannot be put into %s", runs)


@st.cache_resource(show_spinner=False)
def _begin_warm_up() -> None:
    threading.Thread(target=_warm_up, name="genlab-warm-up", daemon=True).start()


def _warm_up() -> None:
    for name in HEAVY:
        try:
            importlib.import_module(name)
        except ImportError:
            log.exception("%s cannot be imported", name)
