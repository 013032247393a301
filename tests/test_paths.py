import json
import os
from pathlib import Path

import pytest

from genlab import paths


def test_home_is_the_working_directory_unless_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("GENLAB_HOME", str(tmp_path / "lab"))
    assert paths.runs_dir() == tmp_path / "lab" / "runs"
    assert paths.datasets_dir() == tmp_path / "lab" / "datasets"
    monkeypatch.delenv("GENLAB_HOME")
    monkeypatch.chdir(tmp_path)
    assert paths.home() == tmp_path


def test_cache_follows_its_variable_else_the_system(monkeypatch, tmp_path):
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "kept"))
    assert paths.cache_dir() == tmp_path / "kept"
    monkeypatch.delenv("GENLAB_CACHE")
    assert paths.cache_dir().name == "genlab"


def test_atomic_write_replaces_and_makes_folders(tmp_path):
    target = tmp_path / "a" / "b.bin"
    paths.atomic_write_bytes(target, b"one")
    paths.atomic_write_bytes(target, b"two")
    assert target.read_bytes() == b"two"
    assert list(target.parent.iterdir()) == [target]


def test_atomic_write_respects_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        paths.atomic_write_bytes(tmp_path / "x", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o640


def test_a_failed_write_keeps_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    target = tmp_path / "x.json"
    paths.atomic_write_json(target, {"step": 1})

    def fails(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="No space"):
        paths.atomic_write_json(target, {"step": 2})
    assert json.loads(target.read_text()) == {"step": 1}
    assert list(tmp_path.glob("*")) == [target]
    assert list(tmp_path.glob(".*")) == []


def test_json_is_readable_and_strict(tmp_path):
    target: Path = tmp_path / "x.json"
    paths.atomic_write_json(target, {"name": "图片"})
    assert "图片" in target.read_text("utf-8")
    with pytest.raises(ValueError, match="JSON"):
        paths.atomic_write_json(target, {"loss": float("nan")})
    assert json.loads(target.read_text("utf-8")) == {"name": "图片"}
