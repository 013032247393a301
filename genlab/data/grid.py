"""Many small pictures as one: tiled, with square pixels, made larger without blur."""

import io
import math

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

MAX_SIDE = 8_192
"""Longest side of a grid in pixels: browsers draw it, and it decodes in 200 MB of memory."""


SMALL_SIDE = 16


def columns_for(n: int) -> int:
    """How many columns make `n` pictures as good as square: ``ceil(sqrt(n))``, at least 1."""
    return max(1, math.isqrt(max(n, 1) - 1) + 1)


def enlarge(images: Bytes, scale: int) -> Bytes:
    """Each pixel of (..., H, W) becomes a square of `scale` x `scale` of the same value."""
    return images.repeat(scale, axis=-2).repeat(scale, axis=-1)


def reduced(images: Bytes, factor: int) -> Bytes:
    """Pictures (N, C, H, W) smaller by a whole factor: each pixel is the mean of a square, and what is left is cut.

    A side shorter than the factor becomes one pixel.
    """
    if factor == 1:
        return images
    n, channels, height, width = images.shape
    rows, columns = max(1, height // factor), max(1, width // factor)
    tall, wide = min(factor, height), min(factor, width)
    cut = images[:, :, : rows * tall, : columns * wide].reshape(n, channels, rows, tall, columns, wide)
    return np.asarray(cut.mean(axis=(3, 5)).round().astype(np.uint8))


def tile(
    images: Bytes,
    columns: int | None = None,
    scale: int = 1,
    gap: int = 0,
    paper: int = 255,
    *,
    full: bool = False,
) -> Bytes:
    """Lay pictures out row by row.

    Parameters
    ----------
    images
        uint8 (N, C, H, W), N >= 1, C is 1 or 3.
    columns
        Pictures a row; as square as can be when not given.
    scale
        Whole factor by which each picture is enlarged.
    gap
        Pixels between pictures, after enlarging.
    paper
        Grey value, 0 to 255, of gaps and of places left empty in the last row.
    full
        Whether a single row that is not full leaves empty places too, so that pictures keep their size.

    Returns
    -------
    uint8 (height, width) for grey pictures, (height, width, 3) for colour.

    Raises
    ------
    ValueError
        When there is nothing to lay out, or the grid would be longer than 8,192 pixels.
    """
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1] not in (1, 3) or not images.size:
        raise ValueError(f"images must be uint8 (N, 1 or 3, H, W), not {images.dtype} {images.shape}")
    if scale < 1 or gap < 0:
        raise ValueError("scale must be at least 1 and gap at least 0")
    n, channels, height, width = images.shape
    columns = columns or columns_for(n)
    columns = columns if full else min(columns, n)
    rows = -(-n // columns)
    cell_h, cell_w = height * scale + gap, width * scale + gap
    if max(rows * cell_h, columns * cell_w) > MAX_SIDE:
        raise ValueError(f"the grid would be longer than {MAX_SIDE} pixels")
    cells = np.full((rows * columns, channels, cell_h, cell_w), paper, np.uint8)
    cells[:n, :, : height * scale, : width * scale] = enlarge(images, scale)
    laid = cells.reshape(rows, columns, channels, cell_h, cell_w).transpose(0, 3, 1, 4, 2)
    sheet = laid.reshape(rows * cell_h, columns * cell_w, channels)[: rows * cell_h - gap, : columns * cell_w - gap]
    return sheet[:, :, 0] if channels == 1 else sheet


def gap_for(images: Bytes) -> int:
    """Pixels between pictures (N, C, H, W), before enlarging: small ones fill their frames and would run together."""
    return 1 if images.shape[-1] < SMALL_SIDE else 0


def fit_scale(height: int, width: int, side: int, most: int = 16) -> int:
    """The largest whole factor, 1 to `most`, by which a sheet of this size still fits a square of `side`."""
    return max(1, min(most, side // max(height, width, 1)))


def png_bytes(picture: NDArray[np.uint8]) -> bytes:
    """A PNG of a grey (H, W) or colour (H, W, 3) picture, without loss.

    Raises
    ------
    ValueError
        When the array is not such a picture.
    """
    if picture.dtype != np.uint8 or picture.ndim not in (2, 3) or (picture.ndim == 3 and picture.shape[2] != 3):
        raise ValueError(f"a picture is uint8 (H, W) or (H, W, 3), not {picture.dtype} {picture.shape}")
    from PIL import Image  # imported late: most readers of runs draw nothing

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()
