"""A run as a zip: packed here, taken in elsewhere, and nothing but a run is taken in."""

import hashlib
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

from genlab.errors import GenlabError
from genlab.models.storage import read_tensors, save_tensors
from genlab.paths import runs_dir
from genlab.runs import unpack as module
from genlab.runs.control import pause
from genlab.runs.gate import Target, read_target, write_target
from genlab.runs.orders import Orders, read_orders, write_orders
from genlab.runs.pack import KINDS, MANIFEST, PackError, kind_of, packed
from genlab.runs.provenance import Origin
from genlab.runs.status import Status, write_status
from genlab.runs.store import CONFIG_FILE, LOG_FILE, Run, create_run, list_runs
from genlab.runs.unpack import unpack
from tests.helpers import BY_NAME, config, train_run
from tests.runs.test_session import trained_until, weights

OPTIONS = BY_NAME["vae"].options
ASKED = config("vae", options=OPTIONS, steps=3)
MODEL = "checkpoints/000003/model.safetensors"
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def zipped(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small finished run, packed in a home that is gone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENLAB_HOME", str(tmp_path_factory.mktemp("elsewhere")))
        run, _ = train_run(ASKED)
        return packed(run)


def files_of(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != MANIFEST}


def manifest(files: Files, **other: object) -> bytes:
    told = {name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()}
    return json.dumps({"format": 1, "genlab": "0.1.0", "run": "00007-digits-vae", "files": told} | other).encode()


def zip_of(files: Files, about: bytes | None = None, **members: zipfile.ZipInfo) -> bytes:
    """A zip with a manifest that tells the truth, as whoever means harm would make it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(members.get(name, name), data)
        archive.writestr(MANIFEST, manifest(files) if about is None else about)
    return file.getvalue()


def taken_in(data: bytes) -> Run:
    return unpack(io.BytesIO(data))


def refused(data: bytes) -> str:
    """The sentence a zip is refused with; nothing of it is kept."""
    with pytest.raises(PackError) as caught:
        taken_in(data)
    assert left() == []
    assert str(caught.value).endswith(".")
    return str(caught.value)


def left() -> list[str]:
    """What stands in the folder of runs, but for the keeper of numbers."""
    found = runs_dir().iterdir() if runs_dir().exists() else ()
    return sorted(path.name for path in found if path.name not in (".number.lock", ".last-number", ".locks"))


def test_a_run_is_the_same_elsewhere(zipped: bytes) -> None:
    create_run(config("gan"))
    run = taken_in(zipped)
    assert run.id == "00002-digits-vae"
    assert (run.config, run.problem, run.status().state) == (ASKED, None, "finished")
    files = files_of(zipped)
    assert {"metrics.jsonl", "samples/000003.png", MODEL} <= set(files)
    assert LOG_FILE not in files
    for name, data in files.items():
        if name not in ("config.json", "status.json"):
            assert (run.path / name).read_bytes() == data
    assert packed(taken_in(packed(run))) != b""
    assert [run.number for run in list_runs()] == [3, 2, 1]


def test_the_same_run_gives_the_same_zip() -> None:
    run, _ = train_run(ASKED)
    assert packed(run) == packed(run)


def test_every_file_is_named_with_its_hash_and_is_no_pickle(zipped: bytes) -> None:
    files = files_of(zipped)
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        told = json.loads(archive.read(MANIFEST))
    assert told["files"] == json.loads(manifest(files))["files"]
    assert {Path(name).suffix for name in files} == {".json", ".jsonl", ".png", ".safetensors"}


def test_what_a_person_set_goes_along_and_what_is_true_at_home_only_does_not() -> None:
    run = create_run(ASKED, "Mine", origin=Origin("00009-digits-vae", None))
    write_target(run.path, Target("fid", 15.0))
    write_orders(run.path, Orders("run", 0.5))
    write_status(run.path, Status("running", note="getting ready", step=2))
    again = taken_in(packed(run))
    assert (again.title, read_target(again.path), read_orders(again.path).lr_scale) == (
        "Mine",
        Target("fid", 15.0),
        0.5,
    )
    assert again.origin is None
    status = again.status()
    assert (status.state, status.note, status.step, status.can_resume) == ("paused", "", 2, True)


def test_an_unfinished_run_goes_on_elsewhere_to_the_same_numbers(
    monkeypatch: pytest.MonkeyPatch, quick: None, tmp_path: Path
) -> None:
    asked = config("vae", options=OPTIONS, steps=40)
    monkeypatch.setattr("genlab.runs.recorder.LOG_SECONDS", 0.0)  # orders are looked at after every step
    monkeypatch.setattr("genlab.runs.recorder.LOG_SECONDS_MAX", 0.0)
    monkeypatch.setattr("genlab.runs.control.LOCK_SECONDS", 0.0)
    whole, _ = train_run(asked)
    run = create_run(asked)
    assert trained_until(run, 15, monkeypatch, lambda _: pause(run)).state == "paused"
    data = packed(run)
    monkeypatch.setenv("GENLAB_HOME", str(tmp_path / "elsewhere"))
    again = taken_in(data)
    assert (again.id, again.status().state) == ("00001-digits-vae", "paused")
    write_orders(again.path, Orders())
    _, status = train_run(run=again)
    assert (status.state, status.step) == ("finished", 40)
    assert weights(again) == weights(whole)
    assert again.metrics()["step"].is_monotonic_increasing


def test_a_run_is_packed_while_it_trains(monkeypatch: pytest.MonkeyPatch, quick: None) -> None:
    run = create_run(config("vae", options=OPTIONS, steps=6))
    kept: list[bytes] = []
    trained_until(run, 4, monkeypatch, lambda _: kept.append(packed(run)))
    with (run.path / "metrics.jsonl").open("ab") as file:
        file.write(b'{"step": 7, "los')
    assert taken_in(kept[0]).status().state == "paused"
    assert taken_in(packed(run)).metrics()["step"].tolist()[-1] == 6


def test_a_checkpoint_that_is_thinned_out_meanwhile_is_left_out(zipped: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    run = taken_in(zipped)
    checkpoints = run.checkpoints()
    gone = run.path / "checkpoints" / "000002"
    monkeypatch.setattr(Run, "checkpoints", lambda _: [(2, gone), *checkpoints])
    assert files_of(packed(run)).keys() == files_of(zipped).keys()


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
