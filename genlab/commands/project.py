"""``python -m genlab project``: make a map of a run's latent space."""

from __future__ import annotations

import argparse
import sys
from typing import get_args

from genlab.latent.spec import (
    DEFAULT_EXAGGERATION,
    DEFAULT_POINTS,
    DEFAULT_STEPS,
    Method,
    Spec,
    Split,
    What,
)


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this command to the subparsers of the command line."""
    parser = commands.add_parser(
        "project",
        help="map the latent space with PCA or t-SNE",
        description="Project a run's pictures to a map in two or three dimensions. The map is kept in the "
        "run's folder, where the dashboard's Latent space page finds it.",
    )
    parser.add_argument("id", metavar="RUN", help="its number or folder")
    parser.add_argument("--step", type=int, help="newest checkpoint not after this step (default: newest)")
    parser.add_argument(
        "--what",
        choices=get_args(What),
        help="what to map (default: encoder where there is one, else features)",
    )
    parser.add_argument("--method", choices=get_args(Method), default="pca", help="how to flatten (%(default)s)")
    parser.add_argument("--dims", type=int, choices=(2, 3), default=2, help="of the map (%(default)s)")
    parser.add_argument("--n", type=int, default=DEFAULT_POINTS, help="points, 10 to 60,000 (%(default)s)")
    parser.add_argument("--perplexity", type=float, default=30.0, help="for t-SNE: neighbours (%(default)s)")
    parser.add_argument("--steps", type=int, default=DEFAULT_STEPS, help="of t-SNE (%(default)s)")
    parser.add_argument(
        "--exaggeration", type=float, default=DEFAULT_EXAGGERATION, help="of t-SNE's first third (%(default)g)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the generated pictures and of t-SNE (%(default)s)")
    parser.add_argument("--split", choices=get_args(Split), default="train", help="which real pictures")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make the map, or find it already made; 0, or 130 where someone stopped it."""
    from genlab.commands.progress import bar
    from genlab.commands.runs import find_run
    from genlab.models import MODELS
    from genlab.runs.jobs import StoppedError, run_job
    from genlab.runs.maps import plan
    from genlab.training.device import be_nice

    chosen = find_run(arguments.id)
    what: What = arguments.what or ("encoder" if MODELS[chosen.config.model].has_encoder else "features")
    spec = Spec(
        what,
        arguments.method,
        arguments.dims,
        arguments.n,
        arguments.seed,
        arguments.split,
        arguments.perplexity,
        arguments.steps,
        arguments.exaggeration,
    )
    wanted = plan(chosen, spec, arguments.step)
    be_nice()
    try:
        made = run_job(wanted, bar())
    except StoppedError as error:
        print(error, file=sys.stderr)
        return 130
    print(f"{len(made):,} points of {chosen.id} at step {made.step}: {wanted.file('.npz')}")
    if len(made.explained):
        shown = made.explained[: spec.dims]
        print(f"These {spec.dims} components keep {shown.sum():.1%} of the variance.")
    print(f"Of each point's ten nearest neighbours the map keeps {made.kept:.0%}.")
    return 0
