"""``train``: make a run and train it here, in the foreground, with a progress bar."""

from __future__ import annotations

import argparse
import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from genlab.runs.gate import Target
    from genlab.runs.scoring import Scorer
    from genlab.runs.status import Status
    from genlab.runs.store import Run
    from genlab.training.config import RunConfig
    from genlab.training.ranks import Ranks

DEFAULT_MINUTES = 1.0


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "train",
        help="train a model, or go on with a run",
        description="Train a model in this terminal. Ctrl-C pauses "
        "the run with a checkpoint; --resume goes on from it. The run can be watched in the dashboard meanwhile.",
        epilog="'python -m genlab models' lists the models, their presets and the options that --set takes.",
    )
    add_training(parser)
    parser.add_argument("--title", help="a name for the run")
    parser.add_argument(
        "--target", metavar="SCORE=BOUND", help="what the run is to reach, such as fid=15 or recall=0.8"
    )
    parser.add_argument("--queue", action="store_true", help="leave the run to a worker process and return at once")
    parser.add_argument("--resume", metavar="RUN", help="go on with this run (its number or folder) instead")
    parser.set_defaults(run=_run)


def add_training(parser: argparse.ArgumentParser) -> None:
    """Describe what :func:`asked` reads."""
    parser.add_argument("--data", default="mnist-5k", help="data set: 'python -m genlab data' lists them (mnist-5k)")
    parser.add_argument("--model", help="see 'python -m genlab models' (the preset's, or hybrid)")
    parser.add_argument("--preset", help="named settings to start from (the model's default)")
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="settings",
        help="one option of the model, see below; may be repeated",
    )
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--minutes", type=float, help=f"train for this long ({DEFAULT_MINUTES:g})")
    budget.add_argument("--steps", type=int, help="train for so many steps: the same seed gives the same weights")
    budget.add_argument("--images", type=int, help="train until so many pictures have been shown")
    parser.add_argument("--batch-size", type=int, help="pictures a step (the preset's)")
    parser.add_argument("--seed", type=int, default=0, help="seed of weights, order and noise (0)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps (auto)")
    parser.add_argument("--precision", default="auto", help="auto, fp32, bf16 or fp16 (auto: measured at the start)")


def _run(arguments: argparse.Namespace) -> int:
    from genlab.runs import control
    from genlab.training.ranks import joined, launched

    if arguments.queue and not arguments.resume:
        run = control.start(asked(arguments), arguments.title, _target(arguments))
        print(f"{run.id} is queued. 'python -m genlab runs' shows how it goes.")
        return 0
    if launched():
        with joined() as ranks:
            return _train_together(arguments, ranks)
    return _train_here(_run_to_train(arguments))


def _run_to_train(arguments: argparse.Namespace) -> Run:
    from genlab.commands.runs import find_run
    from genlab.runs.gate import set_target
    from genlab.runs.store import create_run

    if arguments.resume:
        return find_run(arguments.resume)
    # Paused, not queued: a worker that waits for work must not take it first.
    run = create_run(asked(arguments), arguments.title, "paused")
    set_target(run, _target(arguments))
    return run


def _target(arguments: argparse.Namespace) -> Target | None:
    from genlab.runs.gate import parse_target

    return None if arguments.target is None else parse_target(arguments.target)


def _train_together(arguments: argparse.Namespace, ranks: Ranks) -> int:
    """As one of the processes that torchrun started: the first makes the run and leads, the others follow."""
    from genlab.errors import GenlabError
    from genlab.runs.beginning import follow
    from genlab.runs.store import open_run

    if not ranks.leads:
        # Whoever interrupts torchrun means the training, which rank 0 ends in its own time.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        name = ranks.text()
        if name:
            follow(open_run(name), ranks)
        return 0
    try:
        run = _run_to_train(arguments)
    except GenlabError:
        ranks.text("")
        raise
    ranks.text(run.id)
    return _train_here(run, ranks)


