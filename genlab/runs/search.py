"""A search for good options: trials that are ordinary runs, tried one after the other and scored at their ends.

::

    searches/gan-rates/
      search.json        what is searched, how, and by which score
      trials.jsonl       one line a trial that was begun, and one more when it ended; the last one counts

beside the files of :mod:`genlab.runs.conducted`.

A search may be killed at any moment. Begun again, it trains an unfinished trial on from its last checkpoint, scores
one that was trained and not scored, and goes on to the points that it would have tried anyway.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import Timeout

from genlab.data import load
from genlab.errors import GenlabError
from genlab.evaluation.extractor import extractor_for
from genlab.evaluation.real import real_side
from genlab.evaluation.score import FEWEST, SIZES, floor
from genlab.evaluation.sheet import ScoreSheet
from genlab.paths import atomic_write_json
from genlab.runs.conducted import LOCK_SECONDS, lock
from genlab.runs.jsonl import append_line
from genlab.runs.search_plan import (
    PLAN_FILE,
    TRIALS_FILE,
    Plan,
    Trial,
    check_name,
    read_plan,
    read_trials,
    searches_dir,
)
from genlab.runs.space import Result, SearchError
from genlab.runs.status import Status
from genlab.runs.store import Run, RunError, create_run, list_runs, open_run
from genlab.training.config import RunConfig


@dataclass
class Search:
    """A search on disk, which this process holds the lock of while it adds to it."""

    name: str
    plan: Plan
    trials: list[Trial] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """Its folder."""
        return searches_dir() / self.name

    def title(self, trial: Trial) -> str:
        """What the trial's run is called."""
        return f"search {self.name}, trial {trial.number}"

    def ranked(self) -> list[Trial]:
        """Scored trials, the best first, and the failed ones after them."""
        scored = [(trial.score, trial) for trial in self.trials if trial.score is not None]
        scored.sort(key=lambda pair: pair[0], reverse=not self.plan.lower)
        return [trial for _, trial in scored] + [trial for trial in self.trials if trial.outcome == "failed"]

    def upcoming(self) -> Trial | None:
        """The trial to go on with, or a new one; None when the search is over."""
        if self.trials and self.trials[-1].outcome == "open":
            return self.trials[-1]
        values = self.plan.point([Result(trial.values, trial.score) for trial in self.trials])
        return None if values is None else self.keep(Trial(len(self.trials) + 1, values))

    def keep(self, trial: Trial) -> Trial:
        """Write down where a trial stands, and hand it back."""
        try:
            append_line(self.path / TRIALS_FILE, asdict(trial))
        except OSError as error:
            raise unwritable(self.path, error) from error
        self.trials[trial.number - 1 :] = [trial]
        return trial

    def run_of(self, trial: Trial) -> tuple[Trial, Run]:
        """The run of a trial, made where there is none yet.

        Raises
        ------
        RunError
            It was deleted, or cannot be made.
        """
        if trial.run:
            return trial, open_run(trial.run)
        options = {**self.plan.config.options, **trial.values}
        config, title = replace(self.plan.config, options=options), self.title(trial)
        # Paused, not queued: a worker that waits for work must not take it first.
        run = _left_behind(config, title) or create_run(config, title, "paused")
        return self.keep(replace(trial, run=run.id)), run

    def conduct(
        self, train: Callable[[Run], Status], score: Callable[[Run], ScoreSheet], tell: Callable[[Trial], None]
    ) -> bool:
        """Try what is left to try; False where the training was paused before the end.

        Parameters
        ----------
        train
            Trains a run to an end of whatever kind.
        score
            Scores the last checkpoint of a run.
        tell
            Told of each trial before it begins, and again when it has ended.

        Raises
        ------
        GenlabError
            Another process trains the run of a trial, the search cannot be written, or scores can no longer be
            compared.
        """
        while (trial := self.upcoming()) is not None:
            tell(trial)
            try:
                trial, run = self.run_of(trial)
            except RunError as error:
                if not trial.run:
                    raise  # it cannot be made, and the next one could not be either
                tell(self.keep(replace(trial, outcome="failed", why=str(error))))
                continue
            status = run.status()
            if status.state not in ("finished", "stopped", "failed"):
                status = train(run)
            if status.state == "paused":
                return False
            tell(self.keep(self._judged(trial, run, status, score)))
        return True

    def _judged(self, trial: Trial, run: Run, status: Status, score: Callable[[Run], ScoreSheet]) -> Trial:
        if status.state == "failed":
            return replace(trial, outcome="failed", why=status.why)
        try:
            sheet = score(run)
        except GenlabError as error:
            return replace(trial, outcome="failed", why=str(error))
        name = self.plan.score
        if name not in sheet.scores:
            return replace(
                trial, outcome="failed", why=f"Its scores lack {name}; there are: {', '.join(sheet.scores)}."
            )
        if any(other.extractor_hash not in ("", sheet.extractor_hash) for other in self.trials):
            raise SearchError(
                f"The scores of {run.config.data} are computed with other features than when the search {self.name} "
                "began, and cannot be compared with those. Begin a new search."
            )
        return replace(
            trial,
            outcome="scored",
            score=sheet.scores[name],
            floor=sheet.floor.get(name),
            extractor=sheet.extractor,
            extractor_hash=sheet.extractor_hash,
        )


