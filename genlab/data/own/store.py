"""One's own sets on disk: ``datasets/<name>/pictures.safetensors`` and ``dataset.json``.

A set appears whole or not at all: it is written in a hidden folder beside its place, which is then
renamed. The JSON holds the hash of the pictures, so that damage to them is noticed on loading.
"""

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from genlab.data.pictures import DataError, Pictures
from genlab.data.source import Progress, Source, Split
from genlab.data.split import take
from genlab.paths import atomic_write_json, datasets_dir, sync_folder

PREFIX = "own:"
TEST_SHARE = 0.1
FORMAT = 1
PICTURES_FILE, FACTS_FILE = "pictures.safetensors", "dataset.json"
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
UNFINISHED = ".part"
STALE_SECONDS = 24 * 3600.0
"""Unfinished folders older than this were left by a process that was killed, and are swept away."""


@dataclass(frozen=True)
class Facts:
    """What ``dataset.json`` says of a set; ``shape`` is (C, H, W), ``classes`` empty if unlabelled."""

    format: int
    title: str
    shape: tuple[int, int, int]
    count: int
    classes: tuple[str, ...]
    made_from: str
    created: str
    skipped: int
    sha256: str


def check_name(name: str) -> None:
    """DataError unless ``name`` may name a set (it becomes a folder and part of links) and is free."""
    if not NAME.fullmatch(name):
        raise DataError(f"{name!r} cannot name a set. Use at most 40 of a-z, 0-9 and, between them, hyphens.")
    if os.path.lexists(datasets_dir() / name):
        raise DataError(f"There is already a set named {name!r}. Choose another name, or delete that set first.")


def suggest_name(text: str) -> str:
    """A free name made from any text, such as a file's name."""
    base = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:36].strip("-") or "pictures"
    name, number = base, 2
    while os.path.lexists(datasets_dir() / name):
        name, number = f"{base}-{number}", number + 1
    return name


def save(name: str, pictures: Pictures, title: str, made_from: str, skipped: int) -> None:
    """Keep ``pictures`` as the set ``name``.

    Raises
    ------
    DataError
        When the name is taken or not possible, or the disk does not take it; nothing is left behind.
    """
    check_name(name)
    tensors = {"images": pictures.images.contiguous()}
    if pictures.labels is not None:
        tensors["labels"] = pictures.labels
    place = datasets_dir() / name
    try:
        with _beside(place) as unfinished:
            save_file(tensors, unfinished / PICTURES_FILE)
            _sync(unfinished / PICTURES_FILE)
            facts = Facts(
                format=FORMAT,
                title=title.strip()[:80] or name,
                shape=pictures.shape,
                count=len(pictures),
                classes=pictures.classes,
                made_from=made_from,
                created=datetime.now(UTC).isoformat(timespec="seconds"),
                skipped=skipped,
                sha256=_sha256(unfinished / PICTURES_FILE),
            )
            atomic_write_json(unfinished / FACTS_FILE, asdict(facts))
            unfinished.rename(place)
        sync_folder(place.parent)
    except (OSError, SafetensorError) as error:
        raise DataError(
            f"The set {name!r} could not be stored in {place.parent}: {_told(error)}. "
            "Nothing was kept; make room or choose another folder with GENLAB_HOME, and import again."
        ) from error


def load_own(name: str, split: Split, _progress: Progress | None = None) -> Pictures:
    """One split of the set ``name``: a fixed tenth, at least one picture, is held out for testing.

    Raises
    ------
    DataError
        When there is no such set, or its files are missing or damaged.
    """
    facts = read_facts(name)
    path = datasets_dir() / name / PICTURES_FILE
    try:
        if _sha256(path) != facts.sha256:
            raise _damaged(name, f"{PICTURES_FILE} is not what was stored")
        tensors = load_file(path)
        pictures = Pictures(PREFIX + name, tensors["images"], tensors.get("labels"), facts.classes)
        if (len(pictures), pictures.shape) != (facts.count, facts.shape):
            raise ValueError(f"{len(pictures)} pictures of {pictures.shape}")
    except OSError as error:
        raise _damaged(name, f"{PICTURES_FILE} cannot be read ({_told(error)})") from error
    except (SafetensorError, KeyError, ValueError) as error:
        raise _damaged(name, f"{PICTURES_FILE} does not hold what {FACTS_FILE} says") from error
    return take(pictures, split, TEST_SHARE)


