"""The way of an import: open within bounds, decode each picture, name what is left out, keep the rest."""

import contextlib
import io
import struct
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from genlab.data.own import bounds
from genlab.data.own.arrays import labels_of, read_arrays, to_uint8
from genlab.data.own.decode import UnreadableError, decode, fit
from genlab.data.own.entries import Entry, classes_of, folder_entries, reason_to_skip, zip_entries
from genlab.data.own.store import PREFIX, check_name, save
from genlab.data.own.zips import open_zip
from genlab.data.pictures import DataError, Pictures
from genlab.data.source import Progress

SHOWN = 5
"""How many names a sentence lists before it goes on with a number."""


@dataclass(frozen=True)
class ImportReport:
    """What became of an import.

    Attributes
    ----------
    name : str
        The set's key, ``"own:<name>"``.
    pictures : Pictures
        All of them, before any is held out for testing.
    skipped : tuple of (str, str)
        Files left out, each with why; name and reason together read as a sentence.
    notes : tuple of str
        Sentences worth knowing, such as that a class has a single picture.
    """

    name: str
    pictures: Pictures
    skipped: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def import_pictures(
    file: Path | IO[bytes],
    name: str,
    size: int,
    channels: int,
    *,
    filename: str = "",
    title: str = "",
    progress: Progress | None = None,
) -> ImportReport:
    """Import a folder, a zip, an npz or an npy file, whichever it is.

    In a folder or a zip the folder that a picture lies in is its class. An npz has the keys images, x or arr_0,
    and labels or y; its pictures, and those of an npy, are (N, H, W), (N, H, W, C) or (N, C, H, W) with C = 1
    or 3, uint8 or fractions in [0, 1].

    Parameters
    ----------
    file : Path or binary stream
        A path, or what an upload gives; a stream must be seekable and is left open.
    name : str
        Of the new set: small letters, digits and hyphens; see `suggest_name`.
    size : int
        The side of the square pictures to make, 8 to 256.
    channels : {1, 3}
        Grey or colour.
    filename : str
        What an uploaded stream was called; not needed for a path.
    title : str
        To show in place of the name.
    progress : callable, optional
        Told pictures done, pictures in all, and the file at hand; it may raise to cancel.

    Raises
    ------
    DataError
        When nothing can be made of it, or a bound is crossed, or it cannot be stored.
    """
    making = _Making(name, size, channels, progress)
    if isinstance(file, Path) and not file.exists():
        raise DataError(f"There is no file or folder {file}.")
    filename = filename or (file.name if isinstance(file, Path) else "")
    if isinstance(file, Path) and file.is_dir():
        _decode_all(folder_entries(file, making.budget), making)
        return making.keep(title, file.resolve().name)
    fill = {".zip": _fill_from_zip, ".npz": _fill_from_array, ".npy": _fill_from_array}.get(
        PurePosixPath(filename.lower()).suffix
    )
    if fill is None:
        raise DataError(f"{filename or 'The file'} is neither a zip of pictures nor an npz or npy file.")
    with _opened(file) as stream:
        fill(stream, making)
    return making.keep(title, filename)


def _fill_from_zip(stream: IO[bytes], making: "_Making") -> None:
    try:
        archive = open_zip(stream, bounds.MAX_LIST_BYTES)
    except zipfile.LargeZipFile as error:
        raise DataError(
            f"The list of files in the zip has more than {bounds.MAX_LIST_BYTES // bounds.MIB} MiB, which is too much. "
            "Import fewer files at a time."
        ) from error
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError) as error:
        raise DataError("The file is not a whole zip. Make it again, with normal compression.") from error
    with archive:
        _decode_all(zip_entries(archive, making.budget), making)


def _fill_from_array(stream: IO[bytes], making: "_Making") -> None:
    arrays = read_arrays(stream)
    count = len(arrays.images)
    bounds.check_count(count, making.size, making.channels)
    making.classes, making.labels = labels_of(arrays.labels, count)
    for piece in to_uint8(arrays.images):
        for values in piece:
            grey = values.shape[2] == 1
            making.add(fit(Image.fromarray(values[..., 0] if grey else values), making.size, making.channels))
        making.budget.spend(0)
        making.tell(making.count, count)


