import io
import os
import zipfile
from functools import partial
from pathlib import Path

import pytest

from genlab import data
from genlab.data import DataError
from genlab.data.own import entries, import_pictures, importing

import_zip = partial(import_pictures, filename="pictures.zip")


def classes_and_counts(report):
    counts = [] if report.pictures.labels is None else report.pictures.labels.bincount().tolist()
    return report.pictures.classes, counts


def test_a_zip_becomes_a_set_that_loads(zipped, png, left):
    files = {f"{kind}/{i}.png": png(grey, (30, 20)) for kind, grey in (("cat", 50), ("dog", 200)) for i in range(10)}
    report = import_zip(zipped(files), "pets", 16, 1, title="My pets", filename="pets.zip")
    assert report.name == "own:pets"
    assert report.skipped == report.notes == ()
    assert report.pictures.shape == (1, 16, 16)
    assert classes_and_counts(report) == (("cat", "dog"), [10, 10])
    assert left() == ["datasets/pets", "datasets/pets/dataset.json", "datasets/pets/pictures.safetensors"]
    train, test = data.load("own:pets"), data.load("own:pets", "test")
    assert (len(train), len(test)) == (18, 2)
    assert test.labels is not None
    assert sorted(test.labels.tolist()) == [0, 1]
    for pictures in (train, test):
        assert pictures.labels is not None
        for image, label in zip(pictures.images, pictures.labels, strict=True):
            assert image.unique().tolist() == [(50, 200)[label]]
    source = data.available()[-1]
    assert (source.name, source.title, source.n_train, source.n_test) == ("own:pets", "My pets", 18, 2)
    assert (source.n_classes, source.shape, source.problem) == (2, (1, 16, 16), "")
    assert "pets.zip" in source.about
    assert data.is_cached("own:pets")


@pytest.mark.parametrize(
    ("paths", "classes"),
    [
        (["a.png", "b.png"], ()),
        (["set/a.png", "set/b.png"], ()),
        (["b/1.png", "a/1.png", "a/2.png"], ("a", "b")),
        (["set/b/1.png", "set/a/deep/er/1.png"], ("a", "b")),
        (["set/x/b/1.png", "set/x/a/1.png"], ("a", "b")),
        (["10/1.png", "9/1.png", "9a/1.png", "x/1.png"], ("9", "9a", "10", "x")),
        (["猫/1.png", "犬/1.png"], ("犬", "猫")),
        (["a\\1.png", "b\\1.png"], ("a", "b")),
        (["./a/1.png", "a/2.png", "b//1.png"], ("a", "b")),
    ],
)
def test_folders_are_classes(zipped, png, paths, classes):
    report = import_zip(zipped(dict.fromkeys(paths, png())), "set", 8, 1)
    assert report.pictures.classes == classes
    assert len(report.pictures) == len(paths)


def test_pictures_beside_folders_make_no_classes_but_a_note(zipped, png):
    report = import_zip(zipped({"a/1.png": png(), "b/1.png": png(), "2.png": png()}), "set", 8, 1)
    assert report.pictures.labels is None
    assert "beside the folders" in report.notes[0]


def test_too_many_folders_make_no_classes_but_a_note(zipped, png, monkeypatch):
    monkeypatch.setattr(entries, "MAX_CLASSES", 3)
    report = import_zip(zipped({f"{i}/1.png": png() for i in range(4)}), "set", 8, 1)
    assert report.pictures.classes == ()
    assert "more than 3 folders" in report.notes[0]


def test_a_class_of_one_is_taken_and_told(zipped, png):
    report = import_zip(zipped({"a/1.png": png(), "a/2.png": png(), "b/1.png": png()}), "set", 8, 1)
    assert classes_and_counts(report) == (("a", "b"), [2, 1])
    assert report.notes == ("A single picture is too little to learn a class from: b.",)
    assert len(data.load("own:set")) + len(data.load("own:set", "test")) == 3


def test_bad_files_are_named_and_the_rest_is_kept(zipped, png):
    report = import_zip(
        zipped({
            "a/1.png": png(), "a/2.png": png(), "a/text.png": b"hello", "a/readme.txt": b"hello",
            "a/empty.jpg": b"", "../evil.png": png(), "/root.png": png(), "b/cut.png": png(7, (90, 90))[:-30],
        }), "set", 8, 1,
    )  # fmt: skip
    assert len(report.pictures) == 2
    assert report.pictures.classes == ()  # nothing of b was left, so there is nothing to tell apart
    why = dict(report.skipped)
    assert set(why) == {"a/text.png", "a/readme.txt", "a/empty.jpg", "../evil.png", "/root.png", "b/cut.png"}
    assert "is not a picture" in why["a/text.png"]
    assert "not named like a picture" in why["a/readme.txt"]
    assert "leads out of the zip" in why["../evil.png"]
    assert "leads out of the zip" in why["/root.png"]
    assert "is damaged" in why["b/cut.png"]


def test_nothing_is_ever_written_outside(zipped, png, own_home):
    before = set(own_home.parent.rglob("*"))
    import_zip(
        zipped({f"{'../' * n}evil.png": png() for n in range(1, 9)} | {"1.png": png(), "2.png": png()}), "set", 8, 1
    )
    new = set(own_home.parent.rglob("*")) - before
    assert all(path == own_home or own_home in path.parents for path in new)
    assert not any("evil" in path.name for path in new)


