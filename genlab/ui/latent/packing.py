"""A map as bytes for the browser: places, groups and pictures."""

from __future__ import annotations

import io
import json
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genlab.latent.spec import LatentError

MAGIC: Final = b"GLM1"


def pack(key: str, coords: NDArray[np.float32], group: NDArray[np.uint16], images: NDArray[np.uint8]) -> bytes:
    """What ``cloud.js`` unpacks.

    ``"GLM1"``, the length of the header as uint32, the header (JSON, padded to a multiple of four), x and y of each
    point as float32, its group as uint16, and all pictures row by row as one PNG (WebP where they are coloured, which
    is a fifth as large); numbers are little-endian.

    Parameters
    ----------
    coords
        (N, 2), N >= 1, finite.
    group
        (N,).
    images
        uint8 (N, C, H, W), C is 1 or 3.

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
    header = {"key": key, "n": len(coords), "width": small.shape[3], "height": small.shape[2], "columns": columns}
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 4)
    places, groups = coords.astype("<f4").tobytes(), group.astype("<u2").tobytes()
    return b"".join([MAGIC, len(head).to_bytes(4, "little"), head, places, groups, _sheet(tile(small, columns))])


def shrunk(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pictures (N, C, H, W), reduced by the smallest whole factor with which all of them fit one sheet."""
    from genlab.data.grid import MAX_SIDE, columns_for, reduced

    n, _, height, width = images.shape
    factor = -(-columns_for(n) * max(height, width) // MAX_SIDE)
    return reduced(images, factor)


def _sheet(picture: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    from genlab.data.grid import png_bytes

    if picture.ndim == 2:
        return png_bytes(picture)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "WEBP", quality=85, method=0)
    return file.getvalue()
