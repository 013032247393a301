"""Training a shipped model: an ordinary run, in a home of its own, of which the processor's seconds are counted."""

from __future__ import annotations

import json
import time

from filelock import Timeout

from genlab.errors import GenlabError
from genlab.paths import atomic_write_json
from genlab.runs.interrupts import pausing_on_signals
from genlab.runs.session import Session
from genlab.runs.status import run_lock
from genlab.runs.store import Run, create_run, list_runs
from genlab.training.config import RunConfig

COST_FILE = "cost.json"
"""Seconds of CPU that the training took so far, over all its sittings."""


def trained(config: RunConfig) -> Run:
    """The finished run of a configuration: found here, gone on with where it was interrupted, or trained now.

    Raises
    ------
    GenlabError
        The training failed or was interrupted; asked again it goes on.
    """
    found = next((run for run in list_runs() if run.problem is None and run.config == config), None)
    run = found or create_run(config, state="paused")
    if run.status().state == "finished":
        return run
    began = time.process_time()
    try:
        lock = run_lock(run.path).acquire(timeout=1.0)
    except Timeout:
        raise GenlabError(f"The run {run.id} is being trained by another process. Wait for it to end.") from None
    with lock:
        session = Session(run)
        with pausing_on_signals(session):
            status = session.train()
    atomic_write_json(run.path / COST_FILE, cpu_seconds(run) + time.process_time() - began)
    if status.state != "finished":
        raise GenlabError(f"The training of {run.id} is {status.state}. {status.why} Build again to go on.")
    return run


def cpu_seconds(run: Run) -> float:
    """What the training took of the processor; 0 before it began."""
    path = run.path / COST_FILE
    return float(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else 0.0
