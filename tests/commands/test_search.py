"""``python -m genlab search``."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from genlab.cli import INTERRUPTED, build_parser, main
from genlab.commands.search import BETTER
from genlab.commands.train import asked
from genlab.runs.search_plan import read_trials, searches_dir
from genlab.runs.store import list_runs
from tests.helpers import pictures, wait_until

Capture = pytest.CaptureFixture[str]

TINY = ["--set", "latent=4", "--set", "generator_layers=8", "--set", "critic_layers=8"]
BASE = [
    "search",
    "--data",
    "digits",
    "--model",
    "gan",
    "--batch-size",
    "16",
    "--precision",
    "fp32",
    "--seed",
    "3",
    *TINY,
]
VARY = ["--vary", "lr_generator=1e-4..1e-2", "--vary", "critic_norm=none,spectral"]
QUICK = [*BASE, "--steps", "2"]


@pytest.fixture(autouse=True)
def few_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"quick": 40, "full": 60}
    monkeypatch.setattr("genlab.runs.evaluating.SIZES", sizes)
    monkeypatch.setattr("genlab.runs.search.SIZES", sizes)


def failing(arguments: list[str], capsys: Capture) -> str:
    """The one sentence that a command ends in."""
    assert main(arguments) == 1
    (line,) = (line for line in capsys.readouterr().err.splitlines() if line.startswith("genlab: "))
    return line


def test_a_search_from_beginning_to_end(capsys: Capture) -> None:
    assert main([*QUICK, *VARY, "--trials", "3", "--bayes"]) == 0
    printed = capsys.readouterr()
    assert [run.title for run in list_runs()] == [f"search 1, trial {number}" for number in (3, 2, 1)]
    trials = {trial.run: trial for trial in read_trials(searches_dir() / "1")}
    assert "3 of 3 trials of gan on digits" in printed.out
    assert "fid, lower is better; quick scores, features: digits classifier, SHA-256 6088bde53133" in printed.out
    assert re.search(r"^floor \d+\.\d+: real training pictures", printed.out, re.MULTILINE)
    rows = re.findall(r"^ +(\d) +(\d) +([\d.]+) +(\S+) +(none|spectral)$", printed.out, re.MULTILINE)
    ranked = sorted(trials.values(), key=lambda trial: trial.score or 0.0)
    assert rows == [
        (
            str(trial.number),
            str(trial.number),
            f"{trial.score:.4g}",
            repr(trial.values["lr_generator"]),
            trial.values["critic_norm"],
        )
        for trial in ranked
    ]
    assert f"/compare?runs={','.join(str(trial.number) for trial in ranked)}" in printed.out
    assert printed.out.count("trial 2 of 3: lr_generator=") == 1
    assert "100%" in printed.err
    # What it says to type gives the best run once more.
    (line,) = (line.strip() for line in printed.out.splitlines() if "-m genlab train" in line)
    again = asked(build_parser().parse_args(shlex.split(line)[3:]))
    (best,) = (run for run in list_runs() if run.id == ranked[0].run)
    assert again == best.config


def test_a_grid_by_another_score_goes_on_by_its_name(capsys: Capture) -> None:
    command = [*QUICK, "--grid", "--vary", "generator_norm=true,false", "--score", "recall", "--full", "--name", "mine"]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "trial 1 of 2: generator_norm=true" in printed
    assert "recall, higher is better; full scores" in printed
    for again in (command, ["search", "--name", "mine"]):
        assert main(again) == 0
        assert "search mine: 2 of 2 trials" in capsys.readouterr().out
    assert len(list_runs()) == 2


def test_trials_that_fail_are_told(capsys: Capture) -> None:
    assert main([*QUICK, *VARY, "--trials", "2", "--device", "cuda"]) == 0
    printed = capsys.readouterr().out
    assert "No trial was scored." in printed
    assert len(re.findall(r"^trial \d failed \(lr_generator=.*no cuda device", printed, re.MULTILINE)) == 2


def test_more_trials_may_be_asked_for(capsys: Capture) -> None:
    assert main([*QUICK, *VARY, "--trials", "1"]) == 0
    assert main(["search", "--name", "1", "--trials", "2"]) == 0
    assert "2 of 2 trials" in capsys.readouterr().out
    assert [trial.outcome for trial in read_trials(searches_dir() / "1")] == ["scored", "scored"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "something to vary"),
        (["--name", "new"], "no search new to go on with"),
        (["--name", "../x", *VARY], "1 to 40 small letters"),
        (["--vary", "colour=1,2"], "NAME=LOW..HIGH or NAME=A,B,C with one of: latent"),
        (["--vary", "lr_generator=1..2"], "between 1e-06 and 0.1"),
        (["--vary", "lr_generator=1e-3,2e-3", "--set", "lr_generator=0.01"], "both set and varied"),
        ([*VARY, "--set", "colour=1"], "--set takes NAME=VALUE"),
        ([*VARY, "--grid"], "needs a number of points"),
        (["--vary", "r1_gamma=0,1", "--grid", "--trials", "2"], "leave --trials out"),
        ([*VARY, "--trials", "0"], "1 to 1000 trials"),
        ([*VARY, "--score", "beauty"], "goes by one of fid, kid"),
        ([*VARY, "--score", "memorised"], "goes by one of fid, kid"),
        ([*VARY, "--data", "faces"], "no data set 'faces'"),
        ([*VARY, "--data", "own:few"], "of which own:few has 5; 20 are the least"),
        ([*VARY, "--data", "own:some", "--score", "classes_missed"], "no score classes_missed of own:some"),
    ],
    ids=str,
)
def test_what_search_cannot_do_is_one_sentence_and_leaves_nothing(
    arguments: list[str], says: str, capsys: Capture
) -> None:
    from genlab.data.own.store import save

    for name, n in (("few", 50), ("some", 300)):
        save(name, pictures(n=n), name, "a test", 0)
    assert says in failing([*QUICK, *arguments], capsys)
    assert list_runs() == []
    assert not searches_dir().exists()


def test_a_search_that_was_begun_takes_no_other_settings(capsys: Capture) -> None:
    assert main([*QUICK, *VARY, "--trials", "1"]) == 0
    assert "was begun already" in failing(["search", "--name", "1", "--model", "vae"], capsys)
    assert "was begun otherwise" in failing([*QUICK, "--name", "1", "--vary", "r1_gamma=0,1"], capsys)


def test_every_direction_is_that_of_the_score_table() -> None:
    assert BETTER["fid"] == BETTER["kid"] == "lower"
    assert BETTER["recall"] == "higher"
    assert "memorised" not in BETTER


def ended(arguments: list[str], how: signal.Signals, home: Path) -> tuple[int, str]:
    """Search in a process of its own and end it while it trains; its exit code and what it said."""
    began = time.time()
    process = subprocess.Popen(
        [sys.executable, "-m", "genlab", *arguments], env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        cwd=home.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip

    def trains() -> bool:
        status = list_runs()[0].status() if list_runs() else None
        return status is not None and status.updated > began and not status.note and status.step > 0

    try:
        wait_until(trains)
        process.send_signal(how)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    return process.returncode, err


def test_a_search_that_is_killed_or_paused_goes_on_with_the_same_run(own_home: Path) -> None:
    ended([*BASE, "--images", "40000000", *VARY, "--trials", "1"], signal.SIGKILL, own_home)
    (run,) = list_runs()
    assert run.status().state == "died"
    for _ in range(2):
        code, err = ended(["search", "--name", "1"], signal.SIGINT, own_home)
        assert code == 0, err
        assert "The search is paused. Go on with: python -m genlab search --name 1" in err
        assert "Traceback" not in err
        assert run.status().state == "paused"
    assert [other.id for other in list_runs()] == [run.id]
    (trial,) = read_trials(searches_dir() / "1")
    assert (trial.run, trial.outcome) == (run.id, "open")


def test_ctrl_c_while_scoring_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("genlab.runs.evaluating.evaluate", interrupted)
        assert main([*QUICK, *VARY, "--trials", "1"]) == INTERRUPTED
    assert "python -m genlab search --name 1" in capsys.readouterr().err
    assert main(["search", "--name", "1"]) == 0
    assert "1 of 1 trials" in capsys.readouterr().out
    assert len(list_runs()) == 1
