"""Links by which a run can be looked at, and not changed, by whoever has one.

::

    shared/
      9f86d081884c7d65...json     called by the hash of a link's secret: {"home": "", "run": "00012-mnist-dcgan", ...}
    runs/00012-mnist-dcgan/
      shared.json                 {"secret": "..."}, for the owner to copy the link again

Whoever can list the folder ``shared`` still has no link. A link ends when its owner withdraws it or deletes the run and
with the home that the run is in. It shows the run and nothing else of that home: no log, no message of a failure, which
may name folders, none of the owner's own pictures by their data set, and not which other run it is a branch of.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from genlab.data.own.store import PREFIX
from genlab.paths import atomic_write_json, home, root
from genlab.runs import visitors
from genlab.runs.changes import changing
from genlab.runs.numbering import FOLDER
from genlab.runs.provenance import Origin
from genlab.runs.shelf import Shelved
from genlab.runs.status import STATUS_FILE, Status
from genlab.runs.store import CONFIG_FILE, Run, RunError
from genlab.training.config import RunConfig

SECRET_BYTES = 24
ID = re.compile(r"shared-([A-Za-z0-9_-]{32})")
"""As ``secrets.token_urlsafe`` writes 192 random bits."""
SHARE_FILE = "shared.json"
UNTOLD: dict[str, dict[str, Any]] = {CONFIG_FILE: {"branched_from": None}, STATUS_FILE: {"why": "", "host": ""}}
"""What files say instead of what is the owner's own affair, by their names."""
NO_LINK = "This link does not share a run, or not any more. Ask whoever sent it for another one."


def share(run: Run) -> str:
    """Share a run; the id by which links name it, the same as long as it is not withdrawn.

    Raises
    ------
    RunError
        The run is somebody else's or gone, or the disk refuses.
    """
    with changing(run):
        known = shared_as(run)
        if known is not None:
            return known
        secret = secrets.token_urlsafe(SECRET_BYTES)
        owner = "" if home() == root() else home().name
        atomic_write_json(_record(secret), {"home": owner, "run": run.id, "created": time.time()})
        atomic_write_json(run.path / SHARE_FILE, {"secret": secret})
    return f"shared-{secret}"


def shared_as(run: Run) -> str | None:
    """The id by which links name a run of one's own; None while it is not shared."""
    secret = _secret(run)
    return f"shared-{secret}" if secret is not None and _record(secret).exists() else None


def withdraw(run: Run) -> None:
    """Let a run's link show nothing any more.

    Raises
    ------
    RunError
        The run is somebody else's or gone, or the disk refuses.
    """
    with changing(run):
        end(run)


def end(run: Run) -> None:
    """As :func:`withdraw`, for who is changing the run already."""
    secret = _secret(run)
    if secret is not None:
        _record(secret).unlink(missing_ok=True)
        (run.path / SHARE_FILE).unlink(missing_ok=True)


def end_all(owner: Path) -> None:
    """End all links to runs of a visitor whose home is gone."""
    for path in _folder().glob("*.json"):
        if _read(path).get("home") == owner.name:
            path.unlink(missing_ok=True)


def open_shared(run_id: str) -> Run:
    """The run that a link names.

    Raises
    ------
    RunError
        It names none, or one that cannot be read.
    """
    match = ID.fullmatch(run_id)
    if match is None:
        raise RunError(NO_LINK)
    run = SharedRun(match[1])
    if not run.is_there or run.problem is not None:  # which may name folders
        raise RunError(NO_LINK)
    return run


class SharedRun(Shelved):
    """A run as one sees it who has a link to it."""

    def __init__(self, secret: str) -> None:
        self._link = _record(secret)
        found = _read(self._link)
        owner, name = str(found.get("home")), str(found.get("run"))
        if not (owner == "" or visitors.FOLDER.fullmatch(owner)) or not FOLDER.fullmatch(name):
            raise RunError(NO_LINK)
        base = visitors.visitors_dir() / owner if owner else root()
        super().__init__(base / "runs" / name, f"shared-{secret}", name)

    @property
    def is_there(self) -> bool:
        """Whether it is still shared: pages stay open for hours."""
        return self._link.exists() and self._path.is_dir()

    @property
    def path(self) -> Path:
        """Its folder, in the owner's home; a RunError once it is not shared any more."""
        if not self.is_there:
            raise self.gone()
        return self._path

    def gone(self) -> RunError:
        """What to tell who asks for it once it is not shared any more."""
        return RunError(NO_LINK)

    @cached_property
    def config(self) -> RunConfig:
        """What was asked for. A data set of the owner's own bears no name that a visitor could give one of theirs."""
        config = super().config
        return replace(config, data=f"{config.data} (not shared)") if config.data.startswith(PREFIX) else config

    @property
    def origin(self) -> Origin | None:
        """None: other runs of the owner are not shared."""
        return None

    def status(self, *, holding: bool = False) -> Status:
        """Where the run stands, but for the message of a failure."""
        status = super().status(holding=holding)
        return replace(status, why="") if status.state in ("failed", "died") else status

    def read(self, name: str) -> bytes:
        """What a file of it holds, but for what is the owner's own affair: a copy and a zip hold no more."""
        data = super().read(name)
        return json.dumps({**json.loads(data), **UNTOLD[name]}).encode() if name in UNTOLD else data

    def log_tail(self, lines: int = 200) -> str:  # noqa: ARG002 -- as every run's
        """Empty: the log names folders and tells of the machine."""
        return ""


def _folder() -> Path:
    return root() / "shared"


def _record(secret: str) -> Path:
    return _folder() / f"{hashlib.sha256(secret.encode()).hexdigest()}.json"


def _secret(run: Run) -> str | None:
    secret = _read(run.path / SHARE_FILE).get("secret")
    return secret if isinstance(secret, str) and ID.fullmatch(f"shared-{secret}") else None


def _read(path: Path) -> dict[str, Any]:
    try:
        values: Any = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
