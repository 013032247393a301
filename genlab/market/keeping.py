"""An experiment that somebody runs again: what is to be done, what was done, and what came of it, in their home.

::

    experiments/steadiness/
      plan.json          which seeds, and of which version
      steps.jsonl        one line a training that was begun, and one more when it was measured; the last one counts
      steadiness.json    the last result that was whole

beside the files of :mod:`genlab.runs.conducted`. An experiment may be killed at any moment. Run again with the same
seeds by the same version, it trains what was begun on from its last checkpoint and goes on from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import fmean
from typing import Any, Literal, get_args

from filelock import Timeout

from genlab.errors import GenlabError
from genlab.market.experiments import Arm, Experiment
from genlab.paths import atomic_write_json, home
from genlab.runs import conducted
from genlab.runs.conducted import Standing
from genlab.runs.jsonl import append_line, is_number

EXPERIMENTS = "experiments"
PLAN_FILE = "plan.json"
STEPS_FILE = "steps.jsonl"

Outcome = Literal["open", "measured", "diverged"]


class ExperimentError(GenlabError):
    """An experiment cannot be run; the message says why and what to do."""


@dataclass(frozen=True)
class Plan:
    """What is run.

    Attributes
    ----------
    fingerprint
        The experiment's.
    seeds
        Each arm is trained once with each.
    drawn
        Pictures drawn of each run.
    commit
        Of the code; empty where it runs from no checkout.
    """

    fingerprint: str
    seeds: tuple[int, ...]
    drawn: int
    commit: str


@dataclass(frozen=True)
class Step:
    """An arm with a seed, and how far it is.

    Attributes
    ----------
    run
        Name of the run's folder; empty until it is made, and where the arm trains nothing.
    outcome
        ``"diverged"`` where a loss ceased to be a number.
    value
        The metric, once measured.
    seconds
        That it took since it was begun or gone on with last.
    """

    arm: str
    seed: int
    run: str = ""
    outcome: Outcome = "open"
    value: float | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Attempt:
    """An experiment with what was done of it, as its folder shows it."""

    experiment: Experiment
    plan: Plan
    steps: dict[tuple[str, int], Step]

    @property
    def order(self) -> list[tuple[Arm, int]]:
        """Arms and seeds, seed by seed, so that what disturbs the machine disturbs all arms."""
        return [(arm, seed) for seed in self.plan.seeds for arm in self.experiment.arms]

    @property
    def done(self) -> list[Step]:
        """What was measured, or diverged."""
        return [step for step in self.steps.values() if step.outcome != "open"]

    @property
    def current(self) -> tuple[Arm, int] | None:
        """The first that is not done; None at the end."""
        ended = {(step.arm, step.seed) for step in self.done}
        return next(((arm, seed) for arm, seed in self.order if (arm.key, seed) not in ended), None)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return self.current is None

    def step(self, arm: Arm, seed: int) -> Step:
        """Where an arm with a seed stands."""
        return self.steps.get((arm.key, seed), Step(arm.key, seed))

    def keep(self, step: Step) -> Step:
        """Write down where a step stands, and hand it back.

        Raises
        ------
        ExperimentError
            It cannot be written.
        """
        folder = folder_of(self.experiment)
        try:
            append_line(folder / STEPS_FILE, asdict(step))
        except OSError as error:
            raise unwritable(folder, error) from error
        self.steps[step.arm, step.seed] = step
        return step

    def seconds_left(self, usual: float | None, share: float) -> float | None:
        """Time that the rest will take: as long as the same arm took with other seeds, else as the others on average.

        Parameters
        ----------
        usual
            Seconds of one step by what is known from elsewhere, for before the first is done; None for unknown.
        share
            Of the current step that is done, 0 to 1.
        """
        took: dict[str, list[float]] = {}
        for step in self.done:
            took.setdefault(step.arm, []).append(step.seconds)
        known = [seconds for each in took.values() for seconds in each]
        others = fmean(known) if known else usual
        if others is None:
            return None
        ended = {(step.arm, step.seed) for step in self.done}
        left = [
            fmean(took[arm.key]) if arm.key in took else others
            for arm, seed in self.order
            if (arm.key, seed) not in ended
        ]
        return sum(left) - share * left[0] if left else 0.0


def folder_of(experiment: Experiment) -> Path:
    """Where somebody's own attempt at an experiment is kept."""
    return home() / EXPERIMENTS / experiment.key


def attempt(experiment: Experiment) -> Attempt | None:
    """The last attempt at an experiment; None where there is none, or only one at another form of it."""
    folder = folder_of(experiment)
    plan = _read_plan(folder)
    if plan is None or plan.fingerprint != experiment.fingerprint:
        return None
    return Attempt(experiment, plan, _read_steps(folder))


@contextmanager
def conducting(experiment: Experiment, plan: Plan) -> Iterator[Attempt]:
    """An attempt that is begun, or gone on with where it has this plan and is not over, by this process alone.

    For the main thread of a process. A page can see how it stands, and stop it: that ends the block as Ctrl-C does.

    Raises
    ------
    ExperimentError
        Another process is at it, or it cannot be written.
    """
    folder = folder_of(experiment)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = conducted.lock(folder).acquire(timeout=conducted.LOCK_SECONDS)
    except Timeout:
        raise ExperimentError(
            f"Another process is running the experiment {experiment.key}. Wait for it, or stop it on the Market page."
        ) from None
    except OSError as error:
        raise unwritable(folder, error) from error
    with held:
        try:
            if conducted.standing(folder, holding=True).state == "finished" or _read_plan(folder) != plan:
                (folder / STEPS_FILE).unlink(missing_ok=True)
                atomic_write_json(folder / PLAN_FILE, asdict(plan))
            conducted.write(folder, Standing("running"))
        except OSError as error:
            raise unwritable(folder, error) from error
        begun = Attempt(experiment, plan, _read_steps(folder))
        with conducted.at_work(folder, lambda: begun.is_over):
            yield begun


def unwritable(path: Path, error: OSError) -> ExperimentError:
    """What to tell where the operating system refuses to write an experiment."""
    return ExperimentError(f"The experiment cannot be written to {path}: {error.strerror or error}. Free some space.")


def _read_plan(folder: Path) -> Plan | None:
    """The plan in a folder; None where there is none that makes sense."""
    try:
        told: Any = json.loads((folder / PLAN_FILE).read_text("utf-8"))
        seeds = tuple(int(seed) for seed in told["seeds"])
        return Plan(str(told["fingerprint"]), seeds, int(told["drawn"]), str(told["commit"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _read_steps(folder: Path) -> dict[tuple[str, int], Step]:
    """The steps in a folder by arm and seed; of the lines of one, the last counts. A cut line is left out."""
    try:
        lines = (folder / STEPS_FILE).read_bytes().split(b"\n")
    except OSError:
        return {}
    return {(step.arm, step.seed): step for line in lines if (step := _parsed(line)) is not None}


def _parsed(line: bytes) -> Step | None:
    try:
        told: Any = json.loads(line)
        step = Step(**{entry.name: told[entry.name] for entry in fields(Step)})
    except (ValueError, KeyError, TypeError):
        return None
    fits = step.outcome in get_args(Outcome) and is_number(step.seconds) and isinstance(step.run, str)
    return step if fits and (step.outcome == "measured") == is_number(step.value) else None
