"""The doctor of an installation: what is well is told as well, and what is broken is found."""

import json
import os
import socket
import sys
import time
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
import torch

from genlab.cli import main
from genlab.installation import machine, parts, readiness, report
from genlab.installation.findings import Finding
from genlab.settings import settings


def test_python_is_new_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.python().level == "ok"
    monkeypatch.setattr(sys, "version_info", (3, 10, 12))
    assert machine.python().level == "fail"


class TestPackages:
    def test_the_pins_are_what_is_installed(self) -> None:
        found = machine.packages()
        assert found.level == "ok"
        assert found.told.startswith("All ")

    def test_another_version_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        installed = machine.importlib.metadata.version
        monkeypatch.setattr(machine.importlib.metadata, "version", lambda n: "0.1" if n == "numpy" else installed(n))
        assert machine.packages().level == "warn"
        assert "numpy 0.1 for" in machine.packages().told

    def test_a_missing_one_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def version(_name: str) -> str:
            raise PackageNotFoundError

        monkeypatch.setattr(machine.importlib.metadata, "version", version)
        assert machine.packages().level == "fail"
        assert "torch" in machine.packages().told


class TestTorch:
    def test_the_processor_multiplies_rightly(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(machine, "MATMUL_SECONDS", 0.05)
        build, cpu = machine.torch_works()[:2]
        assert torch.__version__ in build.told
        assert (cpu.name, cpu.level) == ("cpu", "ok")
        assert "GFLOP/s" in cpu.told

    def test_wrong_results_are_found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(machine, "MATMUL_SECONDS", 0.0)
        right = torch.Tensor.__matmul__
        monkeypatch.setattr(
            torch.Tensor, "__matmul__", lambda a, b: right(a, b) * (1.01 if a.dtype is torch.float32 else 1.0)
        )
        assert machine.torch_works()[1].level == "fail"

    def test_a_device_that_cannot_compute_is_told(self) -> None:
        found = machine._multiplies("cuda:99")
        assert found.level == "fail"
        assert found.todo


class TestDisk:
    def test_locks_that_do_not_hold_are_found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert readiness.home_can_be_written().level == "ok"
        monkeypatch.setattr(readiness, "_locks_hold", lambda _file: False)
        found = readiness.home_can_be_written()
        assert (found.level, found.told) == ("fail", "Locks of files do not hold.")

    def test_a_clock_of_the_disk_that_is_off_is_found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert machine.clock().level == "ok"
        now = time.time()
        monkeypatch.setattr(machine.time, "time", lambda: now - 100.0)
        found = machine.clock()
        assert found.level == "warn"
        assert "+100 s" in found.told

    def test_nothing_stays_behind(self, own_home: Path) -> None:
        readiness.home_can_be_written()
        machine.clock()
        assert list(own_home.iterdir()) == []


def test_more_trainings_than_cores_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENLAB_WORKERS", "64")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1}, raising=False)
    assert machine.threads().level == "warn"
    monkeypatch.setenv("GENLAB_WORKERS", "1")
    assert machine.threads().level == "ok"


class TestParts:
    def test_a_port_that_something_else_has_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parts, "ANSWER_SECONDS", 0.2)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            monkeypatch.setattr(parts, "PORT", taken.getsockname()[1])
            assert parts.port().level == "warn"
        assert parts.port().level == "ok"

    def test_people_cannot_sign_in_without_a_provider(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        assert parts.sign_in().level == "ok"
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("GENLAB_MODE", "team")
        settings.cache_clear()
        assert parts.sign_in().level == "fail"

    def test_no_network_is_no_failure(self) -> None:
        found = parts.downloads()
        assert found.level == "warn"
        assert "mnist-5k" in found.todo

    def test_the_zoo_can_be_read(self) -> None:
        assert parts.zoo().level == "ok"

    def test_damaged_weights_are_found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from genlab.models.storage import WeightsError

        def damaged(_run: object) -> None:
            raise WeightsError("The file is damaged.")

        monkeypatch.setattr("genlab.runs.sampling.load_checkpoint", damaged)
        assert parts.zoo().level == "fail"

    @pytest.mark.slow
    def test_a_worker_trains_and_leaves_nothing(self, monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
        monkeypatch.setenv("GENLAB_LAUNCHER", "ray")  # of which the process alone is asked
        assert parts.worker() == Finding("worker", "ok", "It started, trained and ended.")
        assert not own_home.exists()

    @pytest.mark.slow
    def test_a_worker_that_breaks_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GENLAB_WORKERS", "many")
        found = parts.worker()
        assert found.level == "fail"
        assert "GENLAB_WORKERS" in found.told


class TestCommand:
    @pytest.fixture(autouse=True)
    def quickly(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(machine, "MATMUL_SECONDS", 0.0)
        monkeypatch.setattr(parts, "worker", lambda: Finding("worker", "ok", "It works."))

    def test_all_is_told_in_lines(self, capsys: pytest.CaptureFixture[str], own_home: Path) -> None:
        assert main(["doctor"]) == 0
        printed = capsys.readouterr().out
        assert str(own_home) in printed.splitlines()[0]
        assert "  ok    Python " in printed
        assert "  warn  data " in printed

    def test_and_as_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["doctor", "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["ok"] is True
        names = [finding["name"] for finding in told["findings"]]
        assert {"Python", "packages", "settings", "home", "disk", "torch", "worker", "zoo", "data", "port"} <= set(
            names
        )

    def test_a_failure_is_the_exit_code(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GENLAB_LIMITS__FREE_MEGABYTES", "10000000")
        settings.cache_clear()
        assert main(["doctor"]) == 1
        printed = capsys.readouterr().out
        assert "  fail  disk " in printed
        assert "-> Delete runs" in printed

    def test_settings_that_make_no_sense_end_it(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GENLAB_MODE", "open")
        settings.cache_clear()
        assert main(["doctor"]) == 1
        assert "GENLAB_" in capsys.readouterr().out

    def test_a_look_that_fails_is_a_finding(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken() -> list[Finding]:
            raise ImportError("libcuda.so.1")

        monkeypatch.setattr(machine, "torch_works", broken)
        (found,) = [finding for finding in report.examine() if finding.name == "torch"]
        assert (found.level, found.told) == ("fail", "ImportError: libcuda.so.1")
