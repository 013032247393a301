"""How the points of a map moved from frame to frame, as an animated picture that follows what they fill."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from genlab.export.animation import Kind, animation_bytes
from genlab.export.picture import ExportError
from genlab.latent.film import Film, filled

SIDE = 480
MARGIN = 28
FINER = 2
"""Frames are drawn this much larger and then reduced, so that points are round."""
BETWEEN = 4
"""Pictures a frame: the frame itself, and points on straight lines to the next one."""
STEP_MS = 90
LAST_MS = 1_500
LIGHT, DARK = ((255, 255, 255), (28, 34, 48)), ((18, 21, 28), (232, 235, 242))
"""Paper and ink."""


def travel_bytes(film: Film, colours: NDArray[np.uint8], kind: Kind, *, dark: bool = False) -> bytes:
    """An animation, 480 pixels a side, that rests on its last frame.

    Each picture has its step written into it, those between two frames the one before. Generated points are rings.

    Parameters
    ----------
    film
        Of N points.
    colours
        uint8 (N, 3).
    kind
        A WebP loses what is hardly seen; of the others see :func:`~genlab.export.animation.animation_bytes`.

    Raises
    ------
    ExportError
        There is nothing to show.
    """
    if not len(film):
        raise ExportError("This film has no points, so there is nothing to show.")
    places, steps = film.aligned()[0], film.steps
    hollow = np.arange(len(film)) >= len(film.images)
    views = filled(places)
    scales = (SIDE - 2 * MARGIN) / np.maximum(views[:, 2:].max(axis=1), 1e-30)
    times = np.linspace(0, len(steps) - 1, BETWEEN * (len(steps) - 1) + 1)
    shown = []
    for time in times:
        i, share = int(time), time % 1.0
        j = min(i + 1, len(steps) - 1)
        scale = scales[i] ** (1 - share) * scales[j] ** share
        middle, at = ((1 - share) * of[i] + share * of[j] for of in (views[:, :2], places))
        pixels = SIDE / 2 + (at - middle) * np.array([scale, -scale])
        shown.append(_frame(pixels, steps[i], colours, hollow, dark))
    return animation_bytes(shown, [*[STEP_MS] * (len(shown) - 1), LAST_MS], kind, lossless=False)


def _frame(
    places: NDArray[np.float64], step: int, colours: NDArray[np.uint8], hollow: NDArray[np.bool_], dark: bool
) -> Image.Image:
    paper, ink = DARK if dark else LIGHT
    picture = Image.new("RGB", (FINER * SIDE, FINER * SIDE), paper)
    pen = ImageDraw.Draw(picture)
    radius = FINER * 2.6
    for (x, y), colour, ring in zip(FINER * places, colours, hollow, strict=True):
        box = (x - radius, y - radius, x + radius, y + radius)
        told = (int(colour[0]), int(colour[1]), int(colour[2]))
        pen.ellipse(box, outline=told, width=FINER) if ring else pen.ellipse(box, fill=told)
    font = ImageFont.load_default(size=FINER * 13)
    pen.text((FINER * 10, FINER * (SIDE - 22)), f"{step:,}", fill=ink, font=font)
    return picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
