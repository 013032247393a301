"""The run that is there on first start: a small trained hybrid, made by ``tools/make_demo.py`` and shipped as it is."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from pathlib import Path

from genlab.paths import runs_dir

DEMO = Path(__file__).parent / "demo"
"""A run folder, as any other but for the files that only going on with its training would need."""


def install_demo() -> None:
    """Put the shipped run into a home that never had any runs. One that was deleted does not come back.

    Raises
    ------
    OSError
        The home cannot be written.
    """
    runs = runs_dir()
    if runs.exists():
        return
    beside = runs.with_name(f".runs-{secrets.token_hex(6)}")
    try:
        shutil.copytree(DEMO, beside)
        # Fails where another process was quicker: then its folder is as good.
        with contextlib.suppress(OSError):
            beside.rename(runs)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
