"""``python -m genlab film``: map the latent space of checkpoint after checkpoint of a run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from genlab.errors import GenlabError
from genlab.latent.film import POINTS
from genlab.latent.spec import Split, What
from genlab.paths import atomic_write_bytes

if TYPE_CHECKING:
    from genlab.export.animation import Kind
    from genlab.latent.film import Film

KINDS: dict[str, Kind] = {".gif": "GIF", ".webp": "WEBP", ".mp4": "MP4"}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this command to the subparsers of the command line."""
    parser = commands.add_parser(
        "film",
        help="map the latent space of a run at some 20 of its checkpoints",
        description="Project the same pictures through some 20 checkpoints of a run, each map aligned to the last. "
        "The film is kept in the run's folder, where the dashboard's Replay page finds it; frames that are there "
        "are not computed again.",
    )
    parser.add_argument("id", metavar="RUN", help="its number or folder")
    parser.add_argument("--what", choices=get_args(What), help="what to map (default: what tells most of this model)")
    parser.add_argument("--n", type=int, default=POINTS, help="points, 10 to 10,000 (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the pictures (%(default)s)")
    parser.add_argument("--split", choices=get_args(Split), default="train", help="which real pictures")
    parser.add_argument(
        "--out", type=Path, help="write the points' travel too, as a moving picture: .gif, .webp or .mp4"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make the film, or find it already made; 0, or 130 where someone stopped it."""
    from genlab.commands.progress import bar
    from genlab.commands.runs import find_run
    from genlab.runs.films import default_spec, plan, spec_of
    from genlab.runs.jobs import StoppedError, run_job
    from genlab.training.device import be_nice

    kind = None if arguments.out is None else KINDS.get(arguments.out.suffix.lower())
    if arguments.out is not None and kind is None:
        raise GenlabError(f"--out ends in {', '.join(KINDS)}, which says what to write; it was {arguments.out}.")
    chosen = find_run(arguments.id)
    what: What = arguments.what or default_spec(chosen).what
    wanted = plan(chosen, spec_of(chosen, what, arguments.n, arguments.seed, arguments.split))
    be_nice()
    try:
        made = run_job(wanted, bar())
    except StoppedError as error:
        print(error, file=sys.stderr)
        return 130
    _, disparity = made.aligned()
    print(f"{len(made):,} points of {chosen.name} at {len(made.frames)} checkpoints: {wanted.result()}")
    for frame, apart in zip(made.frames, disparity, strict=True):
        print(f"  step {frame.step:>7,}: {frame.held:.0%} of the variance, {apart:.0%} unlike the last map")
    for step, why in made.left_out:
        print(f"  step {step:>7,}: no map. {why}")
    if kind is not None:
        _write(arguments.out, made, kind)
    return 0


def _write(path: Path, film: Film, kind: Kind) -> None:
    from genlab.export.travel import travel_bytes
    from genlab.plots.palette import rgb

    data = travel_bytes(film, rgb(film.every_label), kind)
    try:
        atomic_write_bytes(path, data)
    except OSError as error:
        raise GenlabError(f"{path} cannot be written: {error.strerror or error}.") from error
    print(f"Their travel: {path}")
