"""A map as bytes for the browser: places, groups and pictures."""

from __future__ import annotations

import io
import json
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genlab.latent.spec import LatentError

SHEET_SIDE: Final = 2_048
"""Longest side of a sheet of several pictures: WebP fails on much larger ones that are full of detail."""
LEVEL: Final = 3
"""Of PNG's compression: half the time of the usual one, for 6 % more bytes."""


class Layout(NamedTuple):
    """How pictures lie on sheets: ``columns`` a row, as many rows a sheet, all sheets full but the last.

    Attributes
    ----------
    factor
        By which they are reduced: the smallest whole one with which all of them would fit a square of 8,192 pixels.
    width, height
        Of one picture then.
    columns
        Pictures a row, and rows a sheet.
    """

    factor: int
    width: int
    height: int
    columns: int


def layout(n: int, height: int, width: int) -> Layout:
    """How `n` pictures of so many pixels are laid out."""
    from genlab.data.grid import MAX_SIDE, columns_for

    factor = -(-columns_for(n) * max(height, width) // MAX_SIDE)
    height, width = max(1, height // factor), max(1, width // factor)
    return Layout(factor, width, height, max(1, SHEET_SIDE // max(height, width)))


def pack(
    key: str, coords: NDArray[np.float32], images: NDArray[np.uint8], album: str,
    neighbours: NDArray[np.int32] | None = None,
) -> bytes:  # fmt: skip
    """The points of a map, as ``cloud.js`` unpacks them.

    ``"GLM1"``, the length of the header as uint32, the header (JSON, padded to a multiple of four), x and y of each
    point as float32, and its neighbours as uint32; numbers are little-endian.

    Parameters
    ----------
    key
        Names the map; what is packed by :func:`pack_colours` bears the same.
    coords
        (N, 2), N >= 1, finite.
    images
        uint8 (N, C, H, W): what :func:`pack_pictures` packs.
    album
        Names these pictures.
    neighbours
        (N, K): the rows of each point's nearest ones; None where they are not known.

    Raises
    ------
    LatentError
        When a place is not a number.
    """
    if not np.isfinite(coords).all():
        raise LatentError("Some places of this map are not numbers. Compute it again, or choose another checkpoint.")
    laid = layout(len(images), *images.shape[2:])
    near = np.empty((len(coords), 0)) if neighbours is None else neighbours
    header = {
        "key": key, "album": album, "n": len(coords), "near": near.shape[1],
        "width": laid.width, "height": laid.height, "columns": laid.columns,
    }  # fmt: skip
    return _headed(b"GLM1", header, [coords.astype("<f4").tobytes(), near.astype("<u4").tobytes()])


def pack_pictures(album: str, images: NDArray[np.uint8]) -> bytes:
    """The pictures of points, as ``cloud.js`` unpacks them.

    They come apart from the points, which can be seen meanwhile, and once for all maps of the same pictures.
    ``"GLP1"`` and a header as in :func:`pack`, which tells the sheets' lengths, and the sheets: PNG, or WebP where they
    are coloured, which is a fifth as large.

    Parameters
    ----------
    album
        Names these pictures.
    images
        uint8 (N, C, H, W), N >= 1, C is 1 or 3.
    """
    from genlab.data.grid import reduced, tile

    laid = layout(len(images), *images.shape[2:])
    small = reduced(images, laid.factor)
    each = laid.columns**2
    sheets = [sheet_bytes(tile(small[first : first + each], laid.columns)) for first in range(0, len(small), each)]
    return _headed(b"GLP1", {"album": album, "sizes": [len(sheet) for sheet in sheets]}, sheets)


def pack_colours(key: str, layer: str, group: NDArray[np.uint16], values: NDArray[np.float32] | None = None) -> bytes:
    """How the points of a map are coloured, as ``cloud.js`` unpacks it.

    ``"GLC1"`` and a header as in :func:`pack`, the number of each point that its colour comes from as float32 (where
    it comes from one), and the point's group as uint16.

    Parameters
    ----------
    key, layer
        Names of the map and, among its colourings, of this one.
    group
        (N,).
    values
        (N,), NaN where there is none; None where points are coloured by their groups.
    """
    header = {"key": key, "layer": layer, "n": len(group), "scaled": values is not None}
    numbers = b"" if values is None else values.astype("<f4").tobytes()
    return _headed(b"GLC1", header, [numbers, group.astype("<u2").tobytes()])


def _headed(magic: bytes, header: dict[str, object], parts: list[bytes]) -> bytes:
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 4)
    return b"".join([magic, len(head).to_bytes(4, "little"), head, *parts])


def sheet_bytes(picture: NDArray[np.uint8]) -> bytes:
    """A sheet (H, W) as PNG, or (H, W, 3) as WebP, which is a fifth as large."""
    from PIL import Image

    file = io.BytesIO()
    if picture.ndim == 2:
        Image.fromarray(picture).save(file, "PNG", compress_level=LEVEL)
    else:
        Image.fromarray(picture).save(file, "WEBP", quality=85, method=0)
    return file.getvalue()
