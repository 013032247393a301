"""Where a run stands, as its file and its lock say it."""

import json
import platform
import time
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genlab.runs.status import (
    SILENT_SECONDS,
    STATUS_FILE,
    Status,
    StatusError,
    is_held,
    lock_file,
    read_status,
    run_lock,
    write_status,
)
from genlab.settings import settings as genlab_settings

JSON = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers(), max_size=2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "runs" / "00001-digits-vae"
    path.mkdir(parents=True)
    return path


def test_what_is_written_is_read(folder: Path) -> None:
    status = Status("paused", "because", step=7, total_steps=None, progress=0.5, eta_seconds=3.0)
    write_status(folder, status)
    assert read_status(folder) == status


def test_on_a_disk_that_cannot_be_written_a_run_can_be_looked_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_status(folder, Status("running", step=9))

    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    assert read_status(folder).state == "died"  # no lock was ever taken here
    lock_file(folder).parent.mkdir()
    lock_file(folder).touch()
    assert read_status(folder).state == "running"


def test_a_running_run_whose_lock_nobody_holds_has_died(folder: Path) -> None:
    write_status(folder, Status("running", note="downloading", step=9, eta_seconds=5.0))
    with run_lock(folder):
        assert is_held(folder)
        assert read_status(folder).state == "running"
        assert read_status(folder, holding=True).state == "died"  # nobody but the holder could train it
    assert not is_held(folder)
    died = read_status(folder)
    assert (died.state, died.step, died.note, died.eta_seconds) == ("died", 9, "", None)
    assert "killed" in died.why
    assert died.can_resume
    assert not died.is_live


@pytest.mark.parametrize(
    ("host", "silent", "state"),
    [
        ("elsewhere", 0.0, "running"),
        ("elsewhere", SILENT_SECONDS + 1.0, "died"),
        (platform.node(), 0.0, "died"),
        ("", 0.0, "died"),
    ],
)
def test_on_a_cluster_a_run_of_another_machine_is_dead_when_it_falls_silent(
    host: str, silent: float, state: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_status(folder, Status("running", host=host, updated=time.time() - silent))
    assert read_status(folder).state == "died"  # on one machine the lock tells all
    monkeypatch.setenv("GENLAB_LAUNCHER", "ray")
    genlab_settings.cache_clear()
    assert read_status(folder).state == read_status(folder, holding=True).state == state


def test_one_that_ended_between_the_two_looks_has_not_died(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_status(folder, Status("running"))

    def ends_now(path: Path) -> bool:
        write_status(path, Status("finished"))
        return False

    monkeypatch.setattr("genlab.runs.status.is_held", ends_now)
    assert read_status(folder).state == "finished"


@pytest.mark.parametrize("state", ["queued", "paused", "stopped", "finished", "failed"])
def test_other_states_need_no_lock(folder: Path, state: Any) -> None:
    write_status(folder, Status(state))
    assert read_status(folder).state == state
    assert read_status(folder).can_resume == (state in ("paused", "stopped", "failed"))


def test_looking_at_a_run_that_is_gone_does_not_bring_it_back(folder: Path) -> None:
    write_status(folder, Status("running"))
    (folder / STATUS_FILE).unlink()
    folder.rmdir()
    assert not is_held(folder)
    with pytest.raises(StatusError, match="FileNotFoundError"):
        read_status(folder)
    assert not folder.exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"state": "queued"', "3", '"queued"'])
def test_a_damaged_file_is_told(folder: Path, text: str) -> None:
    (folder / STATUS_FILE).write_text(text)
    with pytest.raises(StatusError, match="cannot be read"):
        read_status(folder)


@given(st.dictionaries(st.sampled_from([*vars(Status()), "other"]), JSON, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_values_are_a_status_or_told(folder: Path, values: dict[str, Any]) -> None:
    (folder / STATUS_FILE).write_text(json.dumps({**vars(Status("paused")), **values}))
    try:
        status = read_status(folder)
    except StatusError:
        return
    assert (
        f"{status.state} {status.progress:.0%} {status.seconds:.1f} {status.step:d}"
        if isinstance(status.step, int)
        else 1
    )
