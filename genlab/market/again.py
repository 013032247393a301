"""An experiment run again in a process of its own, which any page can watch, stop, and start again.

A page starts what a person may type: ``python -m genlab market run KEY --seeds 0 1``.
"""

from __future__ import annotations

from genlab.market.experiments import Experiment
from genlab.market.keeping import folder_of, unwritable
from genlab.market.results import Result
from genlab.runs import conducted
from genlab.runs.conducted import Standing

FEWEST_SEEDS = 2
"""With one, no spread can be told."""


def begin(experiment: Experiment, seeds: int) -> None:
    """Start a process that runs an experiment with seeds from 0 on; nothing happens where one is at it.

    Raises
    ------
    ExperimentError
        Its folder cannot be written, or no process can be started.
    """
    folder = folder_of(experiment)
    numbers = [str(seed) for seed in range(min(max(seeds, FEWEST_SEEDS), experiment.seeds))]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        conducted.start(folder, ["market", "run", experiment.key, "--seeds", *numbers])
    except OSError as error:
        raise unwritable(folder, error) from error


def stop(experiment: Experiment) -> None:
    """Ask the process that runs an experiment to pause the training it is at, and to end; it does within seconds.

    Raises
    ------
    ExperimentError
        Its folder cannot be written.
    """
    try:
        conducted.stop(folder_of(experiment))
    except OSError as error:
        raise unwritable(folder_of(experiment), error) from error


def standing(experiment: Experiment) -> Standing:
    """How the last attempt at an experiment stands; paused where there was none."""
    return conducted.standing(folder_of(experiment))


def is_stopping(experiment: Experiment) -> bool:
    """Whether an attempt was asked to end, and has not yet."""
    return conducted.is_stopping(folder_of(experiment))


def seconds_each(experiment: Experiment, found: Result | None) -> float | None:
    """Seconds that one arm takes with one seed, on average, by a result, or else by the budgets alone.

    None where there is no result and an arm's budget is in pictures.
    """
    if found is not None:
        return found.seconds / (len(found.seeds) * len(found.values))
    budgets = [arm.seconds for arm in experiment.arms if arm.preset]
    known = [seconds for seconds in budgets if seconds is not None]
    return sum(known) / len(experiment.arms) if len(known) == len(budgets) else None
