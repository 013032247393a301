"""The files of a zip or a folder that may be pictures, and what each one's folder says of its class."""

import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from genlab.data.own.bounds import MAX_CLASSES, MAX_FILE_BYTES, MAX_FILES, MIB, Budget
from genlab.data.own.decode import SUFFIXES, UnreadableError
from genlab.data.pictures import DataError

CHUNK_BYTES = 1 << 18
JUNK = frozenset(("__MACOSX", "Thumbs.db", "desktop.ini"))
UTF8_FLAG, ENCRYPTED_FLAG = 0x800, 0x1


@dataclass(frozen=True)
class Entry:
    """One file: its path inside the zip or folder, and a way to its bytes (UnreadableError if none)."""

    path: PurePosixPath
    read: Callable[[], bytes]


def zip_entries(archive: zipfile.ZipFile, budget: Budget) -> Iterator[Entry]:
    """Files of an open zip by path; folders, links, hidden files and systems' own files are left out."""
    members = archive.infolist()
    if len(members) > MAX_FILES:
        raise DataError(f"The zip holds {len(members):,} files; at most {MAX_FILES:,} are possible.")
    named = sorted(((_member_path(member), member) for member in members), key=lambda pair: pair[0])
    for path, member in named:
        is_link = stat.S_ISLNK(member.external_attr >> 16)
        if not member.is_dir() and not is_link and not _is_junk(path):
            yield Entry(path, partial(_read_member, archive, member, budget))


def folder_entries(folder: Path, budget: Budget) -> Iterator[Entry]:
    """Files under ``folder`` by path, as `zip_entries` has them; links are never followed."""
    found: list[PurePosixPath] = []
    for root, folders, files in os.walk(folder, followlinks=False):
        here = PurePosixPath(Path(root).relative_to(folder).as_posix())
        folders[:] = [name for name in folders if not _is_junk(PurePosixPath(name))]
        found += [here / name for name in files if not _is_junk(PurePosixPath(name))]
        if len(found) > MAX_FILES:
            raise DataError(f"{folder} holds more than {MAX_FILES:,} files.")
    for path in sorted(found):
        # Neither links nor pipes: the one may lead out of the folder, the other never ends.
        if stat.S_ISREG((folder / path).lstat().st_mode):
            yield Entry(path, partial(_read_file, folder / path, budget))


def reason_to_skip(path: PurePosixPath) -> str:
    """Why a file is not even opened; empty when it is worth a try."""
    if path.is_absolute() or ".." in path.parts:
        return "has a path that leads out of the zip"
    if path.suffix.lower() not in SUFFIXES:
        return "is not named like a picture (.png, .jpg, .webp, .gif, .bmp, .tif or .ppm)"
    return ""


def classes_of(paths: list[PurePosixPath]) -> tuple[tuple[str, ...], list[int], list[str]]:
    """Classes from folder names: the first folder that not all the pictures share.

    Parameters
    ----------
    paths : list of PurePosixPath
        Where each picture lies.

    Returns
    -------
    classes : tuple of str
        In natural order ("2" before "10"); empty when the folders make no classes.
    labels : list of int
        One a picture; empty when there are no classes.
    notes : list of str
        Sentences on what was decided.
    """
    folders = [path.parts[:-1] for path in paths]
    while folders and all(folders) and len({parts[0] for parts in folders}) == 1:
        folders = [parts[1:] for parts in folders]
    if not any(folders):
        return (), [], []
    if not all(folders):
        return (), [], ["Some pictures lie beside the folders, so folder names were not taken as classes."]
    names = [_printable(parts[0]) for parts in folders]
    classes = sorted(set(names), key=_natural)
    if len(classes) > MAX_CLASSES:
        return (), [], [f"There are more than {MAX_CLASSES:,} folders, so they were not taken as classes."]
    number = {name: index for index, name in enumerate(classes)}
    return tuple(classes), [number[name] for name in names], []


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: Budget) -> bytes:
    if member.flag_bits & ENCRYPTED_FLAG:
        raise UnreadableError("is protected by a password")
    # Python unpacks these two in small steps; of bzip2 and LZMA one step can already fill the memory.
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnreadableError("is compressed in an unusual way; make the zip with normal compression")
    data = bytearray()
    try:
        with archive.open(member) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                data += chunk
                budget.spend(len(chunk))
                if len(data) > MAX_FILE_BYTES:
                    raise UnreadableError(f"unpacks to more than {MAX_FILE_BYTES // MIB} MiB")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error) as error:
        raise UnreadableError("is damaged inside the zip") from error
    except (NotImplementedError, RuntimeError) as error:
        raise UnreadableError("is stored in a way that cannot be read") from error
    return bytes(data)


def _read_file(path: Path, budget: Budget) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UnreadableError(f"cannot be read ({error.strerror})") from error
    budget.spend(len(data))
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableError(f"has more than {MAX_FILE_BYTES // MIB} MiB")
    return data


def _member_path(member: zipfile.ZipInfo) -> PurePosixPath:
    name = member.filename
    if not member.flag_bits & UTF8_FLAG and not name.isascii():
        # Unmarked names are read as code page 437, but macOS writes UTF-8 and Chinese Windows GBK.
        raw = name.encode("cp437")
        for encoding in ("utf-8", "gbk"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return PurePosixPath(name.replace("\\", "/"))


def _is_junk(path: PurePosixPath) -> bool:
    return any(part in JUNK or (part.startswith(".") and part != "..") for part in path.parts)


def _printable(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:80]


def _natural(name: str) -> list[tuple[int, int, str]]:
    """A sort key that takes runs of digits as numbers."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"([0-9]+)", name)]
