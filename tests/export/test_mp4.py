"""MP4s decoded again: pictures, times, colours and the order of the file."""

from fractions import Fraction

import numpy as np
import pytest

from genlab.export.film import film_bytes
from genlab.export.mp4 import mp4_bytes
from genlab.export.reel import reel_bytes
from tests.export.watching import boxes, watched

LOSS = 8
"""Most that a value of a whole block may be off after the way to luma, chroma and back, of 255."""


def blocks(n: int, side: int = 6, scale: int = 16) -> list[np.ndarray]:
    """Pictures of coloured squares, each of its own."""
    small = np.random.default_rng(0).integers(0, 256, (n, side, side, 3), np.uint8)
    return list(small.repeat(scale, axis=1).repeat(scale, axis=2))


def off(seen: np.ndarray, meant: np.ndarray, scale: int = 16) -> int:
    """How far the middles of the squares are from what was meant."""
    middle = slice(scale // 2, None, scale)
    return int(np.abs(seen.astype(int) - meant)[middle, middle].max())


def test_any_player_can_play_it_while_it_still_comes() -> None:
    data = mp4_bytes(blocks(2), [100, 100])
    seen = watched(data)
    assert (seen.codec, seen.pixels) == ("h264", "yuv420p")
    assert seen.colours == (1, 1, 1, 1)  # BT.709 throughout, luma from 16 to 235
    assert boxes(data)[:2] == ["ftyp", "moov"]  # the index ahead of the pictures
    assert "mdat" in boxes(data)


def test_pictures_come_in_order_and_stand_as_long_as_told() -> None:
    pictures = blocks(4)
    seen = watched(mp4_bytes(pictures, [600, 100, 120, 1]))
    shown = [0] * 18 + [1] * 3 + [2] * 4 + [3]
    assert seen.times == [Fraction(i, 30) for i in range(len(shown))]
    for picture, i in zip(seen.pictures, shown, strict=True):
        assert off(picture, pictures[i]) <= LOSS


def test_black_stays_black_and_white_white() -> None:
    half = np.zeros((64, 64), np.uint8)
    half[:, 32:] = 255
    (picture,) = watched(mp4_bytes([half], [30])).pictures
    assert picture[:, :30].max() <= 3
    assert picture[:, 34:].min() >= 252


def test_primary_colours_are_the_same_ones_again() -> None:
    primaries = np.zeros((48, 144, 3), np.uint8)
    for channel in range(3):
        primaries[:, 48 * channel : 48 * (channel + 1), channel] = 255
    (picture,) = watched(mp4_bytes([primaries], [30])).pictures
    assert np.abs(picture[24, 24::48].astype(int) - 255 * np.eye(3, dtype=int)).max() <= LOSS


def test_sides_are_even_and_nothing_is_cut() -> None:
    odd = np.random.default_rng(0).integers(0, 256, (7, 5), np.uint8).repeat(9, axis=0).repeat(9, axis=1)
    (picture,) = watched(mp4_bytes([odd], [30])).pictures
    assert odd.shape == (63, 45)
    assert picture.shape == (64, 46, 3)
    assert off(picture[:63, :45, 1], odd, 9) <= LOSS


def test_the_same_pictures_make_the_same_bytes() -> None:
    assert mp4_bytes(blocks(3), [100] * 3) == mp4_bytes(blocks(3), [100] * 3)


@pytest.mark.parametrize(("side", "channels", "size"), [(28, 1, 504), (8, 3, 512), (45, 1, 450), (300, 1, 300)])
def test_a_reel_is_enlarged_by_an_even_factor_and_runs_there_and_back(side: int, channels: int, size: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, channels, side, side), np.uint8)
    seen = watched(reel_bytes(images, "MP4", 100))
    assert {picture.shape for picture in seen.pictures} == {(size, size, 3)}
    assert len(seen.pictures) == 18 + 3 + 18 + 3
    scale = size // side
    for picture, i in zip(seen.pictures[::3], [0] * 6 + [1] + [2] * 6 + [1], strict=True):
        meant = np.broadcast_to(images[i], (3, side, side)).transpose(1, 2, 0)
        middles = picture[scale // 2 :: scale, scale // 2 :: scale].astype(int)
        assert np.abs(middles - meant).mean() < 4


def test_a_film_of_snapshots_is_enlarged_and_rests_at_its_end(tmp_path) -> None:
    from tests.export.test_export import snapshots

    seen = watched(film_bytes(snapshots(tmp_path, 3, side=40), "MP4", frame_ms=100))
    assert {picture.shape for picture in seen.pictures} == {(160, 160, 3)}
    assert [int(picture[80, 80, 0]) for picture in seen.pictures] == pytest.approx(
        [10] * 3 + [11] * 3 + [12] * 45, abs=1
    )
