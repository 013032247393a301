"""Runs an experiment: each arm is trained once a seed, as an ordinary run, and measured."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from genlab.errors import GenlabError
from genlab.market.experiments import Arm, Experiment, config_of, experiments
from genlab.market.material import material
from genlab.market.measures import measure, taught
from genlab.market.results import Result
from genlab.runs.metrics import DIVERGED, METRICS_FILE, Follower
from genlab.runs.provenance import provenance
from genlab.runs.store import Run

DRAWN = 10_000
"""Pictures drawn of each run."""

Told = Callable[[str, int, float | None], object]
"""Told the arm, the seed and the value as each comes; None where a loss ceased to be a number."""


class ExperimentError(GenlabError):
    """An experiment cannot be run; the message says why and what to do."""


def find_experiments(name: str) -> tuple[Experiment, ...]:
    """The experiment of that key, or those that test the claim of that key.

    Raises
    ------
    ExperimentError
        There is none.
    """
    known = experiments()
    found = (known[name],) if name in known else tuple(each for each in known.values() if each.claim == name)
    if not found:
        raise ExperimentError(
            f"No experiment and no tested claim is called {name!r}. 'market list' shows those there are."
        )
    return found


def run_experiment(experiment: Experiment, seeds: Sequence[int], tell: Told, drawn: int = DRAWN) -> Result:
    """Train and measure all arms with all seeds, seed by seed, so that what disturbs the machine disturbs all arms.

    Raises
    ------
    GenlabError
        Something cannot be loaded, trained or measured, or someone paused or stopped a run.
    """
    began = time.perf_counter()
    values: dict[str, list[float | None]] = {arm.key: [] for arm in experiment.arms}
    for seed, arm in _in_turn(experiment, seeds):
        value = _value(experiment, arm, seed, drawn)
        values[arm.key].append(value)
        tell(arm.key, seed, value)
    told = provenance(None)
    return Result(
        experiment=experiment.key,
        fingerprint=experiment.fingerprint,
        seeds=tuple(seeds),
        values={arm: tuple(each) for arm, each in values.items()},
        drawn=drawn,
        seconds=round(time.perf_counter() - began, 1),
        machine={"system": platform.platform(), "cores": str(os.cpu_count()), **told["versions"]},
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=told["commit"] or "",
    )


def _in_turn(experiment: Experiment, seeds: Sequence[int]) -> Iterator[tuple[int, Arm]]:
    for seed in seeds:
        for arm in experiment.arms:
            yield seed, arm


def _value(experiment: Experiment, arm: Arm, seed: int, drawn: int) -> float | None:
    from genlab.data import load
    from genlab.runs.sampling import load_checkpoint

    data = material(arm, experiment.data)
    run, cpu_seconds = None, 0.0
    if arm.preset:
        run, cpu_seconds = _train(experiment, arm, data, seed)
        if run is None:
            return None
    if experiment.kind == "augmentation":
        model = None if run is None else load_checkpoint(run)[0].model
        return taught(load(data, "train"), model, load(experiment.data, "test"), seed, drawn)
    assert run is not None  # only an experiment on augmentation has arms that train nothing
    return measure(experiment, run, seed, drawn, cpu_seconds)


def _train(experiment: Experiment, arm: Arm, data: str, seed: int) -> tuple[Run | None, float]:
    """A finished run of an arm, or None where its losses ceased to be numbers, and the seconds of CPU it took."""
    from genlab.runs.session import Session, pausing_on_signals
    from genlab.runs.status import run_lock
    from genlab.runs.store import create_run

    title = f"{experiment.key}: {arm.title['en']}, seed {seed}"[:80]
    # Paused, not queued: a worker that waits for work must not take it first.
    run = create_run(config_of(arm, data, seed), title, "paused")
    with run_lock(run.path).acquire(timeout=1.0):
        session = Session(run)
        began = time.process_time()
        with pausing_on_signals(session):
            status = session.train()
        cpu_seconds = time.process_time() - began
    if status.state == "finished":
        return run, cpu_seconds
    if status.state == "failed" and any(DIVERGED in row for row in Follower(run.path / METRICS_FILE).rows()):
        return None, cpu_seconds
    raise ExperimentError(f"The run {run.id} is {status.state}, so the experiment ended early. {status.why}".rstrip())
