"""The film of a run: how the same latents came to be pictures, as a moving picture."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from genlab.export.animation import Kind, animation_bytes
from genlab.export.picture import ExportError

MAX_FRAMES = 150
SCALES: dict[Kind, int] = {"GIF": 2, "WEBP": 2, "MP4": 4}
"""Players blur a film that is small, where browsers keep pixels square."""
MAX_SIDE = 1_024
MAX_FRAME_PIXELS = 4_096 * 4_096
"""A snapshot larger than that is none of ours, and is not decoded."""
LAST_FRAME_MS = 1_500


def chosen_frames(n: int, most: int = MAX_FRAMES) -> list[int]:
    """Which of `n` frames a film of at most `most` shows: evenly spread, the first and the last always."""
    return [int(i) for i in np.unique(np.linspace(0, n - 1, min(n, most)).round())] if n > 0 else []


def film_bytes(paths: Sequence[Path], kind: Kind, frame_ms: int = 120) -> bytes:
    """An animation that rests on its last frame.

    Parameters
    ----------
    paths
        PNG files of one size, in order; of more than 150, 150 evenly spread ones are shown.
    kind
        As :func:`~genlab.export.animation.animation_bytes` has them. Pictures are enlarged by two, those of an MP4 by
        four, or less where a side would exceed 1,024 pixels.
    frame_ms
        How long a frame stands, in milliseconds (20 to 2,000).

    Raises
    ------
    ExportError
        When there is no frame, or one cannot be read.
    """
    if not paths:
        raise ExportError("This run has no snapshots yet, so there is no film. Wait for the first one.")
    frame_ms = min(max(frame_ms, 20), 2_000)
    frames = [_frame(paths[i]) for i in chosen_frames(len(paths))]
    if len({frame.size for frame in frames}) > 1:
        raise ExportError("The snapshots of this run are not all of one size, so they make no film.")
    stands = [*[frame_ms] * (len(frames) - 1), max(frame_ms, LAST_FRAME_MS)]
    scale = max(1, min(SCALES[kind], MAX_SIDE // max(frames[0].size)))
    return animation_bytes((enlarged(frame, scale) for frame in frames), stands, kind)  # one large frame at a time


def enlarged(picture: Image.Image, scale: int) -> Image.Image:
    """A picture whose pixels have become squares of `scale` pixels a side."""
    return picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)


def _frame(path: Path) -> Image.Image:
    try:
        with Image.open(path, formats=["PNG"]) as opened:
            if opened.width * opened.height > MAX_FRAME_PIXELS:
                raise ExportError(f"The snapshot {path.name} is too large to be one of this lab's.")
            return opened.convert("L" if opened.mode in ("1", "L") else "RGB")
    except (OSError, UnidentifiedImageError, SyntaxError) as error:
        raise ExportError(f"The snapshot {path.name} cannot be read. Delete it to have a film of the rest.") from error
