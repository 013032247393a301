"""``market``: the claims that this lab tests, and their experiments, run again."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genlab.market.experiments import Experiment
    from genlab.market.results import Result

WORDS = {
    "supported": "the claim is borne out",
    "partly": "the claim is borne out in part, and the rest is open",
    "mixed": "some of the claim is borne out, some is refuted",
    "refuted": "the claim is refuted",
    "open": "nothing can be told from these seeds",
    "measured": "measured; the claim predicts nothing",
}
"""What an experiment says of its claim."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "market",
        help="test a claim of the documents: list the experiments, run one again",
        description="What the documents claim and this lab can test.",
    )
    parts = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = parts.add_parser("list", help="the experiments, what they ask, and what their stored results say")
    listing.set_defaults(run=_list)
    runner = parts.add_parser(
        "run",
        help="train and measure the arms of an experiment",
        description="Train each arm of an experiment once a seed, as ordinary runs, measure it, and compare the result "
        "with the stored one. Ctrl-C pauses it; the same command goes on with it, after a crash as well. The Market "
        "page shows how it goes, and what comes of it.",
    )
    runner.add_argument("claim", metavar="CLAIM", help="a claim that is tested, or one of its experiments")
    runner.add_argument("--seeds", type=int, nargs="+", help="the seeds (from 0, as many as the experiment asks for)")
    runner.add_argument("--store", action="store_true", help="keep the result in the package too, as the lab's own")
    runner.set_defaults(run=_run)


def _list(_arguments: argparse.Namespace) -> int:
    from genlab.market.experiments import experiments
    from genlab.market.results import finding, result

    for experiment in experiments().values():
        found = result(experiment)
        said = "not run yet" if found is None else WORDS[finding(experiment, found)[1]]
        print(f"{experiment.key} (claim {experiment.claim}): {said}\n    {experiment.question['en']}")
    return 0


def _run(arguments: argparse.Namespace) -> int:
    from genlab.errors import GenlabError
    from genlab.market.results import result, store
    from genlab.market.run import find_experiments, run_experiment

    asked = arguments.seeds
    if asked is not None and (min(asked) < 0 or len(set(asked)) < len(asked)):
        raise GenlabError("--seeds takes whole numbers from 0 on, each once.")
    for experiment in find_experiments(arguments.claim):
        seeds = range(experiment.seeds) if asked is None else asked
        print(f"{experiment.key}: {experiment.question['en']}")
        found = run_experiment(experiment, seeds, _tell)
        print(table(experiment, found, result(experiment)))
        if arguments.store:
            print(f"stored: {store(experiment, replace(found, runs={}))}")
    return 0


def _tell(arm: str, seed: int, value: float | None) -> None:
    print(f"  {arm}, seed {seed}: {'failed' if value is None else f'{value:.4g}'}", flush=True)


def table(experiment: Experiment, found: Result, stored: Result | None) -> str:
    """A result for people: each arm beside the stored one, the pairs, and what they say of the claim."""
    from genlab.market.results import finding

    lines = [f"\n{experiment.metric}, {experiment.data}, seeds {', '.join(map(str, found.seeds))}"]
    lines += [
        f"  {arm.title['en']:32}{_told(found.values[arm.key]):>20}{_beside(arm.key, found, stored)}"
        for arm in experiment.arms
    ]
    compared, said = finding(experiment, found)
    for pair in compared:
        interval = "" if pair.low is None else f" ({pair.low:+.3g} to {pair.high:+.3g}, margin {pair.margin:g})"
        lines.append(f"  {pair.first} better than {pair.second}: {pair.outcome}{interval}")
    lines.append(f"{WORDS[said]}. {found.seconds:.0f} s.")
    return "\n".join(lines)


def _told(values: Sequence[float | None]) -> str:
    from genlab.market.judging import summary

    told = summary(values)
    mean = "-" if told.mean is None else f"{told.mean:.4g}"
    spread = "" if told.spread is None else f" ± {told.spread:.2g}"
    return f"{mean}{spread}{f', {told.failed} failed' if told.failed else ''}"


def _beside(arm: str, found: Result, stored: Result | None) -> str:
    from genlab.market.judging import reproduces

    if stored is None:
        return "    no stored result"
    same = reproduces(stored.values[arm], found.values[arm])
    words = {True: "reproduced", False: "differs", None: "no spread to compare with"}[same]
    return f"    stored {_told(stored.values[arm])}: {words}"
