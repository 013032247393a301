"""The command line, through main and as a real process."""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genlab import __version__, cli
from genlab.cli import INTERRUPTED, UNREAD, main
from genlab.runs import control
from genlab.runs.store import list_runs
from tests.commands.calling import QUICK, Capture, failing
from tests.helpers import config, train_run

COMMANDS = [
    "train",
    "search",
    "sample",
    "evaluate",
    "project",
    "runs",
    "export",
    "import",
    "data",
    "models",
    "classifier",
    "project",
    "film",
    "invert",
    "market",
    "zoo",
    "doctor",
    "worker",
]


# --- help ---


def test_help_lists_every_command(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert all(re.search(rf"^    {command}\b", printed, re.MULTILINE) for command in COMMANDS)
    assert "a first tour:" in printed


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_its_arguments(command: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"usage: python -m genlab {command}")
    subparsers = next(
        action for action in cli.build_parser()._actions if isinstance(action, argparse._SubParsersAction)
    )
    assert all(_explained(action) for action in subparsers.choices[command]._actions)


def _explained(action: argparse.Action) -> bool:
    """Whether help says what an argument is; where it is one of several commands, what each of those is."""
    if isinstance(action, argparse._SubParsersAction):
        return all(choice.help for choice in action._choices_actions)
    return bool(action.help)


@pytest.mark.parametrize("arguments", [[], ["fly"], ["train", "--minutes", "1", "--steps", "2"], ["runs", "fly"]])
def test_what_argparse_refuses_exits_with_2(arguments: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_version(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out.strip() == f"genlab {__version__}"


def test_ctrl_c_anywhere_ends_without_a_traceback(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def interrupted() -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("genlab.runs.store.list_runs", interrupted)
    assert main(["runs"]) == INTERRUPTED
    assert capsys.readouterr().err == "genlab: interrupted\n"


def test_whoever_reads_along_may_stop_reading() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        command = [sys.executable, "-m", "genlab", "models"]
        ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, timeout=120)
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (UNREAD, b"")


def test_a_fault_of_the_program_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genlab.runs.store.list_runs", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        cli.main(["runs"])


# --- train ---


def test_train_sample_and_runs(capsys: Capture, tmp_path: Path) -> None:
    assert main(["train", *QUICK, "--steps", "4", "--title", "My first"]) == 0
    printed = capsys.readouterr()
    assert "00001-digits-hybrid is finished after 4 steps" in printed.out
    assert "python -m genlab sample 1 --out pictures.png" in printed.out
    assert "100%" in printed.err
    assert main(["runs"]) == 0
    line = capsys.readouterr().out
    assert "finished" in line
    assert "My first" in line
    out = tmp_path / "new" / "sheet.png"
    assert main(["sample", "1", "--out", str(out), "--n", "5", "--seed", "2"]) == 0
    assert "5 pictures from step 4" in capsys.readouterr().out
    with Image.open(out) as image:
        assert image.format == "PNG"


# --- sample ---


@pytest.mark.parametrize("kind", ["npz", "zip", "png", "PNG"])
def test_sample_writes_what_the_name_asks_for(kind: str, trained: str, tmp_path: Path) -> None:
    out = tmp_path / f"pictures.{kind}"
    assert main(["sample", trained, "--out", str(out), "--n", "3", "--label", "2", "--truncation", "0.5"]) == 0
    if kind == "npz":
        with np.load(out, allow_pickle=False) as file:
            assert any(array.shape[0] == 3 and array.dtype == np.uint8 for array in file.values() if array.ndim == 4)
    assert out.read_bytes()[:2] == (b"PK" if kind in ("npz", "zip") else b"\x89P")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["9"], "no run '9'"),
        (["../x"], "no run '../x'"),
        (["1", "--n", "0"], "Between 1 and"),
        (["1", "--seed", "-1"], "A seed is"),
        (["1", "--truncation", "9"], "truncation lies"),
        (["1", "--label", "10"], "no class 10"),
        (["1", "--step", "1"], "no checkpoint"),
        (["1", "--out", "pictures.bmp"], "ends in .png, .npz, .zip"),
        (["1", "--out", "/dev/null/x.png"], "/dev/null/x.png cannot be written"),
    ],
    ids=str,
)
def test_what_sample_cannot_do_is_one_sentence(arguments: list[str], says: str, trained: str, capsys: Capture) -> None:
    assert says in failing(["sample", *arguments], capsys)


