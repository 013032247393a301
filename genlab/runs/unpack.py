"""A run from a zip that a stranger may have made.

The zip is believed in nothing: which files it may hold, how many and how large is fixed here and in
:mod:`genlab.runs.pack`; each is held to the size and the hash that the manifest tells, and opened as what it is. All
this happens in a hidden folder, which becomes a new run, or is gone.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, NamedTuple

from genlab.data import SOURCES
from genlab.data.own.bounds import MIB
from genlab.data.own.store import NAME, PREFIX
from genlab.data.own.zips import open_zip
from genlab.errors import GenlabError
from genlab.models.storage import load_model
from genlab.paths import atomic_write_json
from genlab.runs.numbering import FOLDER, hidden, settle
from genlab.runs.opening import OPENED_AS, read_json
from genlab.runs.pack import FORMAT, KINDS, MANIFEST, PackError, kind_of
from genlab.runs.quotas import check_space, one_at_a_time
from genlab.runs.shelf import ZOO_ID
from genlab.runs.status import MAX_NUMBER, write_status
from genlab.runs.store import CONFIG_FILE, TITLE_FILE, Run, check_title
from genlab.training.checkpoint import MODEL_FILE

MAX_FILES = 2_000
"""A run has some 350 at most."""
MAX_LIST_BYTES = MIB
"""Of the list of them in the zip: 100 for each would be 0.2."""
MAX_BYTES = 4096 * MIB
"""Of all files, unpacked."""
MAX_RATIO = 100
"""Bytes that a compressed one may unpack to: curves come to some 10."""
RUN = re.compile(f"{FOLDER.pattern}|{ZOO_ID.pattern}")
"""What a run may have been called where it was packed."""
CHUNK_BYTES = 1 << 20
ENCRYPTED_FLAG = 0x1

NO_ZIP = "The file is not a whole zip. Export the run again, or fetch the file once more."
NO_MANIFEST = f"The zip has no readable {MANIFEST}, so it holds no run that genlab has exported."


class Entry(NamedTuple):
    """What the manifest tells of a file."""

    size: int
    sha256: str


@one_at_a_time()
def unpack(file: IO[bytes]) -> Run:
    """Take in the run of a zip as a new run; one that was under way is paused and can be resumed.

    Parameters
    ----------
    file
        Seekable; it is left open.

    Raises
    ------
    PackError
        The zip is damaged, too large, or holds anything but a run; nothing of it is kept.
    QuotaError
        Whoever asks has no room for it.
    """
    beside = hidden()
    try:
        with _reading_zip(), open_zip(file, MAX_LIST_BYTES) as archive:
            members = _members(archive)
            about = _manifest(archive, members)
            check_space(sum(entry.size for entry in about["files"].values()) / 1e6)
            for name, told in about["files"].items():
                _write(beside, archive, members, name, told)
        run = _opened(beside, about)
        return Run(settle(beside, run.config))
    except OSError as error:
        raise PackError(
            f"The run cannot be written to {beside.parent}: {error.strerror or error}. Free some space and try again."
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


class _DiskError(Exception):
    """Carries an error of the disk past those of the zip."""

    def __init__(self, error: OSError) -> None:
        self.error = error


@contextmanager
def _of_the_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _DiskError(error) from error


@contextmanager
def _reading_zip() -> Iterator[None]:
    try:
        yield
    except _DiskError as error:
        raise error.error from None
    except zipfile.LargeZipFile as error:
        raise _too_many() from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error) as error:
        raise PackError(NO_ZIP) from error
    except (NotImplementedError, RuntimeError) as error:
        raise PackError("The zip is packed in a way that cannot be read. Export the run again.") from error


def _too_many() -> PackError:
    return PackError(f"The zip holds more than {MAX_FILES:,} files, which no run has.")


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files of the zip by name, all of which a run may have, none twice."""
    found: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        name = member.orig_filename  # as it is written: zipfile ends a name at its first zero byte
        if len(found) >= MAX_FILES:
            raise _too_many()
        if name != MANIFEST and kind_of(name) is None:
            raise PackError(f"The zip holds {_shown(name)}, a file that no run has. Nothing of it was kept.")
        if name in found:
            raise PackError(f"The zip holds {_shown(name)} twice. Export the run again.")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise PackError(f"The zip holds {_shown(name)} as a link, which is not followed. Export the run again.")
        # Python unpacks these two in small steps; of bzip2 and LZMA one step can already fill the memory.
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or member.flag_bits & ENCRYPTED_FLAG:
            raise PackError("The zip is packed in a way that cannot be read. Export the run again.")
        found[name] = member
    return found