def asked(arguments: argparse.Namespace) -> RunConfig:
    """The training that the arguments of :func:`add_training` ask for.

    Raises
    ------
    GenlabError
        An argument is unknown or out of range.
    """
    from genlab.data import find
    from genlab.models.options import ModelError
    from genlab.models.presets import preset
    from genlab.training.config import RunConfig

    chosen = preset(arguments.preset or arguments.model or "hybrid")
    if arguments.model not in (None, chosen.model):
        raise ModelError(f"The preset {chosen.key} belongs to the model {chosen.model}, not to {arguments.model}.")
    find(arguments.data)
    minutes = arguments.minutes
    if minutes is None and arguments.steps is None and arguments.images is None:
        minutes = DEFAULT_MINUTES
    return RunConfig.from_dict(
        {
            "data": arguments.data,
            "model": chosen.model,
            "preset": chosen.key,
            "options": {**chosen.options, **_settings(chosen.model, arguments.settings)},
            "batch_size": chosen.batch_size if arguments.batch_size is None else arguments.batch_size,
            "seed": arguments.seed,
            "minutes": minutes,
            "steps": arguments.steps,
            "images": arguments.images,
            "device": arguments.device,
            "precision": arguments.precision,
        }
    )


def _settings(model: str, texts: list[str]) -> dict[str, Any]:
    from genlab.models import model_class
    from genlab.models.options import ModelError, option_fields, read_option

    fields = {field.name: field for field in option_fields(model_class(model).Options)}
    settings = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name not in fields:
            raise ModelError(f"--set takes NAME=VALUE with one of: {', '.join(fields)}. It was {text!r}.")
        settings[name] = read_option(fields[name], value)
    return settings


def _train_here(run: Run, ranks: Ranks | None = None) -> int:
    from genlab.runs.scoring import Scorer, scores_wanted

    scorer = Scorer(run.id) if scores_wanted() else None
    status = train_with_bar(run, scorer, ranks)
    code = _report(run, status)
    if scorer is not None and status.state in ("finished", "stopped"):
        print("It is being scored in the background; the scores will stand in its evaluation.jsonl.")
    return code


def train_with_bar(run: Run, scorer: Scorer | None = None, ranks: Ranks | None = None) -> Status:
    """Train a run in this process, with a progress bar, until it ends or Ctrl-C pauses it.

    Raises
    ------
    RunError
        Another process trains it, or there is nothing left to train.
    """
    from filelock import Timeout

    from genlab.runs.changes import changing
    from genlab.runs.interrupts import pausing_on_signals
    from genlab.runs.orders import Orders, read_orders, write_orders
    from genlab.runs.session import Session
    from genlab.runs.status import run_lock
    from genlab.runs.store import RunError

    run.check_changeable()
    try:
        lock = run_lock(run.path).acquire(timeout=1.0)
    except Timeout:
        raise RunError(f"The run {run.id} is being trained by another process.") from None
    with lock, ProgressBar(run.id) as bar:
        status = run.status(holding=True)
        if not (status.can_resume or status.state == "queued"):
            raise RunError(f"The run {run.id} is {status.state}; there is nothing to resume.")
        with changing(run):
            write_orders(run.path, Orders(lr_scale=read_orders(run.path).lr_scale))
        session = Session(run, bar.show, scorer, ranks=ranks)
        with pausing_on_signals(session):
            return session.train()


def _report(run: Run, status: Status) -> int:
    from genlab.runs.store import RunError

    if status.state == "failed":
        raise RunError(f"{run.id}: {status.why}")
    print(f"{run.id} is {status.state} after {status.step} steps in {status.seconds:.0f} s: {run.path}")
    if status.can_resume:
        print(f"Go on with: python -m genlab train --resume {run.number}")
    else:
        print(f"Draw from it: python -m genlab sample {run.number} --out pictures.png")
    return 0


class ProgressBar:
    """A terminal's view of a status."""

    def __init__(self, title: str) -> None:
        from tqdm import tqdm

        form = "{desc} {percentage:3.0f}% |{bar}| {postfix}"
        self.bar = tqdm(total=1.0, desc=title, bar_format=form, dynamic_ncols=True)

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.close()

    def show(self, status: Status) -> None:
        """Move to where the run stands."""
        self.bar.n = round(status.progress, 4)
        to_go = "" if status.eta_seconds is None else f", {status.eta_seconds:.0f} s to go"
        text = status.note or f"step {status.step}, {status.images_per_second:.0f} pictures/s{to_go}"
        self.bar.set_postfix_str(text)