def test_systems_files_and_links_are_passed_over(zipped, png):
    archive = zipped({"1.png": png(), "2.png": png(), "__MACOSX/._1.png": b"x", ".hidden/1.png": b"x",
                      "Thumbs.db": b"x", "sub/.DS_Store": b"x", "folder/": b""})  # fmt: skip
    with zipfile.ZipFile(archive, "a") as more:
        link = zipfile.ZipInfo("link.png")
        link.external_attr = 0o120777 << 16
        more.writestr(link, "/etc/passwd")
    report = import_zip(archive, "set", 8, 1)
    assert report.skipped == ()
    assert len(report.pictures) == 2


def test_unmarked_chinese_names_are_read(zipped, png):
    archive = zipped({"AAAA/1.png": png(), "b/1.png": png()}).getvalue()
    report = import_zip(io.BytesIO(archive.replace(b"AAAA", "中文".encode("gbk"))), "set", 8, 1)
    assert report.pictures.classes == ("b", "中文")


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "No picture in it can be used. A set needs at least 2"),
        ({"a/": b""}, "No picture in it can be used"),
        ({"x.png": b"hello"}, r"No picture in it can be used \(x.png is not a picture"),
        ({"x.png": b"hello", "y.png": b"", "z.txt": b""}, "; 2 more were left out"),
        ({"one.png": None}, "Only one picture in it can be used. A set needs at least 2"),
        ({"one.png": None, "x.png": b"hello"}, r"Only one picture in it can be used \(x.png is not"),
    ],
    ids=["empty", "folders", "text", "three bad", "one", "one and a bad one"],
)
def test_too_little_ends_in_a_sentence(zipped, png, left, files, sentence):
    with pytest.raises(DataError, match=sentence):
        import_zip(zipped({name: png() if body is None else body for name, body in files.items()}), "set", 8, 1)
    assert left() == []


def test_progress_is_told_and_may_cancel(zipped, png, left):
    seen = []
    files = zipped({"a.png": png(), "b.png": b"bad", "c.png": png()})
    import_zip(files, "set", 8, 1, progress=lambda *now: seen.append(now))
    assert seen == [(0, 3, "a.png"), (1, 3, "b.png"), (2, 3, "c.png"), (3, 3, "")]

    def cancel(*_):
        raise KeyboardInterrupt

    before = left()
    with pytest.raises(KeyboardInterrupt):
        import_zip(files, "other", 8, 1, progress=cancel)
    assert left() == before


def test_an_upload_is_left_open(zipped, png):
    upload = zipped({"a.png": png(), "b.png": png()})
    upload.seek(7)
    import_zip(upload, "set", 8, 1)
    assert not upload.closed


def test_a_folder_is_read_without_following_links(png, tmp_path):
    folder = tmp_path / "photos"
    for name in ("a/1.png", "a/2.jpg", "b/1.png", ".git/1.png", "b/.hidden.png", "b/notes.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(png())
    (tmp_path / "secret.png").write_bytes(png())
    (folder / "b/link.png").symlink_to(tmp_path / "secret.png")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "b/pipe.png")
    report = import_pictures(folder, "photos", 8, 3)
    assert classes_and_counts(report) == (("a", "b"), [2, 1])
    assert [name for name, _ in report.skipped] == ["b/notes.txt"]
    assert data.available()[-1].about.endswith("made from photos.")


def test_a_folders_bounds(png, tmp_path, monkeypatch):
    for i in range(3):
        (tmp_path / f"{i}.png").write_bytes(png())
    (tmp_path / "large.png").write_bytes(bytes(2000))
    monkeypatch.setattr(entries, "MAX_FILE_BYTES", 1000)
    assert import_pictures(tmp_path, "set", 8, 1).skipped == (("large.png", "has more than 0 MiB"),)
    monkeypatch.setattr(entries, "MAX_FILES", 3)
    with pytest.raises(DataError, match="more than 3 files"):
        import_pictures(tmp_path, "other", 8, 1)
    with pytest.raises(DataError, match="There is no file or folder"):
        import_pictures(tmp_path / "none", "other", 8, 1)


def test_import_pictures_finds_the_way_by_the_name(zipped, npz, png, tmp_path):
    import numpy as np

    archive = zipped({"a.png": png(), "b.png": png()})
    assert len(import_pictures(archive, "one", 8, 1, filename="Photos.ZIP").pictures) == 2
    path: Path = tmp_path / "two.zip"
    path.write_bytes(archive.getvalue())
    assert len(import_pictures(path, "two", 8, 1).pictures) == 2
    assert len(import_pictures(npz(x=np.zeros((3, 9, 9), np.uint8)), "three", 8, 1, filename="x.npz").pictures) == 3
    (tmp_path / "folder").mkdir()
    for name in "ab":
        (tmp_path / "folder" / f"{name}.png").write_bytes(png())
    assert len(import_pictures(tmp_path / "folder", "four", 8, 1).pictures) == 2
    with pytest.raises(DataError, match=r"photos\.rar is neither"):
        import_pictures(archive, "five", 8, 1, filename="photos.rar")
    with pytest.raises(DataError, match="There is no file or folder"):
        import_pictures(tmp_path / "none.zip", "five", 8, 1)


def test_a_long_list_of_lonely_classes_is_cut(zipped, png):
    report = import_zip(zipped({f"{i}/1.png": png() for i in range(importing.SHOWN + 2)}), "set", 8, 1)
    assert report.notes[0].endswith("0, 1, 2, 3, 4 and 2 more.")
