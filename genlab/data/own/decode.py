"""One picture, from whatever file a stranger made, to a square of bytes.

The largest centred square is cut out and resized with an antialiasing filter (Lanczos). Cameras'
orientation tags are followed, transparent parts are laid on white, an animation gives its first frame,
16-bit grey keeps its upper eight bits, rounded, and colour becomes grey by the usual luma weights.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from genlab.data.own.bounds import MAX_PIXELS, MAX_SIZE

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
"""Only these of Pillow's readers are ever tried; others start programs or are seldom looked after."""
SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm")
)
WHITE = (255, 255, 255, 255)


class UnreadableError(Exception):
    """One file is no good; the message completes "<file>: ..."."""


def decode(data: bytes, size: int | None, channels: int) -> NDArray[np.uint8]:
    """The picture in ``data`` as uint8 (channels, size, size).

    Parameters
    ----------
    data : bytes
        A whole picture file in one of FORMATS.
    size : int or None
        The side of the square wanted; None takes the picture's own shorter side, 256 at most.
    channels : {1, 3}
        Grey or colour.

    Raises
    ------
    UnreadableError
        When it is no picture, is damaged, or has too many pixels.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise UnreadableError(_too_large(picture.width, picture.height))
            side = size or min(*picture.size, MAX_SIZE)
            # JPEG files can be decoded at a fraction of their size, which saves most of the time.
            picture.draft(picture.mode, (2 * side, 2 * side))
            return fit(ImageOps.exif_transpose(picture), side, channels)
    except UnreadableError:
        raise
    except UnidentifiedImageError as error:
        raise UnreadableError(f"is not a picture in one of the formats {', '.join(FORMATS)}") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadableError(_too_large()) from error
    except Exception as error:  # Pillow's readers let all sorts out of a damaged file
        raise UnreadableError(f"is damaged ({str(error)[:120] or type(error).__name__})") from error


def fit(picture: Image.Image, size: int, channels: int) -> NDArray[np.uint8]:
    """The largest centred square of ``picture`` as uint8 (channels, size, size).

    Raises
    ------
    UnreadableError
        When its values are not 8 or 16 bits deep.
    """
    picture = _eight_bits(picture, channels)
    side = min(picture.size)
    left, top = (picture.width - side) / 2, (picture.height - side) / 2
    if picture.size != (size, size):
        picture = picture.resize(
            (size, size),
            Image.Resampling.LANCZOS,
            box=(left, top, left + side, top + side),
            reducing_gap=3.0,
        )
    if picture.mode == "RGBA":  # after resizing, which weighs colours by their opacity
        ground = Image.new("RGBA", picture.size, WHITE)
        ground.alpha_composite(picture)
        picture = ground.convert(_mode(channels))
    values = np.asarray(picture, dtype=np.uint8)
    return values[None] if channels == 1 else values.transpose(2, 0, 1)


def _eight_bits(picture: Image.Image, channels: int) -> Image.Image:
    """The whole picture in mode L, RGB, or (where it is transparent somewhere) RGBA."""
    if picture.mode == "F":
        raise UnreadableError("holds fractions; save it with 8 or 16 bits a channel")
    if picture.mode == "I" or picture.mode.startswith("I;16"):
        # Pillow's own conversion clips such values at 255 and makes nearly everything white.
        values = np.asarray(picture).astype(np.int64)
        if values.min() < 0 or values.max() > 0xFFFF:
            raise UnreadableError("holds more than 16 bits a pixel; save it with 8 or 16")
        picture = Image.fromarray(((values + 128) // 257).astype(np.uint8))
    return picture.convert("RGBA" if picture.has_transparency_data else _mode(channels))


def _mode(channels: int) -> str:
    return "L" if channels == 1 else "RGB"


def _too_large(*sides: int) -> str:
    exactly = f" ({sides[0]:,} x {sides[1]:,})" if sides else ""
    return f"has more than {MAX_PIXELS // 1_000_000} million pixels{exactly}"
