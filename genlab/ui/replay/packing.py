"""A run's story as bytes for the browser: places of every frame, pictures, snapshots, curves."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from genlab.ui.latent.packing import sheet_bytes
from genlab.ui.replay import story as stories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genlab.latent.film import Film
    from genlab.runs.metrics import Row
    from genlab.ui.replay.story import Story

MAGIC: Final = b"GLR1"
TIMES: Final = ("step", "images", "seconds")


class _Body:
    """Parts one after the other, each beginning at a multiple of four."""

    def __init__(self) -> None:
        self.data = bytearray()

    def add(self, part: bytes) -> tuple[int, int]:
        """Where a part lies: its beginning and its length."""
        at = len(self.data)
        self.data += part + b"\0" * (-len(part) % 4)
        return at, len(part)


def pack(key: str, story: Story) -> bytes:
    """What ``unpack.js`` unpacks.

    ``"GLR1"``, the length of the header as uint32, the header (JSON, padded to a multiple of four), and the parts that
    the header names by their beginning behind it and their length: the places of all points in every frame (float32,
    little-endian, frame by frame), their groups (uint16), sheets of pictures (PNG; WebP where they are coloured), and
    the snapshots (PNG). Numbers that are not known are null.
    """
    body = _Body()
    samples = []
    for step, path in story.samples:
        try:
            samples.append({"step": step, "png": body.add(path.read_bytes())})
        except OSError:  # the run was deleted, or the snapshot alone: the others are shown
            continue
    first, last = story.span
    header = {
        "key": key,
        "first": first,
        "last": last,
        "checkpoints": list(story.checkpoints),
        "samples": samples,
        "curves": _columns(story.rows),
        "map": None if story.film is None else _map(story.film, body),
    }
    head = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    head += b" " * (-len(head) % 4)
    return b"".join([MAGIC, len(head).to_bytes(4, "little"), head, bytes(body.data)])


def _columns(rows: Sequence[Row]) -> dict[str, list[float | None]]:
    """Time and losses, column by column."""
    names = [*TIMES, *(name for names in stories.losses(rows).values() for name in names)]
    return {name: [_number(row.get(name)) for row in rows] for name in names}


def _number(value: float | None) -> float | None:
    return float(f"{value:.6g}") if value is not None and math.isfinite(value) else None


def _map(film: Film, body: _Body) -> dict[str, Any]:
    from genlab.data.grid import columns_for, tile
    from genlab.latent.film import filled

    places, disparity = film.aligned()
    group = np.empty(len(film), "<u2")
    for i, one in enumerate(stories.groups(film)):
        group[one.rows] = i
    return {
        "n": len(film),
        "real": len(film.images),
        "places": body.add(places.astype("<f4").tobytes()),
        "group": body.add(group.tobytes()),
        "pictures": {
            "width": film.images.shape[3],
            "height": film.images.shape[2],
            "real": body.add(sheet_bytes(tile(film.images))),
            "columns": columns_for(len(film.images)),
            "generated_columns": columns_for(film.n_generated),
        },
        "frames": [
            {
                "step": frame.step,
                "filled": fills.tolist(),
                "held": round(frame.held, 4),
                "disparity": round(float(apart), 4),
                "generated": body.add(sheet_bytes(tile(frame.generated))) if film.n_generated else None,
            }
            for frame, apart, fills in zip(film.frames, disparity, filled(places), strict=True)
        ],
    }
