"""A single picture of one's own, to be looked at by a model: read, kept for a while, and made like those of a data set.

Pictures of handwritten digits are made as MNIST's were (LeCun et al. 1998, "Gradient-based learning applied to document
recognition"): light ink on a dark ground, the digit scaled to a box of 20 x 20 pixels without distortion, and moved
so that its centre of mass lies in the middle of 28 x 28. A model that has seen nothing else knows nothing else.
"""

import hashlib
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genlab.data.grid import png_bytes
from genlab.data.own.bounds import MIB
from genlab.data.own.decode import UnreadableError, decode, fit
from genlab.data.pictures import DataError
from genlab.paths import atomic_write_bytes, home

Bytes = NDArray[np.uint8]

MAX_BYTES = 10 * MIB
MAX_KEPT = 500
"""The oldest make room for new ones: some 50 MB at most."""
KEY = re.compile(r"[0-9a-f]{24}")
BOXES = {"mnist": 20, "mnist-5k": 20, "mnist-5k-colour": 20, "digits": 8}
"""Sets of handwritten digits, and the side of the box that a digit just fills."""
FAINTEST = 32
"""Least difference in brightness between ink and ground."""
INK = 0.1
"""Share of the strongest ink from which a pixel counts as drawn on: less is the ground's noise."""
EMPTY = "The picture is empty: nothing stands out from its ground. Draw something on it first."


def read(data: bytes) -> Bytes:
    """A picture file's largest centred square, uint8 (3, S, S), S at most 256.

    Raises
    ------
    DataError
        The file is too large, no picture, damaged, or has too many pixels.
    """
    if len(data) > MAX_BYTES:
        raise DataError(
            f"The file has {len(data) / MIB:,.0f} MiB; a picture may have {MAX_BYTES // MIB}. Choose a smaller one."
        )
    try:
        return decode(data, None, 3)
    except UnreadableError as error:
        told = f"The file {error}"
        raise DataError(f"{told}. Choose another one.") from error


def keep(picture: Bytes) -> str:
    """Keep a picture (3, S, S) where links find it; its key, made of its content.

    Raises
    ------
    DataError
        It cannot be written.
    """
    data = png_bytes(picture.transpose(1, 2, 0))
    key = hashlib.sha256(data).hexdigest()[:24]
    try:
        atomic_write_bytes(kept_file(key), data)
        oldest = sorted(_folder().glob("*.png"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in oldest[MAX_KEPT:]:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise DataError(f"The picture cannot be kept in {_folder()}: {error.strerror or error}.") from error
    return key


def kept(key: str) -> Bytes:
    """The picture (3, S, S) that :func:`keep` gave this key.

    Raises
    ------
    DataError
        There is none, or not any more.
    """
    try:
        return read(kept_file(key).read_bytes())
    except OSError as error:
        raise DataError("This picture is not kept here, or not any more. Upload or draw it again.") from error


def kept_file(key: str) -> Path:
    """Where the picture of a key is; DataError for what is no key, as a link may hold anything."""
    if not KEY.fullmatch(key):
        raise DataError("The link names no picture of one's own. Upload or draw one.")
    return _folder() / f"{key}.png"


def prepared(picture: Bytes, data: str, shape: tuple[int, int, int]) -> Bytes:
    """A picture (3, S, S) as those of a data set are: uint8 of `shape` (C, H, W).

    One of the very size is taken as it is, since it may be one of them. Digits are else made as the module's text
    tells; any other picture is resized.

    Parameters
    ----------
    data
        Key of the data set.

    Raises
    ------
    DataError
        There is nothing in the picture, or pictures of that shape are not square.
    """
    channels, height, width = shape
    if height != width:
        raise DataError(f"Pictures of {height} x {width} pixels cannot be made from squares.")
    if np.ptp(picture) == 0:
        raise DataError(EMPTY)
    if picture.shape[1] != height and data in BOXES:
        digit = as_digit(picture, height, BOXES[data])
        return np.repeat(digit[None], channels, 0)
    return np.array(fit(Image.fromarray(picture.transpose(1, 2, 0)), height, channels))


def as_digit(picture: Bytes, side: int, box: int) -> Bytes:
    """The digit in a picture (3, S, S), light on dark, in a box, centred: uint8 (side, side).

    The ground is what is most common along the border; ink is what differs, whether darker or lighter.

    Raises
    ------
    DataError
        There is nothing in the picture but its ground.
    """
    grey = np.asarray(Image.fromarray(picture.transpose(1, 2, 0)).convert("L")).astype(np.float32)
    ground = float(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))
    ink = np.maximum(ground - grey if ground > 127.5 else grey - ground, 0.0)
    if ink.max() < FAINTEST:
        raise DataError(EMPTY)
    drawn = ink > INK * ink.max()
    rows, columns = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
    part = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] / ink.max()
    scale = box / max(part.shape)
    height, width = (max(1, round(length * scale)) for length in part.shape)
    small = Image.fromarray(part).resize((width, height), Image.Resampling.LANCZOS)
    values = np.clip(np.asarray(small), 0.0, 1.0)
    top, left = (
        min(max(round(side // 2 - centre), 0), side - length)
        for centre, length in zip(_centre_of_mass(values), values.shape, strict=True)
    )
    if box == side:  # where digits fill the height, they stand in the middle
        top, left = (side - height) // 2, (side - width) // 2
    made = np.zeros((side, side), np.uint8)
    made[top : top + height, left : left + width] = np.rint(255.0 * values / values.max())
    return made


def _centre_of_mass(values: NDArray[np.float32]) -> tuple[float, float]:
    total = float(values.sum())
    down, across = (float((values.sum(axis) * np.arange(values.shape[1 - axis])).sum()) / total for axis in (1, 0))
    return down, across


def _folder() -> Path:
    return home() / "pictures"