@contextmanager
def holding(name: str, plan: Plan) -> Iterator[Search]:
    """The search of this name, begun with `plan` or gone on with, for this process alone.

    Raises
    ------
    SearchError
        It was begun with another plan than this (the number of trials may change), another process is at it, or it
        cannot be written.
    """
    path = searches_dir() / name
    try:
        path.mkdir(parents=True, exist_ok=True)
        held = lock(path).acquire(timeout=LOCK_SECONDS)
    except Timeout:
        raise SearchError(f"Another process is at the search {name}.") from None
    except OSError as error:
        raise unwritable(path, error) from error
    with held:
        begun = read_plan(name)
        if begun is not None and _but_for_trials(begun) != _but_for_trials(plan):
            raise SearchError(
                f"The search {name} was begun otherwise, as {path / PLAN_FILE} tells. Choose another name, or give "
                "--name alone to go on with it."
            )
        if begun != plan:
            try:
                atomic_write_json(path / PLAN_FILE, asdict(plan))
            except OSError as error:
                raise unwritable(path, error) from error
        yield Search(name, plan, read_trials(path))


def delete(name: str) -> None:
    """Remove a search that nobody is at; its trials stay, as runs like others.

    Raises
    ------
    SearchError
        A process is at it, or it cannot be removed.
    """
    check_name(name)
    path = searches_dir() / name
    try:
        with lock(path).acquire(timeout=LOCK_SECONDS):
            # Renamed first: from here on nobody sees half a search.
            trash = path.with_name(f".trash-{secrets.token_hex(6)}")
            path.rename(trash)
    except Timeout:
        raise SearchError(f"The search {name} is still at work. Stop it first.") from None
    except FileNotFoundError:  # by another page
        return
    except OSError as error:
        raise unwritable(path, error) from error
    shutil.rmtree(trash, ignore_errors=True)


def check_scorable(plan: Plan) -> None:
    """See to it that trials can be scored, before the first is trained.

    Raises
    ------
    GenlabError
        The data set cannot be loaded or is too small, or its scores lack the one that is searched by.
    """
    data = plan.config.data
    held_out = len(load(data, "test"))
    if held_out < FEWEST:
        raise SearchError(
            f"Trials are scored against held-out pictures, of which {data} has {held_out}; {FEWEST} are the least. "
            "Import more pictures."
        )
    extractor = extractor_for(data)
    known = floor(real_side(data, extractor), SIZES[plan.kind], bool(extractor.classes))
    if plan.score not in known:
        raise SearchError(f"There is no score {plan.score} of {data}. There are: {', '.join(known)}.")


def _left_behind(config: RunConfig, title: str) -> Run | None:
    """The run of a process that was killed after it had made the run, and before it wrote down which."""
    for run in list_runs():
        if run.problem is None and (run.title, run.config) == (title, config):
            status = run.status()
            if (status.state, status.step) == ("paused", 0):
                return run
    return None


def _but_for_trials(plan: Plan) -> dict[str, Any]:
    return {**asdict(plan), "trials": None}


def unwritable(path: Path, error: OSError) -> SearchError:
    """What to tell where the operating system refuses to write a search."""
    return SearchError(f"The search cannot be written to {path}: {error.strerror or error}. Free some space.")
