"""Whether runs can be kept and trained here at this moment: quick looks, which change nothing."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from genlab.errors import GenlabError
from genlab.installation.findings import Finding
from genlab.paths import root
from genlab.runs.disk import free_bytes
from genlab.runs.scoring import scores_wanted
from genlab.runs.worker import slots
from genlab.settings import SettingsError, settings


def readiness() -> list[Finding]:
    """What has to be well for a page to work, and for a run to be trained."""
    return [settings_make_sense(), home_can_be_written(), disk_has_room(), workers_may_start()]


def settings_make_sense() -> Finding:
    """Whether ``genlab.toml`` and the variables ``GENLAB_...`` can be read."""
    try:
        found = settings()
    except SettingsError as error:
        return Finding("settings", "fail", "A setting makes no sense.", str(error))
    return Finding("settings", "ok", f"The mode is {found.mode}.")


def home_can_be_written() -> Finding:
    """Whether a file can be written, renamed and locked in the installation's folder."""
    todo = "Give genlab a folder that it may write to: GENLAB_HOME."
    try:
        root().mkdir(parents=True, exist_ok=True)
        with probe(root()) as file:
            file.write_bytes(b"genlab")
            renamed = file.with_suffix(".renamed")
            os.replace(file, renamed)
            os.replace(renamed, file)
            if not _locks_hold(file):
                return Finding("home", "fail", "Locks of files do not hold.", "Use another disk for GENLAB_HOME.")
    except OSError as error:
        return Finding("home", "fail", f"It cannot be written: {error.strerror or error}.", todo)
    return Finding("home", "ok", "Files can be written, renamed and locked.")


def disk_has_room() -> Finding:
    """Whether more of the disk is free than the settings leave alone."""
    try:
        free = free_bytes() / 1e6
        most = settings().limits.free_megabytes
    except (OSError, SettingsError) as error:
        return Finding("disk", "fail", f"It cannot be asked: {type(error).__name__}.", "See that GENLAB_HOME is there.")
    if free < most:
        return Finding("disk", "fail", f"{free:,.0f} MB are free, {most:,} are to be.", "Delete runs, or free space.")
    return Finding("disk", "ok", f"{free:,.0f} MB are free.")


def workers_may_start() -> Finding:
    """Whether what a worker reads when it starts makes sense."""
    try:
        scores_wanted()
        most = slots()
    except GenlabError as error:
        return Finding("workers", "fail", "None would start.", str(error))
    return Finding("workers", "ok", f"{most} at a time." if most > 1 else "One at a time.")


@contextmanager
def probe(folder: Path) -> Iterator[Path]:
    """A name in `folder` that nothing has; whatever bears it in the end is removed."""
    file = folder / f".probe-{secrets.token_hex(6)}"
    try:
        yield file
    finally:
        for path in (file, file.with_suffix(".renamed"), file.with_suffix(".lock")):
            path.unlink(missing_ok=True)


def _locks_hold(file: Path) -> bool:
    """Whether a lock that is held keeps others out."""
    path = file.with_suffix(".lock")
    with FileLock(path, is_singleton=False).acquire(timeout=0):
        try:
            with FileLock(path, is_singleton=False).acquire(timeout=0):
                return False
        except Timeout:
            return True