# --- runs ---


def test_runs_tells_when_there_are_none_and_which_are_broken(capsys: Capture, trained: str) -> None:
    broken, _ = train_run(config("vae", options={"latent": 4, "width": 2}, steps=2))
    (broken.path / "config.json").write_text("{")
    assert main(["runs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "broken" in lines[0]
    assert "finished" in lines[1]


def test_runs_without_any(capsys: Capture) -> None:
    assert main(["runs"]) == 0
    assert "no runs yet" in capsys.readouterr().out


def test_a_hand_on_runs(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr(control, "ensure_workers", lambda: None)
    assert main(["train", *QUICK, "--steps", "3", "--queue"]) == 0
    run = list_runs()[0]
    for action, state in (("pause", "paused"), ("resume", "queued"), ("stop", "stopped")):
        assert main(["runs", action, "1"]) == 0
        assert run.status().state == state
    assert main(["runs", "rename", run.id, "Second"]) == 0
    assert run.title == "Second"
    train_run(run=run) if main(["runs", "resume", "1"]) == 0 else None
    capsys.readouterr()
    assert main(["runs", "log", "1"]) == 0
    assert "Training hybrid on" in capsys.readouterr().out
    assert "nothing to resume" in failing(["runs", "resume", "1"], capsys)
    assert main(["runs", "delete", "1"]) == 0
    assert list_runs() == []


@pytest.mark.parametrize("arguments", [["stop"], ["rename", "1"], ["stop", "1", "title"], ["log", "77"]])
def test_what_runs_cannot_do_is_one_sentence(arguments: list[str], trained: str, capsys: Capture) -> None:
    assert failing(["runs", *arguments], capsys)


# --- data and models ---


def test_runs_and_what_is_shipped_stand_in_the_same_columns(trained: str, capsys: Capture) -> None:
    assert main(["runs"]) == 0
    finished = [line for line in capsys.readouterr().out.splitlines() if "finished" in line]
    assert any(line.endswith(trained) for line in finished)
    assert any(line.endswith("zoo-hybrid") for line in finished)
    assert {line.index("finished") for line in finished} == {7}


def test_data_lists_imports_and_deletes(capsys: Capture, tmp_path: Path) -> None:
    folder = tmp_path / "cats"
    folder.mkdir()
    for index in range(4):
        Image.new("L", (9, 9), index * 50).save(folder / f"{index}.png")
    assert main(["data", "import", "cats", str(folder), "--size", "8", "--channels", "1"]) == 0
    assert "--data own:cats" in capsys.readouterr().out
    assert main(["data"]) == 0
    listed = capsys.readouterr().out
    assert re.search(r"^digits +1438 pictures, 8x8 grey, here$", listed, re.MULTILINE)
    assert "own:cats" in listed
    assert main(["data", "delete", "cats"]) == 0
    assert main(["data"]) == 0
    assert "own:cats" not in capsys.readouterr().out


def test_data_downloads_nothing_that_is_here(capsys: Capture) -> None:
    assert main(["data", "download", "digits"]) == 0
    assert "1438 pictures are ready" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["download"], ["import", "cats"], ["download", "x"], ["delete", "nothing"], ["import", "a", "/nowhere"]],
)
def test_what_data_cannot_do_is_one_sentence(arguments: list[str], capsys: Capture) -> None:
    assert failing(["data", *arguments], capsys)


def test_models_lists_presets_and_options(capsys: Capture) -> None:
    assert main(["models"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in ("vae-classic", "dcgan-paper", "listing-000", "listing-004"))
    assert main(["models", "vae"]) == 0
    options = capsys.readouterr().out
    assert "--set latent=16" in options
    assert "[mlp, conv]" in options
    assert "no model called" in failing(["models", "x"], capsys)
