"""A run as a zip: packed here, and taken in elsewhere."""

import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from genlab.runs.control import pause
from genlab.runs.gate import Target, read_target, write_target
from genlab.runs.orders import Orders, read_orders, write_orders
from genlab.runs.pack import MANIFEST, packed
from genlab.runs.provenance import Origin
from genlab.runs.status import Status, write_status
from genlab.runs.store import LOG_FILE, Run, create_run, list_runs
from genlab.training.checkpoint import STATE_FILE
from tests.helpers import config, train_run
from tests.runs.test_session import trained_until, weights
from tests.runs.zips import ASKED, MODEL, OPTIONS, files_of, manifest, taken_in


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


def test_a_run_from_elsewhere_takes_no_more_threads_than_there_are_cores(
    monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    run = create_run(config("vae", options=OPTIONS, steps=6))
    trained_until(run, 3, monkeypatch, lambda _: pause(run))
    state = run.checkpoints()[-1][1] / STATE_FILE
    state.write_text(json.dumps({**json.loads(state.read_text()), "threads": 1_000}))
    taken: list[int] = []
    monkeypatch.setattr("torch.set_num_threads", taken.append)
    again = taken_in(packed(run))
    write_orders(again.path, Orders())
    assert train_run(run=again)[1].state == "finished"
    assert taken == [os.cpu_count()]


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
