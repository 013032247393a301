"""``import``: take in a run that ``export`` wrote, here or elsewhere."""

from __future__ import annotations

import argparse
from pathlib import Path

from genlab.errors import GenlabError


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "import",
        help="take in a run from a zip",
        description="Make a new run from a zip that 'python -m genlab export' wrote. Every file is checked, and "
        "nothing that is here is changed. A run that was not finished is paused: resume it to go on.",
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="the zip")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from genlab.runs.unpack import unpack

    try:
        with open(arguments.file, "rb") as file:
            run = unpack(file)
    except OSError as error:
        raise GenlabError(f"{arguments.file} cannot be read: {error.strerror or error}.") from error
    print(f"{run.id}, {run.status().state}, from {arguments.file}")
    return 0
