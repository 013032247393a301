"""Where a run comes from: the code that made it and, where there is one, the run whose weights it starts with."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genlab import __version__


@dataclass(frozen=True)
class Origin:
    """The run that another one is a branch of.

    Attributes
    ----------
    run
        Its id; it may be gone by now.
    step
        The checkpoint whose weights the branch started with; None where it started with fresh ones.
    """

    run: str
    step: int | None


def provenance(origin: Origin | None) -> dict[str, Any]:
    """What ``config.json`` says of it."""
    import torch

    branched = {} if origin is None else {"branched_from": {"run": origin.run, "step": origin.step}}
    return {
        "versions": {"genlab": __version__, "torch": torch.__version__, "python": platform.python_version()},
        "commit": _commit(),
        **branched,
    }


def read_origin(record: dict[str, Any]) -> Origin | None:
    """The origin in a ``config.json``; None for a run that is no branch.

    Raises
    ------
    ValueError
        The entry is damaged.
    """
    entry = record.get("branched_from")
    if entry is None:
        return None
    if not isinstance(entry, dict) or not isinstance(entry.get("run"), str) or set(entry) != {"run", "step"}:
        raise ValueError(f"branched_from is {entry!r}")
    step = entry["step"]
    if step is not None and (isinstance(step, bool) or not isinstance(step, int) or step < 0):
        raise ValueError(f"the step of branched_from is {step!r}")
    return Origin(entry["run"], step)


def _commit() -> str | None:
    """The git commit of the code, where it runs from a checkout."""
    where = Path(__file__).parent
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=where, capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None
