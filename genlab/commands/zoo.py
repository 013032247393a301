"""``zoo``: the shipped models, and how they are made again."""

from __future__ import annotations

import argparse
from functools import partial


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "zoo",
        help="list the shipped models, or make them again",
        description="The small trained models that come with the lab.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="what is shipped, and its scores")
    listing.set_defaults(run=_list)
    making = actions.add_parser(
        "build",
        help="train, score, film and map them, and pack them into genlab/zoo/runs",
        description="Make the shipped models by genlab/zoo/recipes.toml. Those that are there, trained by the same "
        "recipe, are kept: delete a folder to have it made again. The trainings are runs in zoo/ of GENLAB_HOME; an "
        "interrupted one goes on.",
    )
    making.add_argument("--only", metavar="NAME", nargs="+", help="these alone")
    making.set_defaults(run=_build)


def _list(_arguments: argparse.Namespace) -> int:
    from genlab.zoo.shipped import shipped

    for _, card in shipped():
        print(
            f"zoo-{card.name:20} {card.preset:16} {card.data:10} FID {card.scores['fid']:6.1f} "
            f"(real pictures {card.floor['fid']:.1f})  {card.cpu_seconds:5.0f} s of CPU"
        )
    return 0


def _build(arguments: argparse.Namespace) -> int:
    from genlab.errors import GenlabError
    from genlab.zoo.build import build, is_built
    from genlab.zoo.recipes import recipes

    known = recipes()
    unknown = sorted(set(arguments.only or ()) - set(known))
    if unknown:
        raise GenlabError(f"There is no recipe called {unknown[0]!r}. The recipes are: {', '.join(known)}.")
    for name, recipe in known.items():
        if arguments.only and name not in arguments.only:
            continue
        if is_built(recipe):
            _tell(name, "there already")
            continue
        card = build(recipe, partial(_tell, name))
        _tell(name, f"FID {card.scores['fid']:.1f} after {card.cpu_seconds:.0f} s of CPU")
    return 0


def _tell(name: str, doing: str) -> None:
    print(f"{name}: {doing}", flush=True)
