import json
import os
import time

import pytest
import torch

from genlab import data
from genlab.data import DataError, Pictures
from genlab.data.own import check_name, delete_own, import_pictures, store, suggest_name


def some(n=20, side=8, labelled=True):
    images = torch.randint(0, 256, (n, 1, side, side), dtype=torch.uint8)
    return Pictures("x", images, torch.arange(n) % 2 if labelled else None, ("a", "b") if labelled else ())


@pytest.fixture
def kept(own_home):
    pictures = some()
    store.save("kept", pictures, "Kept", "kept.zip", 0)
    return own_home / "datasets" / "kept"


@pytest.mark.parametrize("labelled", [True, False])
@pytest.mark.parametrize("n", [2, 3, 25])
def test_what_is_saved_is_loaded(n, labelled):
    pictures = some(n, labelled=labelled)
    store.save("set", pictures, "", "a zip", 3)
    train, test = data.load("own:set"), data.load("own:set", "test")
    assert len(test) == max(1, round(n / 10))
    assert len(train) + len(test) == n
    together = {image.numpy().tobytes() for part in (train, test) for image in part.images}
    assert together == {image.numpy().tobytes() for image in pictures.images}
    assert train.classes == pictures.classes
    source = data.available()[-1]
    assert (source.n_train, source.n_test, source.title) == (len(train), len(test), "set")
    assert torch.equal(data.load("own:set", "test").images, test.images)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a/b", "../a", "A", "a b", "-a", "a-", "猫", "a" * 41, ".part", "a\n", "a_b", "con\x00"],
)
def test_names_that_are_no_names_are_refused(name, left):
    with pytest.raises(DataError, match="cannot name a set"):
        store.save(name, some(), "", "x", 0)
    with pytest.raises(DataError, match="There is no set"):
        delete_own(name)
    assert left() == []


def test_a_set_is_never_overwritten(kept, zipped, png):
    before = (kept / "pictures.safetensors").read_bytes()
    with pytest.raises(DataError, match="already a set named 'kept'"):
        import_pictures(zipped({"a.png": png(), "b.png": png()}), "kept", 8, 1, filename="kept.zip")
    assert (kept / "pictures.safetensors").read_bytes() == before


def test_a_set_that_appears_meanwhile_is_not_overwritten(kept, monkeypatch, left):
    before = left()
    monkeypatch.setattr(store, "check_name", lambda name: None)  # as if it had come just after the check
    with pytest.raises(DataError, match="could not be stored"):
        store.save("kept", some(), "", "x", 0)
    assert left() == before


def test_suggested_names_are_free_and_possible(kept):
    for text, name in (("Kept.zip", "kept-zip"), ("kept", "kept-2"), ("猫", "pictures"), ("My  Cats! " * 9, None)):
        suggested = suggest_name(text)
        check_name(suggested)
        assert name in (None, suggested)


def test_a_full_disk_ends_in_a_sentence_and_leaves_nothing(small_disk, monkeypatch):
    monkeypatch.setenv("GENLAB_HOME", str(small_disk))
    with pytest.raises(DataError, match=r"could not be stored.*(No space left|File too large).*Nothing was kept"):
        store.save("big", some(3000, 32), "", "x", 0)
    assert [path.name for path in small_disk.rglob("*")] == ["datasets"]
    store.save("small", some(), "", "x", 0)  # and what fits is still taken
    assert len(data.load("own:small")) == 18


def test_a_home_that_cannot_be_written_ends_in_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GENLAB_HOME", str(tmp_path / "file"))
    with pytest.raises(DataError, match="could not be stored"):
        store.save("set", some(), "", "x", 0)
    assert data.available() == list(data.SOURCES.values())


def test_leavings_of_a_killed_import_are_swept_and_never_listed(own_home, left):
    old, young = (own_home / "datasets" / f".{name}.part" for name in ("old.1", "young.2"))
    for folder in (old, young):
        folder.mkdir(parents=True)
        (folder / "pictures.safetensors").write_bytes(b"half")
    past = time.time() - 2 * store.STALE_SECONDS
    os.utime(old, (past, past))
    assert len(data.available()) == len(data.SOURCES)
    store.save("set", some(), "", "x", 0)
    assert not old.exists()
    assert young.exists()  # it may belong to an import that is going on


def test_deleting(kept, left):
    delete_own("kept")
    assert left() == []
    with pytest.raises(DataError, match="There is no set of your own named 'kept'"):
        delete_own("kept")
    with pytest.raises(DataError, match="It may have been deleted"):
        data.load("own:kept")


def cut(path):
    path.write_bytes(path.read_bytes()[:-10])


def flip(path):
    body = bytearray(path.read_bytes())
    body[-1] ^= 1
    path.write_bytes(body)


def edit(**changes):
    def change(path):
        facts = json.loads(path.read_text())
        facts.update(changes)
        path.write_text(json.dumps({key: value for key, value in facts.items() if value is not None}))

    return change


@pytest.mark.parametrize(
    ("file", "harm"),
    [
        ("pictures.safetensors", cut),
        ("pictures.safetensors", flip),
        ("pictures.safetensors", lambda path: path.write_bytes(b"")),
        ("pictures.safetensors", lambda path: path.unlink()),
        ("dataset.json", cut),
        ("dataset.json", lambda path: path.write_text("[]")),
        ("dataset.json", lambda path: path.write_text("")),
        ("dataset.json", lambda path: path.write_bytes(b"\xff\xfe\x00")),
        ("dataset.json", lambda path: path.unlink()),
        ("dataset.json", edit(shape=[1, 8])),
        ("dataset.json", edit(count="many")),
        ("dataset.json", edit(count=7)),
        ("dataset.json", edit(shape=None)),
        ("dataset.json", edit(classes=[])),
        ("dataset.json", edit(sha256="0")),
        ("dataset.json", edit(classes=7)),
        ("dataset.json", edit(format=99)),
    ],
)
def test_a_damaged_set_ends_in_a_sentence_and_can_be_deleted(kept, left, file, harm):
    harm(kept / file)
    with pytest.raises(
        DataError, match=r"'kept' (is damaged|was stored by another version).*[Ii]mport the pictures again"
    ):
        data.load("own:kept")
    listed = data.available()[-1]
    assert listed.name == "own:kept"
    if file == "dataset.json" and listed.n_train == 0:
        assert "kept" in listed.problem
    delete_own("kept")
    assert left() == []


def test_tensors_that_are_not_pictures_are_refused(kept):
    from safetensors.torch import save_file

    for tensors in (
        {"other": torch.zeros(1)},
        {"images": torch.zeros(20, 1, 8, 8)},
        {"images": torch.zeros(20, 1, 8, 8, dtype=torch.uint8), "labels": torch.full((20,), 5)},
    ):
        save_file(tensors, kept / "pictures.safetensors")
        edit(sha256=store._sha256(kept / "pictures.safetensors"))(kept / "dataset.json")
        with pytest.raises(DataError, match=r"does not hold what dataset\.json says"):
            data.load("own:kept")
