"""``python -m genlab project``: make a map of a run's latent space."""

from __future__ import annotations

import argparse
import sys
from typing import get_args

from genlab.latent.spec import (
    DEFAULT_EXAGGERATION,
    DEFAULT_MIN_DIST,
    DEFAULT_NEIGHBOURS,
    DEFAULT_PERPLEXITY,
    DEFAULT_POINTS,
    Method,
    Quality,
    Spec,
    Split,
    What,
)


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this command to the subparsers of the command line."""
    parser = commands.add_parser(
        "project",
        help="map the latent space with PCA, t-SNE or UMAP",
        description="Project a run's pictures to a map in two or three dimensions. The map is kept in the "
        "run's folder, where the dashboard's Latent space page finds it.",
    )
    parser.add_argument("id", metavar="RUN", help="its number or folder")
    parser.add_argument("--step", type=int, help="newest checkpoint not after this step (default: newest)")
    parser.add_argument(
        "--what",
        choices=get_args(What),
        help="what to map (default: what tells most of this model)",
    )
    parser.add_argument("--method", choices=get_args(Method), default="pca", help="how to flatten (%(default)s)")
    parser.add_argument("--dims", type=int, choices=(2, 3), default=2, help="of the map (%(default)s)")
    parser.add_argument("--n", type=int, default=DEFAULT_POINTS, help="points, 10 to 60,000 (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of pictures and layout (%(default)s)")
    parser.add_argument("--split", choices=get_args(Split), default="train", help="which real pictures")
    tsne = parser.add_argument_group("t-SNE")
    tsne.add_argument("--perplexity", type=float, default=DEFAULT_PERPLEXITY, help="neighbours (%(default)s)")
    tsne.add_argument("--quality", choices=get_args(Quality), default="standard", help="fast: fewer steps")
    tsne.add_argument(
        "--exaggeration", type=float, default=DEFAULT_EXAGGERATION, help="of the first steps (%(default)g)"
    )
    umap = parser.add_argument_group("UMAP")
    umap.add_argument("--neighbours", type=int, default=DEFAULT_NEIGHBOURS, help="each is tied to (%(default)s)")
    umap.add_argument(
        "--min-dist", type=float, default=DEFAULT_MIN_DIST, help="how close points may come (%(default)s)"
    )
    parser.add_argument(
        "--axes", type=int, nargs=4, default=(), metavar=("A", "B", "C", "D"),
        help="for the method axes: classes by number; across goes from A to B, up from C to D",
    )  # fmt: skip
    parser.add_argument("--again", type=int, default=0, help="another layout of the same points, 1 to 9")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make the map, or find it already made; 0, or 130 where someone stopped it."""
    from genlab.commands.progress import bar
    from genlab.commands.runs import find_run
    from genlab.latent.points import choices
    from genlab.models import MODELS
    from genlab.runs.jobs import StoppedError, run_job
    from genlab.runs.maps import plan
    from genlab.training.device import be_nice

    chosen = find_run(arguments.id)
    what: What = arguments.what or choices(MODELS[chosen.config.model])[0]
    chosen_as = ("method", "dims", "n", "seed", "split", "perplexity", "quality", "exaggeration", "neighbours",
                 "min_dist", "axes", "again")  # fmt: skip
    spec = Spec(what, **{name: getattr(arguments, name) for name in chosen_as})
    wanted = plan(chosen, spec, arguments.step)
    be_nice()
    try:
        made = run_job(wanted, bar())
    except StoppedError as error:
        print(error, file=sys.stderr)
        return 130
    print(f"{len(made):,} points of {chosen.name} at step {made.step}: {wanted.result()}")
    if len(made.explained):
        shown = made.explained[: spec.dims]
        print(f"These {spec.dims} components keep {shown.sum():.1%} of the variance.")
    print(f"Of each point's ten nearest neighbours the map keeps {made.kept:.0%}.")
    print(f"Trustworthiness {made.trustworthiness:.3f}, continuity {made.continuity:.3f}.")
    return 0
