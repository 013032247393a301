"""``runs``: what has been trained and what is training, and a hand on it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genlab.runs.store import Run

ACTIONS = ("stop", "pause", "resume", "copy", "delete", "log")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "runs",
        help="list runs; stop, pause, resume, copy, rename or delete one",
        description="Without an action, list all runs, newest first. Pause and stop both keep a checkpoint.",
    )
    parser.add_argument("action", nargs="?", choices=[*ACTIONS, "rename"], help="what to do with a run")
    parser.add_argument("id", nargs="?", metavar="RUN", help="its number or folder")
    parser.add_argument("title", nargs="?", help="the new name, for rename")
    parser.set_defaults(run=_run)


def find_run(text: str) -> Run:
    """The run of a number or a folder name.

    Raises
    ------
    RunError
        There is none.
    """
    from genlab.runs.store import list_runs, open_run

    if text.isascii() and text.isdigit():
        for run in list_runs():
            if run.number == int(text):
                return run
    return open_run(text)


def _run(arguments: argparse.Namespace) -> int:
    from genlab.runs import control
    from genlab.runs.shelf import take_copy
    from genlab.runs.store import RunError

    if arguments.action is None:
        return _list()
    if arguments.id is None or (arguments.action == "rename") != (arguments.title is not None):
        raise RunError("Name the run, by its number or folder, and for rename the new name after it.")
    run = find_run(arguments.id)
    actions: dict[str, Callable[[], None]] = {
        "stop": lambda: control.stop(run),
        "pause": lambda: control.pause(run),
        "resume": lambda: control.resume(run),
        "copy": lambda: print(take_copy(run).id),
        "delete": lambda: control.delete(run),
        "rename": lambda: control.rename(run, arguments.title),
        "log": lambda: print(run.log_tail()),
    }
    actions[arguments.action]()
    return 0


def _list() -> int:
    from genlab.runs.shelf import zoo_runs
    from genlab.runs.store import list_runs

    runs, shipped = list_runs(), zoo_runs()
    if not runs:
        print("There are no runs yet. Make one: python -m genlab train")
    for run in runs:
        print(_line(run))
    if shipped:
        print("These come with genlab. They can be used and copied, and not be changed:")
    for run in shipped:
        print(_line(run))
    return 0


def _line(run: Run) -> str:
    if run.problem is not None:
        return f"{run.number:>5}  broken    {run.problem}"
    status, config = run.status(), run.config
    share = f"{status.progress:4.0%}"
    number = run.number or ""  # those that come with genlab have none: their title is the name that commands take
    line = f"{number:>5}  {status.state:<9} {share}  {config.data:<14} {config.model:<8} {run.title}"
    return f"{line}\n       {status.why}" if status.why else line
