"""What is no set of pictures, or too much of one, ends in a sentence."""

import io
import struct
import zipfile
from functools import partial

import pytest

from genlab.data import DataError
from genlab.data.own import bounds, entries, import_pictures

import_zip = partial(import_pictures, filename="pictures.zip")


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04", b"hello" * 100, b"PK\x05\x06" + bytes(18)[:-4]])
def test_what_is_no_zip_ends_in_a_sentence(body, left):
    with pytest.raises(DataError, match="not a whole zip"):
        import_zip(io.BytesIO(body), "set", 8, 1)
    assert left() == []


def test_every_cut_of_a_zip_ends_in_a_sentence(zipped, png):
    whole = zipped({"a.png": png(), "b.png": png()}).getvalue()
    for end in range(0, len(whole), 7):
        with pytest.raises(DataError):
            import_zip(io.BytesIO(whole[:end]), "set", 8, 1)


def test_a_hundred_megapixels_in_a_zip_are_named(zipped, png):
    large = png(0, (10_000, 10_000), "1")
    report = import_zip(zipped({"large.png": large, "1.png": png(), "2.png": png()}), "set", 8, 1)
    ((name, why),) = report.skipped
    assert name == "large.png"
    assert why.startswith("has more than 50 million pixels")


def test_a_zip_bomb_of_one_file_is_named(zipped, png, monkeypatch):
    monkeypatch.setattr(entries, "MAX_FILE_BYTES", 1 << 20)
    bomb = zipped({"bomb.png": bytes(3 << 20), "1.png": png(), "2.png": png()})
    assert len(bomb.getvalue()) < 10_000
    report = import_zip(bomb, "set", 8, 1)
    assert report.skipped == (("bomb.png", "unpacks to more than 1 MiB"),)


def test_a_zip_bomb_of_many_files_ends_in_a_sentence(zipped, monkeypatch, left):
    monkeypatch.setattr(bounds, "MAX_UNPACKED_BYTES", 5 << 20)
    bomb = zipped({f"{i}.png": bytes(1 << 20) for i in range(9)})
    with pytest.raises(DataError, match="unpack to more than 5 MiB"):
        import_zip(bomb, "set", 8, 1)
    assert left() == []


def test_a_real_zip_bomb_stays_small(zipped, png):
    """A gigabyte behind one name, with the bounds as they are."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("bomb.png", "w") as stream:
            for _ in range(256):
                stream.write(bytes(1 << 20))
        archive.writestr("1.png", png())
        archive.writestr("2.png", png())
    report = import_zip(out, "set", 8, 1)
    assert report.skipped == (("bomb.png", "unpacks to more than 64 MiB"),)


def test_a_header_that_lies_about_the_size_is_not_believed(zipped, png):
    archive = zipped({"liar.png": bytes(100_000), "1.png": png(), "2.png": png()}).getvalue()
    lying = archive.replace(struct.pack("<I", 100_000), struct.pack("<I", 10))
    report = import_zip(io.BytesIO(lying), "set", 8, 1)
    assert report.skipped == (("liar.png", "is damaged inside the zip"),)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_is_named(zipped, png, method):
    archive = zipped({"a.png": png(), "b.png": png()})
    with zipfile.ZipFile(archive, "a", method) as more:
        more.writestr("bomb.png", bytes(1 << 20))
    report = import_zip(archive, "set", 8, 1)
    assert report.skipped == (("bomb.png", "is compressed in an unusual way; make the zip with normal compression"),)


def test_a_password_is_named(zipped, png):
    archive = bytearray(zipped({"locked.png": png(), "1.png": png(), "2.png": png()}).getvalue())
    archive[archive.index(b"PK\x01\x02") + 8] |= 1  # the first entry of the directory
    report = import_zip(io.BytesIO(bytes(archive)), "set", 8, 1)
    assert report.skipped == (("locked.png", "is protected by a password"),)


@pytest.mark.parametrize(
    ("bound", "value", "sentence"),
    [
        ("bounds.MAX_UPLOAD_BYTES", 100, "at most 0 are possible"),
        ("entries.MAX_FILES", 2, "holds 3 files; at most 2"),
        ("bounds.MAX_LIST_BYTES", 100, "list of files in the zip has more than"),
        ("bounds.MAX_PICTURES", 2, "more than the 2 pictures"),
        ("bounds.MAX_STORED_BYTES", 2 * 64, "more than the 2 pictures.*smaller size"),
        ("bounds.MAX_SECONDS", -1.0, "took longer than"),
    ],
)
def test_every_bound_ends_in_a_sentence(zipped, png, monkeypatch, left, bound, value, sentence):
    monkeypatch.setattr(f"genlab.data.own.{bound}", value)
    with pytest.raises(DataError, match=sentence):
        import_zip(zipped({f"{i}.png": png() for i in range(3)}), "set", 8, 1)
    assert left() == []


@pytest.mark.parametrize(("size", "channels"), [(7, 1), (257, 1), (-1, 3), (16, 2), (16, 4)])
def test_shapes_that_cannot_be_made_are_refused(zipped, size, channels):
    with pytest.raises(DataError, match="not possible"):
        import_zip(zipped({}), "set", size, channels)
