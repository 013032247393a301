"""``python -m genlab``: the lab from a terminal.

Runs started here are watched in the browser, and the other way round.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from genlab import __version__
from genlab.errors import GenlabError

EPILOG = """\
a first tour:
  python -m genlab train --data mnist-5k --model vae --minutes 1
  python -m genlab runs
  python -m genlab sample 1 --out digits.png
  streamlit run app.py

runs are folders under ./runs, or under $GENLAB_HOME/runs.
"""


INTERRUPTED = 130
"""The exit code that shells know for Ctrl-C."""
UNREAD = 141
"""The exit code that shells know for who writes where nobody reads any more."""


def build_parser() -> argparse.ArgumentParser:
    """The whole command line; each command adds its own part."""
    from genlab.commands import (
        classifier,
        data,
        doctor,
        evaluate,
        export,
        film,
        import_run,
        invert,
        market,
        models,
        project,
        runs,
        sample,
        search,
        train,
        worker,
        zoo,
    )

    parser = argparse.ArgumentParser(
        prog="python -m genlab",
        description="Train, sample and explore GANs and VAEs.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"genlab {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (
        train,
        search,
        sample,
        evaluate,
        project,
        film,
        invert,
        runs,
        export,
        import_run,
        data,
        models,
        classifier,
        market,
        zoo,
        doctor,
        worker,
    ):
        command.add_parser(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 with a sentence on the error stream, 130 after Ctrl-C, or
    141 where nobody reads what it prints.
    """
    parsed = build_parser().parse_args(arguments)
    try:
        code: int | None = parsed.run(parsed)
        sys.stdout.flush()
    except GenlabError as error:
        print(f"genlab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("genlab: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `head`, say, has seen enough; what is left in the buffer goes nowhere at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    return code or 0
