"""Uploads made to do harm: whatever comes in, a sentence or a set comes out, and nothing is written elsewhere."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genlab.data import DataError
from genlab.data.own import import_pictures
from genlab.data.own.single import kept, kept_file, read
from genlab.paths import datasets_dir, home
from tests.data.own.conftest import npz_bytes, png_bytes, zip_bytes

FUZZ = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

ZIP = zip_bytes({f"{kind}/{i}.png": png_bytes(40 * i) for kind in "ab" for i in range(3)}).getvalue()
NPZ = npz_bytes(images=np.arange(4 * 9 * 9, dtype=np.uint8).reshape(4, 9, 9), labels=np.arange(4)).getvalue()
PNG = png_bytes("red", mode="RGB")

numbers = st.integers(0, 255)
paths = st.text("abc./\\:~\n猫", min_size=1, max_size=12) | st.sampled_from(
    ["../x.png", "/x.png", "a/../../x.png", "C:\\x.png"]
)


@st.composite
def harmed(draw: st.DrawFn, whole: bytes) -> bytes:
    """A file with some bytes changed, inserted or cut."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        how = draw(st.sampled_from(["change", "change", "insert", "cut"]))
        if how == "cut":
            del data[at : at + draw(st.integers(1, 40))]
        else:
            data[at : at + (how == "change")] = bytes([draw(numbers)])
    return bytes(data)


def imported(data: bytes, filename: str, name: str = "set") -> None:
    """Import, and see that what is there afterwards is a set, or nothing."""
    before = sorted(home().rglob("*")) if home().exists() else []
    try:
        report = import_pictures(io.BytesIO(data), name, 8, 1, filename=filename)
    except DataError as error:
        told = str(error)
        after = sorted(path for path in home().rglob("*") if path != datasets_dir()) if home().exists() else []
        assert after == [path for path in before if path != datasets_dir()]
        assert told.rstrip().endswith((".", ")"))
    else:
        assert report.pictures.shape == (1, 8, 8)
        made = datasets_dir() / name
        assert {path.name for path in made.iterdir()} == {"pictures.safetensors", "dataset.json"}
        assert set(home().rglob("*")) - set(before) <= {datasets_dir(), made, *made.iterdir()}
        for path in made.iterdir():
            path.unlink()
        made.rmdir()


@FUZZ
@given(harmed(ZIP))
def test_harmed_zips(data: bytes) -> None:
    imported(data, "pictures.zip")


@FUZZ
@given(harmed(NPZ))
def test_harmed_arrays(data: bytes) -> None:
    imported(data, "pictures.npz")


@FUZZ
@given(st.dictionaries(paths, st.just(PNG) | st.binary(max_size=30), max_size=5))
def test_zips_with_any_names_inside(files: dict[str, bytes]) -> None:
    imported(zip_bytes(files).getvalue(), "pictures.zip")


@FUZZ
@given(st.text(max_size=50) | paths)
def test_any_name_of_a_set_is_one_or_is_refused(name: str) -> None:
    if name and name.strip("abcdefghijklmnopqrstuvwxyz0123456789-"):
        imported(ZIP, "pictures.zip", name)


@FUZZ
@given(st.binary(max_size=200), st.text(max_size=20))
def test_any_file_under_any_name(data: bytes, filename: str) -> None:
    imported(data, filename)


@FUZZ
@given(harmed(PNG) | st.binary(max_size=100))
def test_any_single_picture(data: bytes) -> None:
    try:
        picture = read(data)
    except DataError:
        return
    assert (picture.dtype, picture.shape[0]) == (np.uint8, 3)
    assert picture.shape[1] == picture.shape[2] <= 256


@FUZZ
@given(st.text(max_size=30) | st.from_regex(r"(\.\./)*[0-9a-f]{22,26}(\.png)?\n?", fullmatch=True))
def test_no_key_of_a_kept_picture_leads_out_of_its_folder(key: str) -> None:
    with pytest.raises(DataError):  # nothing is kept here, whatever the key
        kept(key)
    try:
        path = kept_file(key)
    except DataError:
        return
    assert path.parent == home() / "pictures"
    assert os.path.normpath(path) == str(path)


def test_a_kept_picture_that_is_no_picture_any_more_is_told(own_home: Path) -> None:
    path = kept_file("0" * 24)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"<script>")
    with pytest.raises(DataError, match="is not a picture"):
        kept("0" * 24)