def _decode_all(entries: Iterable[Entry], making: "_Making") -> None:
    listed = list(entries)
    paths = []
    for done, entry in enumerate(listed):
        making.budget.spend(0)
        making.tell(done, len(listed), str(entry.path))
        try:
            if why := reason_to_skip(entry.path):
                raise UnreadableError(why)
            making.add(decode(entry.read(), making.size, making.channels))
        except UnreadableError as error:
            making.skipped.append((str(entry.path), str(error)))
        else:
            paths.append(entry.path)
    making.tell(len(listed), len(listed))
    making.classes, making.labels, notes = classes_of(paths)
    making.notes += notes


@dataclass
class _Making:
    """A set in the making, in memory only until `keep`."""

    name: str
    size: int
    channels: int
    progress: Progress | None = None
    budget: bounds.Budget = field(default_factory=bounds.Budget)
    # One growing buffer: a list of arrays would have to be copied together at the end.
    pixels: bytearray = field(default_factory=bytearray)
    count: int = 0
    classes: tuple[str, ...] = ()
    labels: list[int] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        check_name(self.name)  # before the work, and once more when it is stored
        bounds.check_shape(self.size, self.channels)

    def tell(self, done: int, total: int, what: str = "") -> None:
        if self.progress is not None:
            self.progress(done, total, what)

    def add(self, picture: NDArray[np.uint8]) -> None:
        bounds.check_count(self.count + 1, self.size, self.channels)
        self.pixels += picture.tobytes()
        self.count += 1

    def keep(self, title: str, made_from: str) -> ImportReport:
        if self.count < bounds.MIN_PICTURES:
            raise DataError(self._too_few())
        images = torch.frombuffer(self.pixels, dtype=torch.uint8)
        images = images.reshape(self.count, self.channels, self.size, self.size)
        labels = torch.tensor(self.labels, dtype=torch.int64) if self.classes else None
        if labels is not None:
            self._note_lonely(torch.bincount(labels))
        pictures = Pictures(PREFIX + self.name, images, labels, self.classes)
        save(self.name, pictures, title, made_from, len(self.skipped))
        return ImportReport(PREFIX + self.name, pictures, tuple(self.skipped), tuple(self.notes))

    def _note_lonely(self, counts: torch.Tensor) -> None:
        alone = [self.classes[i] for i in torch.nonzero(counts == 1).flatten().tolist()]
        if alone:
            names = ", ".join(alone[:SHOWN])
            if len(alone) > SHOWN:
                names = f"{names} and {len(alone) - SHOWN} more"
            self.notes.append(f"A single picture is too little to learn a class from: {names}.")

    def _too_few(self) -> str:
        found = "Only one picture" if self.count else "No picture"
        why = ""
        if self.skipped:
            (file, reason), more = self.skipped[0], len(self.skipped) - 1
            told = [f"{file} {reason}", *([f"{more:,} more were left out"] if more else [])]
            why = f" ({'; '.join(told)})"
        needed = f"A set needs at least {bounds.MIN_PICTURES}, as one is held out for testing."
        return f"{found} in it can be used{why}. {needed}"


@contextlib.contextmanager
def _opened(file: Path | IO[bytes]) -> Iterator[IO[bytes]]:
    """The file from its beginning, not larger than an upload may be; a stream is left open."""
    with contextlib.ExitStack() as stack:
        try:
            stream = stack.enter_context(open(file, "rb")) if isinstance(file, Path) else file
        except OSError as error:
            raise DataError(f"{file} cannot be read: {error.strerror or error}.") from error
        nbytes = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        if nbytes > bounds.MAX_UPLOAD_BYTES:
            most = bounds.MAX_UPLOAD_BYTES // bounds.MIB
            raise DataError(f"The file has {nbytes / bounds.MIB:,.0f} MiB; at most {most:,} are possible.")
        yield stream
