"""Nothing but a run is taken in, whatever a zip holds."""

import io
import json
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from safetensors.torch import save

from genlab.errors import GenlabError
from genlab.models.storage import read_tensors, save_tensors
from genlab.paths import runs_dir
from genlab.runs import unpack as module
from genlab.runs.pack import KINDS, MANIFEST, PackError, kind_of, packed
from genlab.runs.store import CONFIG_FILE, Run, create_run
from tests.runs.zips import ASKED, MODEL, Files, files_of, left, manifest, refused, taken_in, zip_of

MUCH = "holds more than any run has"
BAD_NAMES = [
    "../evil.json", "/etc/passwd", "checkpoints/../../evil.json", "..\\evil.json", "C:\\evil.json", "samples/evil.png",
    "samples/000003.png/", "samples/3.png", "samples/0000003.png", "checkpoints/000003/model.pt", "start.pkl",
    "checkpoints/000003/model.safetensors\n", "config.json\0.png", "CONFIG.JSON", "status.json.exe", "log.txt",
    "samples/٠٠٠٠٠٣.png", "films/0.npz", "./config.json", "", " ", "a" * 3_000,
]  # fmt: skip


@pytest.mark.parametrize("name", BAD_NAMES)
def test_no_file_is_taken_in_that_no_run_has(zipped: bytes, name: str, tmp_path: Path) -> None:
    assert kind_of(name) is None
    member = zipfile.ZipInfo("x")
    member.filename = name  # past the constructor, which ends a name at its first zero byte
    files = {**files_of(zipped), name: b"{}"}
    assert "no run has" in refused(zip_of(files, **{name: member}))
    assert not list(tmp_path.rglob("*evil*"))


