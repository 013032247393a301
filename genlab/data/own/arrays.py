"""npz and npy files, read without ever trusting a header or opening a pickle."""

import math
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from genlab.data.own.bounds import MAX_ARRAY_BYTES, MAX_CLASSES, MAX_LIST_BYTES, MAX_PIXELS, MIB
from genlab.data.own.zips import open_zip
from genlab.data.pictures import DataError

IMAGE_KEYS = ("images", "x", "arr_0")
LABEL_KEYS = ("labels", "y")
LAYOUTS = "(N, H, W), (N, H, W, C) or (N, C, H, W) with C = 1 or 3"
STEP_VALUES = 1 << 22
"""Values converted at a time, so that fractions never need a second copy of the whole array."""
NO_ARRAYS = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, OSError, ValueError, struct.error, RuntimeError
)  # fmt: skip
"""Errors of a file that is none of arrays."""
SLACK = 1e-3
"""How far fractions may lie outside [0, 1] and still be taken as rounding."""


@dataclass(frozen=True)
class Arrays:
    """What such a file holds: images (N, H, W, 1 or 3), uint8 or floats, and maybe (N,) labels."""

    images: NDArray[Any]
    labels: NDArray[Any] | None


def read_arrays(stream: IO[bytes]) -> Arrays:
    """Pictures and labels of an npz or npy file.

    Raises
    ------
    DataError
        When it is neither, holds pickled objects, is too large, or has another layout or type.
    """
    stream.seek(0)
    magic = stream.read(6)
    stream.seek(0)
    try:
        if magic == b"\x93NUMPY":
            return Arrays(_channels_last(_read_npy(stream, "the array")), None)
        with open_zip(stream, MAX_LIST_BYTES) as archive:
            return _read_npz(archive)
    except NO_ARRAYS as error:
        raise DataError("The file is not a whole npz or npy file. Save it again with numpy.savez.") from error


def labels_of(raw: NDArray[Any] | None, count: int) -> tuple[tuple[str, ...], list[int]]:
    """Class names and one label a picture from an array of whole numbers or of text; empty for None.

    Raises
    ------
    DataError
        When there is not one for each picture, or they are of another kind, or there are too many.
    """
    if raw is None:
        return (), []
    if raw.shape not in ((count,), (count, 1)):
        raise DataError(f"The labels have the shape {raw.shape}, but there are {count:,} pictures: save one a picture.")
    if raw.dtype.kind not in "iuU":
        raise DataError(f"The labels are of type {raw.dtype}. Save them as whole numbers or as text.")
    values, labels = np.unique(raw.reshape(-1), return_inverse=True)
    if len(values) > MAX_CLASSES:
        raise DataError(f"The labels name {len(values):,} classes; at most {MAX_CLASSES:,} are possible.")
    return tuple(str(value)[:80] for value in values), labels.tolist()


def to_uint8(images: NDArray[Any]) -> Iterator[NDArray[np.uint8]]:
    """uint8 pieces (n, H, W, C) of the images, in order; fractions in [0, 1] become 0..255, rounded.

    Raises
    ------
    DataError
        When a piece holds NaN, an infinity, or fractions outside [0, 1].
    """
    step = max(1, STEP_VALUES // math.prod(images.shape[1:]))
    for start in range(0, len(images), step):
        values = images[start : start + step]
        if values.dtype == np.uint8:
            yield values
            continue
        bad = ~np.isfinite(values).all(axis=(1, 2, 3))
        if bad.any():
            number = start + int(np.argmax(bad))
            raise DataError(f"Picture {number} holds NaN or an infinity. Mend such values and save it again.")
        low, high = values.min(), values.max()
        if low < -SLACK or high > 1 + SLACK:
            raise DataError(
                f"The pictures hold fractions from {low:.4g} to {high:.4g}, but 0 to 1 is expected. "
                "Scale them to 0..1, or save them as uint8."
            )
        yield np.rint(values.clip(0, 1).astype(np.float32) * 255).astype(np.uint8)


def _read_npz(archive: zipfile.ZipFile) -> Arrays:
    held = {name.removesuffix(".npy"): name for name in archive.namelist() if name.endswith(".npy")}
    key = next((key for key in IMAGE_KEYS if key in held), None)
    if key is None:
        names = ", ".join(sorted(held)[:5]) or "none"
        raise DataError(f"The npz file has no array named images, x or arr_0 (its arrays: {names}).")
    images = _channels_last(_read_member(archive, held[key], key))
    label_key = next((key for key in LABEL_KEYS if key in held), None)
    labels = None if label_key is None else _read_member(archive, held[label_key], label_key)
    return Arrays(images, labels)


def _read_member(archive: zipfile.ZipFile, name: str, key: str) -> NDArray[Any]:
    # The two that NumPy writes; of bzip2 and LZMA one small step can already fill the memory.
    if archive.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError("The npz file is compressed in an unusual way. Save it with numpy.savez_compressed.")
    with archive.open(name) as stream:
        return _read_npy(stream, f"the array {key!r}")


def _read_npy(stream: IO[bytes], what: str) -> NDArray[Any]:
    """One array, its size judged by the header and then held to it."""
    try:
        version = np.lib.format.read_magic(stream)
        reader = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        shape, fortran_order, dtype = reader[version](stream)
        if min(shape, default=0) < 0:
            raise ValueError(shape)  # read() would take a negative size for "everything"
    except (ValueError, KeyError) as error:
        raise DataError(f"In the file, {what} has no header that can be read. Save it again.") from error
    if dtype.hasobject:
        raise DataError(
            f"In the file, {what} holds pickled Python objects, which could run any program and are never "
            "opened. Save plain numbers: numpy.stack the pictures, without dtype=object."
        )
    nbytes = math.prod(shape) * dtype.itemsize
    if nbytes > MAX_ARRAY_BYTES:
        raise DataError(
            f"In the file, {what} takes {nbytes / MIB:,.0f} MiB; at most {MAX_ARRAY_BYTES // MIB:,} are "
            "possible. Save fewer or smaller pictures, or as uint8."
        )
    data = stream.read(nbytes)
    if len(data) != nbytes:
        raise DataError(f"In the file, {what} is cut short. Save it again.")
    flat: NDArray[Any] = np.frombuffer(data, dtype)
    return flat.reshape(shape[::-1]).T if fortran_order else flat.reshape(shape)


def _channels_last(images: NDArray[Any]) -> NDArray[Any]:
    """Any of the LAYOUTS as (N, H, W, C)."""
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise DataError(f"The pictures are of type {images.dtype}. Save them as uint8, or as fractions from 0 to 1.")
    shape = images.shape
    if images.ndim == 3 and shape[2] not in (1, 3):
        images = images[..., None]
    elif images.ndim == 4 and (shape[1] in (1, 3)) != (shape[3] in (1, 3)):
        images = images.transpose(0, 2, 3, 1) if shape[1] in (1, 3) else images
    else:
        raise DataError(f"The pictures have the shape {shape}. Save them as {LAYOUTS}.")
    if 0 in shape:
        raise DataError(f"The array of pictures is empty: its shape is {shape}.")
    if images.shape[1] * images.shape[2] > MAX_PIXELS:
        raise DataError(f"The pictures have more than {MAX_PIXELS // 1_000_000} million pixels each.")
    return images
