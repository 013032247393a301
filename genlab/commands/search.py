"""``search``: try many settings of a model, one run after the other, and say which did best."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from genlab.commands.train import add_training, asked
from genlab.evaluation.sheet import GOOD_END

if TYPE_CHECKING:
    from genlab.evaluation.sheet import ScoreSheet
    from genlab.runs.search import Search
    from genlab.runs.search_plan import Plan, Trial
    from genlab.runs.store import Run
    from genlab.training.config import RunConfig

DEFAULT_TRIALS = 12
COMPARED = 4
"""Runs that the link to the Compare page shows at once."""
BETTER = {name: f"{end}er" for name, end in GOOD_END.items() if end is not None}

AFTER = """\
--vary NAME=LOW..HIGH      a range, in decades where the option moves in decades
--vary NAME=LOW..HIGH/5    five numbers evenly spread over it
--vary NAME=A,B,C          a list

'python -m genlab models MODEL' lists the options and their ranges. Trials are ordinary runs, all of the same seed.
Ctrl-C pauses the search; 'python -m genlab search --name NAME' goes on with it, after a crash as well.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "search",
        help="search for good options of a model, by grid or by Optuna",
        description="Train a model with one setting after the other, score each, and show which did best.",
        epilog=AFTER,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--vary", metavar="NAME=VALUES", action="append", default=[],
                        help="an option to try values of, see below; may be repeated")  # fmt: skip
    method = parser.add_mutually_exclusive_group()
    method.add_argument("--grid", action="store_true", help="try every combination of the values")
    method.add_argument("--bayes", action="store_true", help="let Optuna's TPE propose what to try (the default)")
    parser.add_argument("--trials", type=int, help=f"how many to try, without --grid ({DEFAULT_TRIALS})")
    parser.add_argument("--score", default="fid", help=f"what to search by: {', '.join(BETTER)} (fid)")
    parser.add_argument("--full", action="store_true", help="score 10,000 pictures of each trial instead of 2,000")
    parser.add_argument("--queue", action="store_true", help="leave each training to a worker process and wait for it")
    parser.add_argument("--name", help="of the search; that of an earlier one goes on with it (the next number)")
    add_training(parser)
    parser.set_defaults(run=lambda arguments: _run(arguments, parser))


def _run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from genlab.commands.train import train_with_bar
    from genlab.runs.search import check_scorable
    from genlab.runs.search_jobs import conducting, train_by_worker
    from genlab.runs.search_plan import new_name, read_plan

    name, plan = arguments.name or new_name(), _plan(arguments, parser)
    begun = read_plan(name) is not None
    if not begun:
        check_scorable(plan)  # before anything is written
    try:
        with conducting(name, plan) as search:
            if begun:
                check_scorable(plan)  # within, so that a page is told as well
            train = train_by_worker if arguments.queue else train_with_bar
            done = search.conduct(train, _scorer(plan), _teller(plan))
    except KeyboardInterrupt:
        _say_how_to_go_on(name)
        raise
    print(table(search))
    if not done:
        _say_how_to_go_on(name)
    return 0


def _say_how_to_go_on(name: str) -> None:
    print(f"The search is paused. Go on with: python -m genlab search --name {name}", file=sys.stderr)


