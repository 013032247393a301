"""``python -m genlab invert``: look for the latent of a picture."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from genlab.latent import invert as bounds

if TYPE_CHECKING:
    from genlab.latent.project import Phase, Progress


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this command to the subparsers of the command line."""
    parser = commands.add_parser(
        "invert",
        help="find the latent of a picture",
        description="Find the latent from which a run's model draws a picture nearest to one of your own. It is kept "
        "in the run's folder, where the dashboard's Latent space page finds it.",
    )
    parser.add_argument("id", metavar="RUN", help="its number or folder")
    parser.add_argument("picture", type=Path, metavar="PICTURE", help="a picture file")
    parser.add_argument("--step", type=int, help="of the checkpoint (default: newest)")
    parser.add_argument("--seed", type=int, default=0, help="of the latents that are tried (%(default)s)")
    parser.add_argument("--starts", type=int, default=bounds.DEFAULT_STARTS, help="latents at once (%(default)s)")
    parser.add_argument("--steps", type=int, default=bounds.DEFAULT_STEPS, help="of Adam (%(default)s)")
    parser.add_argument("--class", type=int, dest="label", help="the class to hold (default: what fits best)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Find the latent, or find it already found; 0, or 130 where someone stopped it."""
    import torch

    from genlab.commands.runs import find_run
    from genlab.data.own.single import keep, read
    from genlab.errors import GenlabError
    from genlab.runs.inversions import plan
    from genlab.runs.jobs import StoppedError, run_job
    from genlab.training.device import be_nice

    try:
        data = arguments.picture.read_bytes()
    except OSError as error:
        raise GenlabError(f"{arguments.picture} cannot be read: {error.strerror or error}.") from error
    settings = bounds.Settings(arguments.seed, arguments.starts, arguments.steps, arguments.label)
    wanted = plan(find_run(arguments.id), keep(read(data)), settings, arguments.step)
    be_nice()
    torch.set_num_threads(1)  # a batch of a few small pictures is no work for two
    try:
        found = run_job(wanted, _bar() if sys.stderr.isatty() else None)
    except StoppedError as error:
        print(error, file=sys.stderr)
        return 130
    print(f"The latent that {wanted.run.name} draws it from at step {wanted.step}: {wanted.result()}")
    print(f"Loss {found.losses[0]:.4f} to {found.losses[-1]:.4f}; mean squared error of the pixels {found.error:.4f}.")
    return 0


def _bar() -> Progress:
    from tqdm import tqdm

    bar = tqdm(total=1.0, bar_format="{percentage:3.0f}%|{bar}| {elapsed}<{remaining}", leave=False)

    def tell(fraction: float, _phase: Phase, _eta: float | None) -> None:
        bar.update(fraction - bar.n)

    return tell
