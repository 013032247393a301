"""One run being trained by this process, from its configuration to its last word.

What is written, and when, depends on the clock; what is trained never does. So a run that is looked at every
second ends in the same weights as one that nobody watches, and one that was killed and resumed too.
"""

from __future__ import annotations

import logging
import platform
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Literal

from genlab.data import is_cached, load
from genlab.data.pictures import Pictures
from genlab.errors import GenlabError
from genlab.runs.beginning import begin
from genlab.runs.disk import FULL, NO_ROOM, WAITS, Patience, give_reserve_back, keep_reserve
from genlab.runs.logs import logging_to
from genlab.runs.metrics import DIVERGED, append_metrics
from genlab.runs.orders import ENDS, read_orders
from genlab.runs.quotas import most_seconds
from genlab.runs.recorder import FIT_AT_THE_END, FIT_WHILE_TRAINING, Recorder
from genlab.runs.scoring import Scorer
from genlab.runs.status import State, Status, write_status
from genlab.runs.store import LOG_FILE, Run, RunError
from genlab.training.device import describe
from genlab.training.ranks import RankLostError, Ranks, Word, telling_of_loss
from genlab.training.trainer import DivergedError, Trainer

log = logging.getLogger(__name__)

INTERRUPTED = "The system ended its process; it goes on by itself."

DOWNLOAD_NOTE_SECONDS = 0.5


