"""Downloads that a page starts: each in a process of its own, so that no visitor waits for another's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

import genlab
from genlab.paths import cache_dir


@dataclass(frozen=True)
class Progress:
    """How far a download is.

    Attributes
    ----------
    done, total
        Bytes; a total of 0 is not known yet.
    error
        Why it failed, in a sentence; empty while all is well.
    """

    done: int = 0
    total: int = 0
    error: str = ""


class Download:
    """One data set on its way to this machine."""

    def __init__(self, name: str) -> None:
        self._file = cache_dir() / f".{name}.progress.json"
        self._file.unlink(missing_ok=True)  # what an earlier download told
        root = str(Path(genlab.__file__).parent.parent)
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "genlab.ui.train.fetch", name, str(self._file)],
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )

    @property
    def is_running(self) -> bool:
        """Whether the process is still at it."""
        return self._process.poll() is None

    def progress(self) -> Progress:
        """What the process wrote last."""
        try:
            return Progress(**json.loads(self._file.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return Progress()


class Downloads:
    """The downloads of this server, one a data set, shared by all sessions."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: dict[str, Download] = {}

    def start(self, name: str) -> None:
        """Begin a download unless it is under way."""
        with self._lock:
            known = self._all.get(name)
            if known is None or not known.is_running:
                self._all[name] = Download(name)

    def get(self, name: str) -> Download | None:
        """The newest download of a data set, under way or ended."""
        return self._all.get(name)


@st.cache_resource(show_spinner=False)
def downloads() -> Downloads:
    """The one registry of this server."""
    return Downloads()