def _plan(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> Plan:
    from genlab.runs.search_plan import Plan, read_plan
    from genlab.runs.space import SearchError

    begun = None if arguments.name is None else read_plan(arguments.name)
    if begun is not None and not arguments.vary:
        given = {name for name, value in vars(arguments).items() if value != parser.get_default(name)}
        if given - {"name", "trials", "queue"}:
            raise SearchError(
                f"The search {arguments.name} was begun already: give --name alone (or with --trials) to go on with "
                "it, or the whole command again."
            )
        return begun if arguments.trials is None else replace(begun, trials=arguments.trials)
    if arguments.name is not None and begun is None and not arguments.vary:
        raise SearchError(f"There is no search {arguments.name} to go on with; a new one needs something to --vary.")
    if arguments.score not in BETTER:
        raise SearchError(f"A search goes by one of {', '.join(BETTER)}, not by {arguments.score!r}.")
    config = asked(arguments)
    both = sorted({_name(text) for text in arguments.vary} & {_name(text) for text in arguments.settings})
    if both:
        raise SearchError(f"The option {both[0]} is both set and varied; choose one.")
    trials = DEFAULT_TRIALS if arguments.trials is None and not arguments.grid else arguments.trials
    return Plan(
        config,
        tuple(arguments.vary),
        "grid" if arguments.grid else "bayes",
        trials,
        arguments.score,
        BETTER[arguments.score] == "lower",
        "full" if arguments.full else "quick",
    )


def _name(text: str) -> str:
    return text.partition("=")[0]


def _scorer(plan: Plan) -> Callable[[Run], ScoreSheet]:
    from genlab.runs.evaluating import evaluate
    from genlab.runs.scoring import scoring_slot

    def score(run: Run) -> ScoreSheet:
        print(f"scoring {run.id}", file=sys.stderr)
        with scoring_slot(lambda: print("waiting for another scoring to end", file=sys.stderr)):
            return evaluate(run, kind=plan.kind)

    return score


def _teller(plan: Plan) -> Callable[[Trial], None]:
    def tell(trial: Trial) -> None:
        if trial.outcome == "scored":
            print(f"  {plan.score} {trial.score:.4g}")
        elif trial.outcome == "failed":
            print(f"  failed: {trial.why}")
        else:
            chosen = ", ".join(f"{name}={text(value)}" for name, value in trial.values.items())
            print(f"trial {trial.number} of {plan.wanted}: {chosen}", flush=True)

    return tell


def text(value: Any) -> str:
    """An option's value as --set takes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, float) else str(value)


def table(search: Search) -> str:
    """The trials for people, the best first, with what they were measured with; then how to go on from the best."""
    plan, ranked = search.plan, search.ranked()
    scored = [trial for trial in ranked if trial.outcome == "scored"]
    lines = [
        "",
        f"search {search.name}: {len(ranked)} of {plan.wanted} trials of {plan.config.model} on {plan.config.data}",
    ]
    if not scored:
        return "\n".join([*lines, "No trial was scored.", *map(_failure, ranked)])
    lines += [f"{plan.score}, {BETTER[plan.score]} is better; {plan.kind} scores, features: {_features(scored[0])}"]
    floor = scored[0].floor
    if floor is not None:
        lines.append(f"floor {floor:.4g}: real training pictures in place of drawn ones")
    names = list(plan.space)
    cells = [["trial", "run", plan.score, *names]]
    for trial in scored:
        values = [text(trial.values[name]) for name in names]
        cells.append([str(trial.number), _number(trial), f"{trial.score:.4g}", *values])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    rows = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    best = scored[0]
    return "\n".join(
        [
            *lines, "", *rows, *map(_failure, ranked[len(scored):]), "",
            "The best one again:",
            f"  {command({**plan.config.options, **best.values}, plan.config)}",
            "The best ones side by side, in the dashboard (streamlit run app.py):",
            f"  /compare?runs={','.join(_number(trial) for trial in scored[:COMPARED])}",
        ]
    )  # fmt: skip


def _features(trial: Trial) -> str:
    return f"{trial.extractor}, SHA-256 {trial.extractor_hash[:12]}"


def _number(trial: Trial) -> str:
    return str(int(trial.run.split("-", 1)[0]))


def _failure(trial: Trial) -> str:
    values = ", ".join(f"{name}={text(value)}" for name, value in trial.values.items())
    return f"trial {trial.number} failed ({values}): {trial.why}"


def command(options: dict[str, Any], config: RunConfig) -> str:
    """What to type to train with `options` as `config` does."""
    from genlab.models.presets import preset

    start = preset(config.preset)
    words = ["python", "-m", "genlab", "train", "--data", config.data, "--preset", config.preset]
    for name, value in options.items():
        if name not in start.options or start.options[name] != value:
            words += ["--set", f"{name}={text(value)}"]
    if config.batch_size != start.batch_size:
        words += ["--batch-size", str(config.batch_size)]
    budget = {"minutes": config.minutes, "steps": config.steps, "images": config.images}
    words += [part for name, value in budget.items() if value is not None for part in (f"--{name}", text(value))]
    words += ["--seed", str(config.seed)]
    for name, chosen in (("--device", config.device), ("--precision", config.precision)):
        words += [] if chosen == "auto" else [name, chosen]
    return shlex.join(words)
