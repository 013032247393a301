"""A map as bytes for the browser: places, groups and pictures."""

from __future__ import annotations

import io
import json

import numpy as np
from numpy.typing import NDArray

from genlab.latent.spec import LatentError


def pack(
    key: str, coords: NDArray[np.float32], images: NDArray[np.uint8], neighbours: NDArray[np.int32] | None = None
) -> bytes:
    """The points of a map and their pictures, as ``cloud.js`` unpacks them.

    ``"GLM1"``, the length of the header as uint32, the header (JSON, padded to a multiple of four), x and y of each
    point as float32, its neighbours as uint32, and all pictures row by row as one PNG (WebP where they are coloured,
    which is a fifth as large); numbers are little-endian.

    Parameters
    ----------
    key
        Names the map; what is packed by :func:`pack_colours` bears the same.
    coords
        (N, 2), N >= 1, finite.
    images
        uint8 (N, C, H, W), C is 1 or 3.
    neighbours
        (N, K): the rows of each point's nearest ones; None where they are not known.

    Raises
    ------
    LatentError
        When a place is not a number.
    """
    from genlab.data.grid import columns_for, tile

    if not np.isfinite(coords).all():
        raise LatentError("Some places of this map are not numbers. Compute it again, or choose another checkpoint.")
    small = shrunk(images)
    columns = columns_for(len(small))
    near = np.empty((len(coords), 0)) if neighbours is None else neighbours
    header = {
        "key": key, "n": len(coords), "near": near.shape[1],
        "width": small.shape[3], "height": small.shape[2], "columns": columns,
    }  # fmt: skip
    parts = [coords.astype("<f4").tobytes(), near.astype("<u4").tobytes(), sheet_bytes(tile(small, columns))]
    return _headed(b"GLM1", header, parts)


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


def shrunk(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pictures (N, C, H, W), reduced by the smallest whole factor with which all of them fit one sheet."""
    from genlab.data.grid import MAX_SIDE, columns_for, reduced

    n, _, height, width = images.shape
    factor = -(-columns_for(n) * max(height, width) // MAX_SIDE)
    return reduced(images, factor)


def sheet_bytes(picture: NDArray[np.uint8]) -> bytes:
    """A sheet (H, W) as PNG, or (H, W, 3) as WebP, which is a fifth as large."""
    from PIL import Image

    from genlab.data.grid import png_bytes

    if picture.ndim == 2:
        return png_bytes(picture)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "WEBP", quality=85, method=0)
    return file.getvalue()