class Session:
    """Trains a run whose lock this process holds, until the budget is spent or someone asks for an end.

    Parameters
    ----------
    run
        The run; the caller holds its lock.
    watch
        Told each status that is written, for a progress bar.
    scorer
        Told of checkpoints, to have them scored.
    from_queue
        Whether this is a worker's, so that a run whose process dies goes back into the queue.
    ranks
        The processes that train it together, of which this one is rank 0; None where there is no other.

    Attributes
    ----------
    interrupted
        May be set from a signal handler: after the step that it is at, the run ends in this state, saved.
    """

    def __init__(
        self,
        run: Run,
        watch: Callable[[Status], None] = lambda _: None,
        scorer: Scorer | None = None,
        from_queue: bool = False,
        ranks: Ranks | None = None,
    ) -> None:
        self.run = run
        self.watch = watch
        self.scorer = scorer
        self.ranks = ranks
        self.interrupted: Literal["paused", "queued"] | None = None
        self.status = replace(run.status(), state="running", why="", note="getting ready", host=platform.node())
        if not from_queue:
            self.status = replace(self.status, queued_at=0.0)
        self._writing = threading.Lock()
        self._patience = Patience(lambda: self._ordered() != "finished", self._tell_of_waiting)

    def train(self) -> Status:
        """Train to an end of whatever kind and return the last status; a fault ends in ``failed``.

        Raises
        ------
        RankLostError
            Another process that trains it ended, or cannot be reached. The status stays as it was, so that the run is
            found dead as soon as this process has let go of it.
        """
        with logging_to(self.run.path / LOG_FILE):
            try:
                keep_reserve(self.run.path)
                self._write(self.status)
                self._train()
            except _EndedEarly as end:
                log.info("The run is %s before its training began.", end.state)
                self._end(end.state)
            except RankLostError as error:
                log.error("%s", error)
                raise
            except GenlabError as error:
                log.error("%s", error)
                self._fail(str(error))
            except OSError as error:
                log.exception("The operating system refused something.")
                ends = self._ordered() if error.errno in FULL else "finished"
                self._fail(_sentence(error), "failed" if ends == "finished" else ends)
            except Exception as error:  # the run must say that it ended, whatever the fault
                log.exception("A fault in the program.")
                self._fail(f"A fault in the program ended it: {type(error).__name__}: {error}. The log has more.")
                return self.status  # the others wait within a step, and hear no word
            finally:
                give_reserve_back(self.run.path)
        self._say(Word.END)
        return self.status

    def _train(self) -> None:
        config = self.run.config
        pictures = self._load_pictures(config.data)
        trainer, precision, why = begin(self.run, pictures, self._note, self.ranks)
        self.status = replace(
            self.status,
            why=why,
            note="",
            device=describe(trainer.device),
            precision=precision.name,
            precision_why=precision.why,
        )
        log.info(
            "Training %s on %d pictures of %s from step %d, on %s in %s (%s).",
            config.model,
            len(pictures),
            config.data,
            trainer.step_count,
            self.status.device,
            precision.name,
            precision.why,
        )
        try:
            self._loop(trainer)
        except DivergedError:
            append_metrics(self.run.path, {"step": trainer.step_count, "seconds": trainer.seconds, DIVERGED: 1.0})
            raise

    def _load_pictures(self, name: str) -> Pictures:
        if not is_cached(name):
            log.info("Downloading %s.", name)
        told = 0.0

        def progress(done: int, total: int, what: str) -> None:
            nonlocal told
            if time.monotonic() - told > DOWNLOAD_NOTE_SECONDS:
                told = time.monotonic()
                size = f"{done / 1e6:.1f} of {total / 1e6:.1f} MB" if total else f"{done / 1e6:.1f} MB"
                self._note(f"downloading {what}: {size}")
                self._end_early()

        return load(name, "train", progress)

    def _end_early(self) -> None:
        """Leave where someone asks for an end before there is anything to save."""
        state = self._ordered()
        if state != "finished":
            raise _EndedEarly(state)

    def _ordered(self) -> State:
        """How the run is to end; what a person asks for counts before what the system does."""
        state = ENDS[read_orders(self.run.path).command]
        return self.interrupted or state if state == "finished" else state

    def abandon(self) -> None:
        """Put the run back into the queue as it was last saved, from another thread, whatever this one is at.

        To be called right before the process ends: nothing can be written any more afterwards.
        """
        self._writing.acquire(timeout=1.0)  # a disk may hang
        if self.status.state == "running":
            with suppress(OSError):
                give_reserve_back(self.run.path)
                write_status(self.run.path, replace(self.status, state="queued", why=INTERRUPTED, note=""))

    def _loop(self, trainer: Trainer) -> None:
        trainer.lr_scale = read_orders(self.run.path).lr_scale
        recorder = Recorder(self.run, trainer, self.scorer, load(self.run.config.data, "test"), self._patience)
        recorder.snapshot()
        began = self._patience.clock() - trainer.seconds
        most, why = most_seconds(), ""
        ends: State = "finished"
        while trainer.progress < 1.0 and ends == "finished":
            self._step(trainer)
            trainer.seconds = self._patience.clock() - began
            if recorder.log_due() or self.interrupted:
                self._tell(trainer, recorder)
                recorder.save_what_is_due()
                trainer.lr_scale = read_orders(self.run.path).lr_scale
                ends = self._ordered()
                if ends == "finished" and most is not None and trainer.seconds >= most:
                    ends = "stopped"
                    why = f"A run trains {most / 60:g} minutes here at most."
        if recorder.has_news():
            self._tell(trainer, recorder)
        if trainer.progress >= 1.0:
            ends, why = "finished", ""
        if ends == "queued":  # the system waits for the weights, and for little more
            recorder.checkpoint(FIT_WHILE_TRAINING)
            why = INTERRUPTED
        else:
            recorder.snapshot(FIT_AT_THE_END)
            recorder.checkpoint(FIT_AT_THE_END)
        log.info("The run is %s at step %d.", ends, trainer.step_count)
        self._end(ends, why)
        if self.scorer is not None and ends in ("finished", "stopped"):
            for step in recorder.worth_a_full_score():
                self.scorer.full(step)

    def _step(self, trainer: Trainer) -> None:
        if self.ranks is None:
            trainer.step()
            return
        self.ranks.say(Word.STEP, trainer.seconds, trainer.lr_scale)
        with telling_of_loss():
            trainer.step()

    def _say(self, word: Word) -> None:
        if self.ranks is not None:
            self.ranks.say(word)

    def _tell(self, trainer: Trainer, recorder: Recorder) -> None:
        self._say(Word.METRICS)
        row = recorder.log()
        speed = row["images_per_second"]
        steps = trainer.config.total_steps
        if steps is not None:
            eta = (steps - trainer.step_count) * trainer.config.batch_size / speed if speed else None
        else:
            eta = trainer.seconds * (1.0 / trainer.progress - 1.0) if trainer.progress else None
        status = replace(
            self.status,
            step=trainer.step_count,
            total_steps=steps,
            progress=trainer.progress,
            seconds=trainer.seconds,
            eta_seconds=eta,
            images_per_second=speed,
            stage=trainer.stage,
        )
        self._patience.write(lambda: self._write(status))

    def _tell_of_waiting(self, waits: bool) -> None:
        """Say that the training waits for room on the disk, if there is room for that, or that it goes on."""
        with suppress(OSError):
            if waits:
                give_reserve_back(self.run.path)
                self._write(replace(self.status, note=WAITS, why=NO_ROOM))
            else:
                self._write(replace(self.status, note="", why=""))
                keep_reserve(self.run.path)

    def _note(self, note: str) -> None:
        self._write(replace(self.status, note=note))

    def _end(self, state: State, why: str = "") -> None:
        self._write(replace(self.status, state=state, why=why, note="", eta_seconds=None))

    def _fail(self, why: str, state: State = "failed") -> None:
        give_reserve_back(self.run.path)
        try:
            self._end(state, why)
        except OSError:  # not even that can be written: the page will find the run dead, the terminal has the reason
            log.exception("The run ended (%s), and its status could not be written.", why)
        except RunError as error:
            log.error("The run ended (%s). %s", why, error)

    def _write(self, status: Status) -> None:
        if not self.run.path.is_dir():  # by hand, past the lock; writing would bring half of it back
            raise self.run.gone()
        with self._writing:
            self.status = replace(status, updated=time.time())
            write_status(self.run.path, self.status)
        self.watch(self.status)


class _EndedEarly(Exception):  # noqa: N818 -- no error
    def __init__(self, state: State) -> None:
        self.state = state


def _sentence(error: OSError) -> str:
    if error.errno in FULL:
        return "The disk is full. Free some space and resume: the last checkpoint is untouched."
    where = f" ({error.filename})" if error.filename else ""
    return f"The operating system refused to read or write{where}: {error.strerror or error}."
