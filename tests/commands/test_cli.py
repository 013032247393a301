"""The command line, through main and as a real process."""

import argparse
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genlab import __version__, cli
from genlab.cli import INTERRUPTED, main
from genlab.runs import control
from genlab.runs.gate import Target, read_target
from genlab.runs.store import list_runs
from tests.helpers import config, train_run, wait_until

COMMANDS = [
    "train",
    "search",
    "sample",
    "evaluate",
    "project",
    "invert",
    "runs",
    "data",
    "models",
    "classifier",
    "worker",
]
TINY = ["--set", "latent=4", "--set", "width=2", "--set", "encoder_layers=8", "--set", "components=2"]
QUICK = ["--data", "digits", "--batch-size", "16", "--precision", "fp32", *TINY]

Capture = pytest.CaptureFixture[str]


def failing(arguments: list[str], capsys: Capture) -> str:
    """The one sentence that a command ends in."""
    assert main(arguments) == 1
    printed = capsys.readouterr()
    lines = [line for line in printed.err.replace("\r", "\n").splitlines() if line.startswith("genlab: ")]
    assert len(lines) == 1, printed.err
    assert "Traceback" not in printed.err
    return lines[0]


@pytest.fixture
def trained() -> str:
    return train_run(config("vae", options={"latent": 4, "width": 2, "prior": "per-class"}, steps=3))[0].id


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
    assert all(action.help for action in subparsers.choices[command]._actions)


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


def test_train_starts_from_a_preset_and_changes_what_is_said() -> None:
    arguments = ["train", "--data", "digits", "--preset", "gan-classic", "--images", "64", "--seed", "7"]
    assert (
        main([*arguments, "--set", "generator_layers=8", "--set", "critic_layers=8", "--set", "generator_norm=false"])
        == 0
    )
    asked = list_runs()[0].config
    assert (asked.model, asked.preset, asked.images, asked.steps, asked.minutes) == (
        "gan",
        "gan-classic",
        64,
        None,
        None,
    )
    assert (asked.seed, asked.batch_size) == (7, 64)
    assert asked.options["generator_layers"] == "8"
    assert asked.options["generator_norm"] is False
    assert asked.options["latent"] == 100


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--data", "faces"], "no data set 'faces'"),
        (["--model", "diffusion"], "no preset called 'diffusion'"),
        (["--preset", "x"], "no preset called 'x'"),
        (["--preset", "gan", "--model", "vae"], "belongs to the model gan"),
        (["--set", "latent"], "NAME=VALUE"),
        (["--set", "colour=1"], "NAME=VALUE with one of: latent"),
        (["--set", "latent=many"], "is a number"),
        (["--set", "latent=0"], "between 1 and"),
        (["--set", "lr=nan"], "is a number"),
        (["--set", "prior=flat"], "one of mixture, per-class"),
        (["--set", "encoder_layers=1,2"], "joined by hyphens"),
        (["--model", "gan", "--set", "generator_norm=maybe"], "true or false"),
        (["--minutes", "0"], "above 0"),
        (["--minutes", "nan"], "above 0"),
        (["--steps", "0"], "whole number from 1"),
        (["--images", "-5"], "whole number from 1"),
        (["--batch-size", "0"], "batch size is a whole number from 2"),
        (["--seed", "-1"], "seed is a whole number"),
        (["--device", "tpu"], "device is one of"),
        (["--precision", "fp64"], "precision is one of"),
        (["--title", "a\nb"], "1 to 80 characters"),
        (["--resume", "7"], "no run '7'"),
    ],
    ids=str,
)
def test_what_train_cannot_do_is_one_sentence(arguments: list[str], says: str, capsys: Capture) -> None:
    assert says in failing(["train", "--data", "digits", *arguments], capsys)
    assert list_runs() == []


def test_a_training_that_fails_says_why_and_exits_with_1(capsys: Capture) -> None:
    sentence = failing(["train", *QUICK, "--steps", "2", "--device", "cuda"], capsys)
    assert "00001-digits-hybrid: There is no cuda device here" in sentence
    assert list_runs()[0].status().state == "failed"


def test_resume_goes_on_and_a_finished_run_says_so(capsys: Capture, trained: str) -> None:
    assert "is finished; there is nothing to resume" in failing(["train", "--resume", trained], capsys)
    run = list_runs()[0]
    from genlab.runs.status import Status, write_status

    write_status(run.path, Status("running", step=3))  # its process was killed
    assert main(["train", "--resume", "1"]) == 0
    assert run.status().state == "finished"


def test_queue_leaves_the_run_to_a_worker(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    called = []
    monkeypatch.setattr(control, "ensure_workers", lambda: called.append(True))
    assert main(["train", *QUICK, "--steps", "3", "--queue", "--target", "fid=15"]) == 0
    assert read_target(list_runs()[0].path) == Target("fid", 15.0)
    assert called
    assert "00001-digits-hybrid is queued" in capsys.readouterr().out
    monkeypatch.setattr("genlab.training.device.be_nice", lambda: None)
    assert main(["worker", "--linger", "0"]) == 0
    assert list_runs()[0].status().state == "finished"


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


# --- as a real process ---


def test_ctrl_c_pauses_a_training_and_resume_ends_it(own_home: Path) -> None:
    command = [sys.executable, "-m", "genlab"]
    process = subprocess.Popen(
        [*command, "train", *QUICK, "--images", "40000000"], env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        cwd=own_home.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        wait_until(lambda: list_runs() and list_runs()[0].status().step > 0)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, err
    run = list_runs()[0]
    assert run.status().state == "paused"
    assert "python -m genlab train --resume 1" in out
    assert "Traceback" not in err
    assert run.checkpoints()[-1][0] == run.status().step
    done = subprocess.run(
        [*command, "sample", "1", "--out", "a.gif"], env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        cwd=own_home.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("genlab: --out ends in")
    assert done.stderr.count("\n") == 1
