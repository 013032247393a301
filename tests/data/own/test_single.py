"""One picture of one's own: what is read, what is refused, and digits made as MNIST's are."""

import io
import os

import numpy as np
import pytest
from PIL import Image, ImageDraw

from genlab.data import load
from genlab.data.own import single
from genlab.data.own.single import as_digit, keep, kept, kept_file, prepared, read
from genlab.data.pictures import DataError


def png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def seven(side: int, ink: int = 255, paper: int = 0) -> np.ndarray:
    """A 7 of straight strokes, not in the middle."""
    picture = Image.new("L", (side, side), paper)
    at = [(0.1 * side, 0.15 * side), (0.45 * side, 0.15 * side), (0.25 * side, 0.6 * side)]
    ImageDraw.Draw(picture).line(at, fill=ink, width=side // 16)
    return np.repeat(np.asarray(picture)[None], 3, 0)


def test_a_file_is_read_kept_and_found_again() -> None:
    values = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    picture = read(png(Image.fromarray(values)))
    np.testing.assert_array_equal(picture, values.transpose(2, 0, 1))
    key = keep(picture)
    assert key == keep(picture)
    np.testing.assert_array_equal(kept(key), picture)
    assert read(png(Image.new("L", (900, 400), 7))).shape == (3, 256, 256)


def test_only_the_newest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single, "MAX_KEPT", 2)
    keys = []
    for i in range(3):
        keys.append(keep(np.full((3, 9, 9), i, np.uint8)))
        os.utime(kept_file(keys[-1]), (i, i)) if i < 2 else None
    with pytest.raises(DataError, match="not any more"):
        kept(keys[0])
    assert kept(keys[2])[0, 0, 0] == 2


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "a" * 23, "A" * 24, "a" * 24 + "\n"])
def test_what_is_no_key_reaches_no_file(key: str) -> None:
    with pytest.raises(DataError, match="names no picture"):
        kept(key)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"seven", "not a picture"),
        (b"", "not a picture"),
        (png(Image.effect_noise((90, 90), 60))[:-900], "damaged"),
        (png(Image.new("1", (8_000, 8_000))), "million pixels"),
        (bytes(single.MAX_BYTES + 1), "10"),
    ],
)
def test_what_is_no_picture_is_told_in_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said) as caught:
        read(data)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(("ink", "paper"), [(255, 0), (20, 240), (120, 10), (90, 200)])
def test_a_digit_is_light_on_dark_fills_its_box_and_has_its_mass_in_the_middle(ink: int, paper: int) -> None:
    made = as_digit(seven(280, ink, paper), 28, 20)
    assert (made.shape, made.dtype, made.max()) == ((28, 28), np.uint8, 255)
    rows, columns = np.flatnonzero(made.any(1)), np.flatnonzero(made.any(0))
    assert rows[-1] - rows[0] + 1 == 20  # higher than wide
    assert columns[-1] - columns[0] + 1 < 20
    weights = made / made.sum()
    assert [(weights.sum(1) * np.arange(28)).sum(), (weights.sum(0) * np.arange(28)).sum()] == pytest.approx(
        [14, 14], abs=0.51
    )
    elsewhere = np.roll(seven(280, ink, paper), (70, 110), (1, 2))
    np.testing.assert_array_equal(made, as_digit(elsewhere, 28, 20))


def test_mnists_own_pictures_stay_what_they_are() -> None:
    for image in load("mnist-5k", "test").images[:40].numpy():
        large = np.repeat(np.pad(image, ((0, 0), (5, 9), (2, 12))), 3, 0)  # elsewhere on a larger paper
        np.testing.assert_allclose(as_digit(large, 28, 20)[None].astype(int), image, atol=100)
        assert np.abs(as_digit(large, 28, 20).astype(int) - image[0]).mean() < 3.5
        np.testing.assert_array_equal(prepared(np.repeat(image, 3, 0), "mnist-5k", (1, 28, 28)), image)


def test_digits_of_eight_pixels_fill_the_height() -> None:
    made = prepared(seven(280), "digits", (1, 8, 8))
    assert made.shape == (1, 8, 8)
    assert np.flatnonzero(made[0].any(1)).tolist() == list(range(8))
    columns = np.flatnonzero(made[0].any(0))
    assert abs(columns[0] - (7 - columns[-1])) <= 1


def test_other_pictures_are_only_resized() -> None:
    colour = np.zeros((3, 64, 64), np.uint8)
    colour[0] = 200
    assert (prepared(colour, "cifar10", (3, 32, 32)) == np.array([200, 0, 0])[:, None, None]).all()
    assert prepared(colour, "fashion-mnist", (1, 28, 28)).tolist() == np.full((1, 28, 28), 60).tolist()
    for data in ("cifar10", "mnist"):
        with pytest.raises(DataError, match="empty"):
            prepared(np.full((3, 64, 64), 9, np.uint8), data, (3, 32, 32))
    assert prepared(seven(280), "mnist-5k-colour", (3, 28, 28)).shape == (3, 28, 28)


@pytest.mark.parametrize("value", [0, 255, 100])
def test_an_empty_picture_has_no_digit(value: int) -> None:
    with pytest.raises(DataError, match="empty"):
        prepared(np.full((3, 280, 280), value, np.uint8), "mnist", (1, 28, 28))


def test_models_of_oblong_pictures_are_told() -> None:
    with pytest.raises(DataError, match="squares"):
        prepared(seven(28), "own:x", (1, 28, 20))