def test_a_link_and_a_name_given_twice_are_refused(zipped: bytes) -> None:
    link = zipfile.ZipInfo("title.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "as a link" in refused(zip_of({**files_of(zipped), "title.json": b"/etc/passwd"}, **{"title.json": link}))
    file = io.BytesIO(zipped)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(file, "a") as archive:
        archive.writestr("config.json", b"{}")
    assert "twice" in refused(file.getvalue())


def test_damage_is_told(zipped: bytes) -> None:
    files = files_of(zipped)
    about = manifest(files)
    changed = {**files, MODEL: files[MODEL][:-1] + bytes([files[MODEL][-1] ^ 1])}
    assert "not the one that was packed" in refused(zip_of(changed, about))
    assert "not the one that was packed" in refused(zip_of({**files, MODEL: files[MODEL] + b"x"}, about))
    assert "differ in 'metrics.jsonl'" in refused(
        zip_of({n: d for n, d in files.items() if n != "metrics.jsonl"}, about)
    )
    assert "differ in 'title.json'" in refused(zip_of({**files, "title.json": b'"x"'}, about))
    assert "not a whole zip" in refused(zipped[: len(zipped) // 2])
    assert "not a whole zip" in refused(b"")


@pytest.mark.parametrize(
    "about",
    [b"", b"[]", b"{}", b"[" * 100_000, b'{"format": 2}', b'{"format": 1, "run": 5, "files": {}}',
     b'{"format": 1, "run": "../x", "files": {}}', b'{"format": 1, "run": "00001-a", "files": {"a": 1}}',
     b'{"format": 1, "run": "00001-a", "files": {"config.json": {"size": -1, "sha256": "x"}}}',
     b'{"format": 1, "run": "00001-a", "files": {"config.json": {"size": "9", "sha256": "x"}}}'],
)  # fmt: skip
def test_a_manifest_that_makes_no_sense_is_refused(zipped: bytes, about: bytes) -> None:
    assert MANIFEST in refused(zip_of(files_of(zipped), about))


def test_a_zip_without_a_manifest_is_no_run(zipped: bytes) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("config.json", b"{}")
    assert MANIFEST in refused(file.getvalue())


def changed(name: str, change: Callable[[dict[str, object]], object]) -> Callable[[Files], Files]:
    def apply(files: Files) -> Files:
        values = json.loads(files[name])
        change(values)
        return {**files, name: json.dumps(values).encode()}

    return apply


def with_file(name: str, data: bytes) -> Callable[[Files], Files]:
    return lambda files: {**files, name: data}


def png(width: int, height: int) -> bytes:
    """A PNG that says it is so large, with a single row of nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (with_file("config.json", b"{"), "config.json is no JSON"),
        (with_file("config.json", b"[" * 100_000), "config.json is no JSON"),
        (with_file("config.json", b"[]"), "no readable config.json"),
        (with_file("config.json", b"\xff\xfe"), "config.json is no JSON"),
        (changed("config.json", lambda v: v.update(created=10**400)), "config.json"),
        (changed("config.json", lambda v: v.update(created=float("nan"))), "when it was made"),
        (changed("config.json", lambda v: v["config"].update(model="evil")), "no model called 'evil'"),
        (changed("config.json", lambda v: v["config"].update(batch_size=10**9)), "batch size"),
        (changed("config.json", lambda v: v["config"].update(data="../../etc")), "no data set '../../etc'"),
        (changed("config.json", lambda v: v["config"].update(data="own:" + "a" * 300)), "no data set"),
        (changed("config.json", lambda v: v["config"].update(data="own:../x")), "no data set"),
        (changed("config.json", lambda v: v["config"].update(model="gan", options={})), "those of the model vae"),
        (changed("status.json", lambda v: v.update(state="winning")), "unknown state"),
        (changed("status.json", lambda v: v.update(step=-1)), "status.json cannot be read"),
        (with_file("title.json", b'"%s"' % (b"x" * 81)), "1 to 80 characters"),
        (with_file("title.json", b'"a\\nb"'), "1 to 80 characters"),
        (with_file("metrics.jsonl", b'{"step": 1}\n' + b"[" * 100_000 + b"\n"), "metrics.jsonl is no JSON"),
        (with_file("metrics.jsonl", b"".join(b'{"step": %d, "a%d": 1}\n' % (i, i) for i in range(2_300))), MUCH),
        (with_file("metrics.jsonl", b"\n" * 1_000_001), MUCH),
        (with_file("metrics.jsonl", b'{"step": 1, "a": [%s]}\n' % b",".join([b"1"] * 40_000)), MUCH),
        (with_file("start.safetensors", save({f"t{i}": torch.zeros(0) for i in range(10_001)})), MUCH),
        (changed("config.json", lambda v: v["config"].update(data="mnist")), "draw other pictures than those of mnist"),
        (with_file("samples/000003.png", b"<html>"), "000003.png is no PNG"),
        (with_file("samples/000003.png", png(20_000, 10)), "8,192 pixels a side"),
        (with_file("samples/000003.png", png(5_000, 5_000)), "000003.png is no PNG"),
        (with_file(MODEL, b"\x80\x04pickle."), "no safetensors"),
        (with_file(MODEL, struct.pack("<Q", 2**60) + b"{}"), "no safetensors"),
        (with_file("start.safetensors", b""), "no safetensors"),
        (with_file("checkpoints/000003/trainer.safetensors", b"x" * 100), "no safetensors"),
        (with_file("checkpoints/000009/trainer.json", b"{}"), "000009/model.safetensors is missing"),
        (lambda files: {n: d for n, d in files.items() if n != "config.json"}, "no readable config.json"),
        (lambda files: {n: d for n, d in files.items() if n != "status.json"}, "status.json cannot be read"),
    ],
)
def test_what_is_no_run_is_refused_though_its_hashes_are_right(
    zipped: bytes, harm: Callable[[Files], Files], told: str
) -> None:
    sentence = refused(zip_of(harm(files_of(zipped))))
    assert told in sentence
    assert ".new-" not in sentence
    assert "00007-digits-vae" in sentence or str(runs_dir()) not in sentence


def test_weights_that_do_not_fit_are_refused(zipped: bytes, tmp_path: Path) -> None:
    files = files_of(zipped)
    (tmp_path / "model").write_bytes(files[MODEL])
    tensors, metadata = read_tensors(tmp_path / "model")
    name = next(name for name, tensor in tensors.items() if tensor.is_floating_point())
    for tensor in (torch.zeros(3, 3, 3), tensors[name] * torch.nan):
        save_tensors({**tensors, name: tensor}, tmp_path / "harmed", metadata)
        assert repr(name) in refused(zip_of({**files, MODEL: (tmp_path / "harmed").read_bytes()}))


def test_bounds_of_files_and_bytes(zipped: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    files = files_of(zipped)
    with monkeypatch.context() as patch:
        patch.setattr(module, "MAX_FILES", len(files))
        assert "more than" in refused(zipped)
        patch.setattr(module, "MAX_FILES", len(files) + 1)
        assert taken_in(zipped).problem is None
        module.shutil.rmtree(runs_dir())
    with monkeypatch.context() as patch:
        patch.setattr(module, "MAX_BYTES", sum(map(len, files.values())) - 1)
        assert "unpacks to more than" in refused(zipped)
    with monkeypatch.context() as patch:
        patch.setitem(module.KINDS, "model", KINDS["model"]._replace(most=len(files[MODEL]) - 1))
        assert f"{MODEL} in the zip has more than" in refused(zipped)


def test_a_list_of_files_without_end_is_not_read(zipped: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    data = zip_of({**files_of(zipped), **{f"{i:02}".ljust(60_000, "a"): b"" for i in range(18)}})
    assert "more than 2,000 files" in refused(data)
    monkeypatch.setattr(module, "MAX_LIST_BYTES", 2 << 20)
    assert "a file that no run has" in refused(data)


def test_a_zip_bomb_is_refused_unopened(zipped: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {**files_of(zipped), "metrics.jsonl": b"\n" * (64 << 20)}
    assert "zip bombs" in refused(zip_of(files))
    # Even if it were opened, no more than what is told would be read.
    monkeypatch.setattr(module, "MAX_RATIO", 10**6)
    curves = {"metrics.jsonl": files["metrics.jsonl"]}
    about = manifest({"metrics.jsonl": b"\n" * 10})
    assert "metrics.jsonl in the zip is not the one" in refused(zip_of(curves, about))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_and_passwords_are_refused(zipped: bytes, method: int) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("config.json", b"{}")
    assert "in a way that cannot be read" in refused(file.getvalue())
    data = bytearray(zipped)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + offset] |= 1
    assert "in a way that cannot be read" in refused(bytes(data))


def test_a_full_disk_is_told_and_leaves_nothing(zipped: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(PackError, match=r"cannot be written to .*: No space left on device"):
        taken_in(zipped)
    assert left() == []


def test_a_run_that_is_damaged_is_not_packed() -> None:
    run = create_run(ASKED)
    (run.path / CONFIG_FILE).write_bytes(b"{")
    with pytest.raises(GenlabError, match="no readable config"):
        packed(Run(run.path))


def only_a_sentence_or_a_run(data: bytes) -> None:
    before = set(left())
    try:
        made = [taken_in(data)]
    except PackError:
        made = []
    assert set(left()) == before | {run.id for run in made}
    for run in made:
        assert run.problem is None
        assert all(kind_of(path.relative_to(run.path).as_posix()) for path in run.path.rglob("*") if path.is_file())


FUZZ = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZ
@given(st.data())
def test_flipped_and_missing_bytes_end_in_a_sentence_or_a_run(zipped: bytes, draw: st.DataObject) -> None:
    data = bytearray(zipped)
    for _ in range(draw.draw(st.integers(1, 4))):
        # Half of them where the zip is described: at its end.
        start = draw.draw(st.sampled_from([0, len(zipped) - 3_000]))
        at = draw.draw(st.integers(max(0, start), len(zipped) - 1))
        data[at] = draw.draw(st.integers(0, 255))
    cut = draw.draw(st.sampled_from([0, 0, 1, 22, 500]))
    only_a_sentence_or_a_run(bytes(data[: len(data) - cut]))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
SMALL = ("config.json", "status.json", "title.json", "target.json", "control.json", "checkpoints/000003/trainer.json")


@FUZZ
@given(st.sampled_from(SMALL), st.data())
@example("status.json", None)
def test_other_contents_with_the_right_hashes_end_in_a_sentence_or_a_run(
    zipped: bytes, name: str, draw: st.DataObject | None
) -> None:
    files = files_of(zipped)
    values = json.loads(files.get(name, b"{}"))
    if draw is not None:
        inner = values.get("config", values) if draw.draw(st.booleans()) else values
        key = draw.draw(st.sampled_from([*inner, "other"]))
        inner[key] = draw.draw(json_values)
        if draw.draw(st.integers(0, 9)) == 0:
            values = draw.draw(json_values)
    only_a_sentence_or_a_run(zip_of({**files, name: json.dumps(values).encode()}))
