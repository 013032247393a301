"""What leaves the lab is decoded again and compared, byte for byte."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from PIL import Image

from genlab.data.grid import png_bytes
from genlab.export import ExportError, film_bytes, npz_bytes, zip_bytes
from genlab.export.archive import MAX_PICTURES
from genlab.export.film import MAX_FRAMES, chosen_frames

ABOUT = {"run": "00001-数字", "step": 200, "seed": 7, "truncation": 0.7, "class": None}


def pictures(n: int = 5, channels: int = 1) -> np.ndarray:
    return np.random.default_rng(n).integers(0, 256, (n, channels, 6, 4), np.uint8)


def decoded(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture)


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
def test_a_png_loses_nothing(shape):
    picture = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    assert_array_equal(decoded(png_bytes(picture)), picture)


@pytest.mark.parametrize("picture", [np.zeros((5, 7)), np.zeros((5, 7, 4), np.uint8), np.zeros(5, np.uint8)])
def test_a_png_of_something_else_is_refused(picture):
    with pytest.raises(ValueError, match="uint8"):
        png_bytes(picture)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_zip_holds_every_picture_and_its_story(channels):
    images = pictures(channels=channels)
    with zipfile.ZipFile(io.BytesIO(zip_bytes(images, ABOUT))) as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read("sample.json")) == ABOUT
        assert "labels.csv" not in archive.namelist()
        for i, image in enumerate(images):
            found = decoded(archive.read(f"{i:05}.png"))
            assert_array_equal(found if channels == 3 else found[..., None], image.transpose(1, 2, 0))


def test_a_zip_names_the_classes():
    data = zip_bytes(pictures(4), ABOUT, [1, 0, 2, 9], ["T-shirt/top", '=a,"b"', "鞋"])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if name.endswith(".png")]
        assert names == ["00000_a-b.png", "00001_T-shirt-top.png", "00002_鞋.png", "00003_9.png"]
        assert archive.read("labels.csv").decode().splitlines() == [
            "file,label,class",
            '00000_a-b.png,1,"\'=a,""b"""',
            "00001_T-shirt-top.png,0,T-shirt/top",
            "00002_鞋.png,2,鞋",
            "00003_9.png,9,9",
        ]


@given(st.text(max_size=60))
@settings(max_examples=60)
def test_no_class_name_escapes_the_folder(name):
    with zipfile.ZipFile(io.BytesIO(zip_bytes(pictures(1), {}, [0], [name]))) as archive:
        (file,) = (entry for entry in archive.namelist() if entry.endswith(".png"))
    assert not set(file) & set('/\\:*?"<>|\0\r\n')
    assert file.startswith("00000_")


def test_an_npz_is_read_without_pickles():
    images = pictures(channels=3)
    with np.load(io.BytesIO(npz_bytes(images, ABOUT, [4, 3, 2, 1, 0])), allow_pickle=False) as file:
        assert sorted(file) == ["about", "images", "labels"]
        assert_array_equal(file["images"], images)
        assert_array_equal(file["labels"], [4, 3, 2, 1, 0])
        assert json.loads(str(file["about"])) == ABOUT
    with np.load(io.BytesIO(npz_bytes(images, ABOUT)), allow_pickle=False) as file:
        assert sorted(file) == ["about", "images"]


@pytest.mark.parametrize("write", [zip_bytes, npz_bytes])
def test_the_same_pictures_make_the_same_bytes(write):
    assert write(pictures(), ABOUT) == write(pictures(), ABOUT)


@pytest.mark.parametrize("write", [zip_bytes, npz_bytes])
def test_archives_are_bounded_and_checked(write):
    with pytest.raises(ExportError, match="at most 10,000"):
        write(np.zeros((MAX_PICTURES + 1, 1, 1, 1), np.uint8), {})
    with pytest.raises(ValueError, match="label"):
        write(pictures(3), {}, [1])
    with pytest.raises(ValueError, match="uint8"):
        write(np.zeros((0, 1, 2, 2), np.uint8), {})


def snapshots(folder: Path, n: int, channels: int = 1, side: int = 6) -> list[Path]:
    paths = []
    for i in range(n):
        picture = np.full((side, side, 3) if channels == 3 else (side, side), 10 + i % 200, np.uint8)
        picture[0, 0] = 255
        paths.append(folder / f"{i:06}.png")
        Image.fromarray(picture).save(paths[-1])
    return paths


def test_a_film_shows_every_snapshot_in_order_and_rests_at_the_end(tmp_path: Path):
    with Image.open(io.BytesIO(film_bytes(snapshots(tmp_path, 4), "GIF", frame_ms=100))) as film:
        assert (film.format, film.n_frames, film.size) == ("GIF", 4, (12, 12))
        assert film.info["loop"] == 0
        for i in range(4):
            film.seek(i)
            frame = np.asarray(film.convert("L"))
            assert frame[-1, -1] == 10 + i
            assert_array_equal(frame[:2, :2], 255)
            assert film.info["duration"] == (1500 if i == 3 else 100)


def test_a_film_in_colour(tmp_path: Path):
    with Image.open(io.BytesIO(film_bytes(snapshots(tmp_path, 2, channels=3), "GIF"))) as film:
        assert film.n_frames == 2
        assert film.convert("RGB").getpixel((3, 3)) == (10, 10, 10)


def test_a_film_of_one_snapshot_is_a_picture(tmp_path: Path):
    with Image.open(io.BytesIO(film_bytes(snapshots(tmp_path, 1), "GIF"))) as film:
        assert film.n_frames == 1


def test_a_long_film_is_thinned_and_a_large_one_not_enlarged(tmp_path: Path):
    with Image.open(io.BytesIO(film_bytes(snapshots(tmp_path, MAX_FRAMES + 30), "GIF"))) as film:
        assert film.n_frames <= MAX_FRAMES
    with Image.open(io.BytesIO(film_bytes(snapshots(tmp_path, 1, side=600), "GIF"))) as film:
        assert film.size == (600, 600)


@given(st.integers(1, 5000), st.integers(1, 200))
def test_the_chosen_frames_begin_and_end_with_the_film(n, most):
    chosen = chosen_frames(n, most)
    assert chosen[0] == 0
    assert most == 1 or chosen[-1] == n - 1
    assert chosen == sorted(set(chosen))
    assert len(chosen) == min(n, most)


def test_a_film_that_cannot_be_made_says_why(tmp_path: Path):
    with pytest.raises(ExportError, match="no snapshots"):
        film_bytes([], "GIF")
    paths = snapshots(tmp_path, 2)
    paths[1].write_bytes(paths[1].read_bytes()[:40])
    with pytest.raises(ExportError, match=r"000001\.png cannot be read"):
        film_bytes(paths, "GIF")
    paths[1].write_text("not a picture")
    with pytest.raises(ExportError, match="cannot be read"):
        film_bytes(paths, "GIF")
    Image.new("L", (7, 6)).save(paths[1])
    with pytest.raises(ExportError, match="one size"):
        film_bytes(paths, "GIF")
    with pytest.raises(ExportError, match="cannot be read"):
        film_bytes([tmp_path / "gone.png"], "GIF")
