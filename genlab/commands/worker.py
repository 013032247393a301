"""``worker``: what the dashboard starts in the background; it trains what is queued, then ends."""

from __future__ import annotations

import argparse


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "worker",
        help="train what is queued (the dashboard starts this by itself)",
        description="Train the runs that wait, one after the other, and end when none is left.",
    )
    parser.add_argument("--linger", type=float, metavar="SECONDS", help="wait so long for another run before ending")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    import logging

    from genlab.runs.scoring import scores_wanted
    from genlab.runs.worker import LINGER_SECONDS, work

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    work(LINGER_SECONDS if arguments.linger is None else arguments.linger, scores_wanted())
    return 0