def _manifest(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> dict[str, Any]:
    """The manifest, in which ``files`` holds an :class:`Entry` for each file of the zip and for no other."""
    if MANIFEST not in members:
        raise PackError(NO_MANIFEST)
    data = b"".join(_chunks(archive, members[MANIFEST], MIB))
    try:
        about = json.loads(data)
        files = {name: Entry(entry["size"], entry["sha256"]) for name, entry in about["files"].items()}
        whole = all(isinstance(entry.size, int) and entry.size >= 0 for entry in files.values())
        if about["format"] != FORMAT or not whole or not RUN.fullmatch(about["run"]):
            raise ValueError(about["format"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PackError(NO_MANIFEST) from error
    if different := set(files) ^ (set(members) - {MANIFEST}):
        raise PackError(f"The zip and its {MANIFEST} differ in {_shown(min(different))}. Export the run again.")
    if sum(entry.size for entry in files.values()) > MAX_BYTES:
        raise PackError(f"The run unpacks to more than {MAX_BYTES // MIB:,} MiB, which is too much.")
    return {"run": about["run"], "files": files}


def _write(folder: Path, archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str, told: Entry) -> None:
    """Write one file of the zip below `folder`, held to what the manifest tells of it."""
    most = KINDS[kind_of(name) or ""].most
    if told.size > most:
        raise PackError(f"The file {name} in the zip has more than {most // MIB:,} MiB, which is too much.")
    digest, size = hashlib.sha256(), 0
    with _of_the_disk():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        file = open(folder / name, "xb")  # noqa: SIM115 -- closed below, whichever side fails
    with file:
        for chunk in _chunks(archive, members[name], told.size):
            digest.update(chunk)
            size += len(chunk)
            with _of_the_disk():
                file.write(chunk)
        with _of_the_disk():
            file.flush()
            os.fsync(file.fileno())
    if size != told.size or digest.hexdigest() != told.sha256:
        raise PackError(f"The file {name} in the zip is not the one that was packed. Fetch the zip once more.")


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
    """What a file unpacks to, whatever its header says of it: one byte more than `most` at most."""
    if member.file_size > MAX_RATIO * max(member.compress_size, CHUNK_BYTES // MAX_RATIO):
        raise PackError(f"The file {member.orig_filename} in the zip unpacks to far more than it is, as zip bombs do.")
    left = most + 1
    with archive.open(member) as stream:
        while chunk := stream.read(min(CHUNK_BYTES, left)):
            left -= len(chunk)
            yield chunk


def _opened(folder: Path, about: dict[str, Any]) -> Run:
    """The run in a folder once all of its files could be read, ready to be given its place."""
    try:
        for name in about["files"]:
            OPENED_AS[kind_of(name) or ""](folder / name)
        run = Run(folder)
        _settled(run)
        _check_models(run)
    except GenlabError as error:
        told = str(error).replace(f"{folder}{os.sep}", "").replace(folder.name, about["run"])
        raise PackError(f"The run in the zip cannot be used: {told}") from error
    return run


def _settled(run: Run) -> None:
    """Leave nothing in a run that is true elsewhere only: the run that it was a branch of, and that it is training."""
    data = run.config.data
    if data not in SOURCES and not (data.startswith(PREFIX) and NAME.fullmatch(data.removeprefix(PREFIX))):
        raise PackError(f"there is no data set {_shown(data)}.")
    if not 0.0 <= run.created <= MAX_NUMBER:
        raise PackError(f"{CONFIG_FILE} does not say when it was made.")
    if (run.path / TITLE_FILE).exists():
        check_title(run.title)
    record = read_json(run.path / CONFIG_FILE)
    record.pop("branched_from", None)  # its number is another run's here
    atomic_write_json(run.path / CONFIG_FILE, record)
    status = run.status(holding=True)
    state = status.state if status.state in ("finished", "failed", "stopped") else "paused"
    why = status.why if status.state == state else ""
    status = replace(status, state=state, why=why, note="", eta_seconds=None, updated=time.time())
    write_status(run.path, status)


def _check_models(run: Run) -> None:
    for _, folder in run.checkpoints():
        model, source = load_model(folder / MODEL_FILE).model, SOURCES.get(run.config.data)
        if model.key != run.config.model:
            raise PackError(f"its weights are those of the model {model.key}, and it is a run of {run.config.model}.")
        if source is not None and model.shape != source.shape:
            raise PackError(f"its weights draw other pictures than those of {run.config.data}.")


def _shown(name: str) -> str:
    return repr(name[:80])
