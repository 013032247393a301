"""``python -m genlab train``: what it starts, what it refuses, and how it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from genlab.cli import main
from genlab.runs import control
from genlab.runs.gate import Target, read_target
from genlab.runs.store import list_runs
from tests.commands.calling import QUICK, Capture, failing
from tests.helpers import wait_until


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
