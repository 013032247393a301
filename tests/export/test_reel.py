"""Animations read back: order, rests, loop, and no pixel lost where none may be."""

import io

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image, ImageSequence

from genlab.export.picture import ExportError
from genlab.export.reel import Kind, reel_bytes


def frames(data: bytes) -> tuple[list[np.ndarray], list[int], Image.Image]:
    moving = Image.open(io.BytesIO(data))
    parts = [(np.asarray(frame.convert("RGB")), frame.info["duration"]) for frame in ImageSequence.Iterator(moving)]
    return [part for part, _ in parts], [int(stands) for _, stands in parts], moving


def some(m: int, channels: int = 1, side: int = 28) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (m, channels, side, side), np.uint8)


@pytest.mark.parametrize(("kind", "channels"), [("GIF", 1), ("WEBP", 1), ("WEBP", 3)])
def test_it_runs_there_and_back_and_loses_nothing(kind: Kind, channels: int) -> None:
    images = some(4, channels)
    seen, stands, moving = frames(reel_bytes(images, kind, 100))
    assert moving.format == kind
    assert moving.info["loop"] == 0
    assert stands == [600, 100, 100, 600, 100, 100]
    for frame, i in zip(seen, [0, 1, 2, 3, 2, 1], strict=True):
        assert frame.shape == (224, 224, 3)
        small = frame[::8, ::8].transpose(2, 0, 1)
        assert_array_equal(small, np.broadcast_to(images[i], small.shape))


def test_a_coloured_gif_keeps_its_colours_nearly() -> None:
    images = np.zeros((2, 3, 16, 16), np.uint8)
    images[0, 0], images[1, 2] = 200, 200
    seen, _, _ = frames(reel_bytes(images, "GIF"))
    assert_array_equal(seen[0][0, 0], [200, 0, 0])
    assert_array_equal(seen[1][0, 0], [0, 0, 200])


def test_large_pictures_keep_their_size_and_one_is_refused() -> None:
    assert frames(reel_bytes(some(2, side=300), "GIF"))[0][0].shape == (300, 300, 3)
    with pytest.raises(ExportError, match="two pictures"):
        reel_bytes(some(1), "GIF")