def read_facts(name: str) -> Facts:
    """What is known of the set ``name`` without reading its pictures; DataError as for `load_own`."""
    place = datasets_dir() / name
    if not NAME.fullmatch(name) or not place.is_dir():
        raise DataError(f"There is no set of your own named {name!r}. It may have been deleted.")
    try:
        raw: Any = json.loads((place / FACTS_FILE).read_text("utf-8"))
        channels, height, width = (int(side) for side in raw["shape"])
        facts = Facts(
            format=int(raw["format"]),
            title=str(raw["title"]),
            shape=(channels, height, width),
            count=int(raw["count"]),
            classes=tuple(str(name) for name in raw["classes"]),
            made_from=str(raw["made_from"]),
            created=str(raw["created"]),
            skipped=int(raw["skipped"]),
            sha256=str(raw["sha256"]),
        )
    except OSError as error:
        raise _damaged(name, f"{FACTS_FILE} cannot be read ({_told(error)})") from error
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged(name, f"{FACTS_FILE} is not what was stored") from error
    if facts.format != FORMAT:
        raise DataError(f"Your set {name!r} was stored by another version of genlab. Import the pictures again.")
    return facts


def own_source(name: str) -> Source:
    """The set ``name`` as the registry describes sets; DataError as for `load_own`."""
    facts = read_facts(name)
    held_out = max(1, round(facts.count * TEST_SHARE))
    return Source(
        name=PREFIX + name,
        title=facts.title,
        shape=facts.shape,
        n_train=facts.count - held_out,
        n_test=held_out,
        n_classes=len(facts.classes),
        offline=True,
        download_mb=0.0,
        about=f"{facts.count:,} pictures of your own, made from {facts.made_from}.",
        homepage="",
        load=partial(load_own, name),
    )


def own_sources() -> list[Source]:
    """Every set of one's own, by name; a damaged one has a ``problem`` and zeros for its numbers."""
    try:
        names = sorted(path.name for path in datasets_dir().iterdir() if NAME.fullmatch(path.name))
    except OSError:  # no folder yet: nothing was ever imported
        return []
    return [_source_or_problem(name) for name in names]


def delete_own(name: str) -> None:
    """Remove the set ``name`` with all its pictures.

    Raises
    ------
    DataError
        When there is no such set, or it cannot be removed.
    """
    place = datasets_dir() / name
    if not NAME.fullmatch(name) or not place.is_dir():
        raise DataError(f"There is no set of your own named {name!r}.")
    away = place.with_name(f".{name}.{secrets.token_hex(4)}{UNFINISHED}")
    try:
        place.rename(away)  # at once and whole, before the slow part
        shutil.rmtree(away)
    except OSError as error:
        raise DataError(f"The set {name!r} could not be removed: {_told(error)}.") from error


@contextlib.contextmanager
def _beside(place: Path) -> Iterator[Path]:
    """A hidden folder beside ``place`` that is gone afterwards, unless it was renamed meanwhile."""
    place.parent.mkdir(parents=True, exist_ok=True)
    _sweep(place.parent)
    unfinished = place.with_name(f".{place.name}.{secrets.token_hex(4)}{UNFINISHED}")
    unfinished.mkdir()
    try:
        yield unfinished
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _sweep(folder: Path) -> None:
    for path in folder.glob(f".*{UNFINISHED}"):
        with contextlib.suppress(OSError):  # another process may be sweeping too
            if time.time() - path.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(path)


def _source_or_problem(name: str) -> Source:
    try:
        return own_source(name)
    except DataError as error:
        return Source(
            name=PREFIX + name,
            title=name,
            shape=(0, 0, 0),
            n_train=0,
            n_test=0,
            n_classes=0,
            offline=True,
            download_mb=0.0,
            about="Pictures of your own that cannot be read.",
            homepage="",
            load=partial(load_own, name),
            problem=str(error),
        )


def _damaged(name: str, why: str) -> DataError:
    return DataError(f"Your set {name!r} is damaged: {why}. Delete it and import the pictures again.")


def _told(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _sync(path: Path) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
