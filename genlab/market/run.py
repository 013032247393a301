"""Runs an experiment: each arm is trained once a seed, as an ordinary run, and measured.

Trainings of an experiment take turns with those of the queue, so that neither disturbs what is measured of the other.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from filelock import Timeout

from genlab.market.experiments import Arm, Experiment, config_of, experiments
from genlab.market.keeping import Attempt, ExperimentError, Plan, Step, conducting, folder_of
from genlab.market.material import material
from genlab.market.measures import measure, taught
from genlab.market.results import Result, store
from genlab.runs.metrics import DIVERGED, METRICS_FILE, Follower
from genlab.runs.provenance import provenance
from genlab.runs.status import Status
from genlab.runs.store import Run, RunError, create_run, open_run
from genlab.runs.worker import taking_turns

DRAWN = 10_000
"""Pictures drawn of each run."""

Told = Callable[[str, int, float | None], object]
"""Told the arm, the seed and the value as each comes; None where a loss ceased to be a number."""


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
    """Train and measure all arms with all seeds, and keep the result in the user's home.

    Where this was begun before with the same seeds by the same version, and not ended, it goes on from there. For the
    main thread of a process; see :func:`genlab.market.keeping.conducting`.

    Raises
    ------
    GenlabError
        Something cannot be loaded, trained or measured, or someone paused or stopped a run.
    """
    told = provenance(None)
    commit = told["commit"] or ""
    with conducting(experiment, Plan(experiment.fingerprint, tuple(seeds), drawn, commit)) as attempt:
        for arm, seed in attempt.order:
            step = attempt.step(arm, seed)
            if step.outcome == "open":
                with taking_turns():
                    step = attempt.keep(_done(attempt, arm, step))
            tell(arm.key, seed, step.value)
        found = _result(attempt, told["versions"])
        store(experiment, found, folder_of(experiment))
    return found


def _result(attempt: Attempt, versions: dict[str, str]) -> Result:
    by_arm = {arm.key: [attempt.step(arm, seed) for seed in attempt.plan.seeds] for arm in attempt.experiment.arms}
    return Result(
        experiment=attempt.experiment.key,
        fingerprint=attempt.plan.fingerprint,
        seeds=attempt.plan.seeds,
        values={arm: tuple(step.value for step in steps) for arm, steps in by_arm.items()},
        drawn=attempt.plan.drawn,
        seconds=round(sum(step.seconds for step in attempt.done), 1),
        machine={"system": platform.platform(), "cores": str(os.cpu_count()), **versions},
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=attempt.plan.commit,
        runs={arm: tuple(step.run for step in steps) for arm, steps in by_arm.items()},
    )


def _done(attempt: Attempt, arm: Arm, step: Step) -> Step:
    """A step after it was trained and measured."""
    from genlab.data import load
    from genlab.runs.sampling import load_checkpoint

    began = time.perf_counter()
    experiment, drawn, seed = attempt.experiment, attempt.plan.drawn, step.seed
    data = material(arm, experiment.data)
    run, cpu_seconds = None, 0.0
    if arm.preset:
        step, run = _run_of(attempt, arm, step, data)
        status, cpu_seconds = _trained(run)
        if _diverged(run, status):
            return replace(step, outcome="diverged", seconds=time.perf_counter() - began)
        if status.state != "finished":
            raise ExperimentError(
                f"The run {run.id} is {status.state}, so the experiment ended early. {status.why}".rstrip()
            )
    if experiment.kind == "augmentation":
        model = None if run is None else load_checkpoint(run)[0].model
        value = taught(load(data, "train"), model, load(experiment.data, "test"), seed, drawn)
    else:
        assert run is not None  # only an experiment on augmentation has arms that train nothing
        value = measure(experiment, run, seed, drawn, cpu_seconds)
    return replace(step, outcome="measured", value=value, seconds=time.perf_counter() - began)


def _run_of(attempt: Attempt, arm: Arm, step: Step, data: str) -> tuple[Step, Run]:
    """The run that was begun for a step, else a new one; the time that one takes is only known of a whole training."""
    if step.run and attempt.experiment.kind != "cost":
        try:
            run = open_run(step.run)
            run.status()
            return step, run
        except RunError:
            pass  # it was deleted
    title = f"{attempt.experiment.key}: {arm.title['en']}, seed {step.seed}"[:80]
    # Paused, not queued: a worker that waits for work must not take it first.
    run = create_run(config_of(arm, data, step.seed), title, "paused")
    return attempt.keep(replace(step, run=run.id)), run


def _trained(run: Run) -> tuple[Status, float]:
    """Where a run stands after it was trained to an end of whatever kind, and the seconds of CPU it took here."""
    from genlab.runs.changes import changing
    from genlab.runs.interrupts import pausing_on_signals
    from genlab.runs.orders import Orders, write_orders
    from genlab.runs.session import Session
    from genlab.runs.status import run_lock

    try:
        lock = run_lock(run.path).acquire(timeout=1.0)
    except Timeout:
        raise ExperimentError(f"The run {run.id} is being trained by another process. Wait for it to end.") from None
    with lock:
        status = run.status(holding=True)
        if status.state == "finished" or _diverged(run, status):
            return status, 0.0  # before a process like this one was killed
        with changing(run):
            write_orders(run.path, Orders())
        session = Session(run)
        began = time.process_time()
        with pausing_on_signals(session):
            status = session.train()
        cpu_seconds = time.process_time() - began
    if session.interrupted:
        raise KeyboardInterrupt
    return status, cpu_seconds


def _diverged(run: Run, status: Status) -> bool:
    return status.state == "failed" and any(DIVERGED in row for row in Follower(run.path / METRICS_FILE).rows())
