"""What a training leaves on disk while it runs: curve points, snapshots, checkpoints, each when it is due."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch

from genlab.data.grid import gap_for, png_bytes, tile
from genlab.data.pictures import Pictures, to_bytes
from genlab.evaluation.sheet import ScoreSheet
from genlab.paths import atomic_write_bytes
from genlab.runs.disk import Patience
from genlab.runs.metrics import append_metrics
from genlab.runs.scores import best, read_scores
from genlab.runs.scoring import Scorer
from genlab.runs.store import CHECKPOINTS, SAMPLES, Run
from genlab.training.checkpoint import keep_model_only, save_checkpoint
from genlab.training.trainer import Trainer
from genlab.training.vitals import Vitals

LOG_SECONDS, LOG_SECONDS_MAX = 0.4, 1.6
LOG_LINES_A_RUN = 1000
"""Lines grow apart in long runs, so that the curves stay quick to read."""

SNAPSHOT_SECONDS, SNAPSHOT_SECONDS_MAX = 0.7, 0.9
"""Taken with a curve point, so every 0.8 to 1.2 seconds: each look of a page, one a second, finds one or nearly so."""

CHECKPOINT_SECONDS = 10.0
COST_SHARE = 0.03
"""Snapshots and checkpoints wait until they cost no more than this share of the time, within bounds."""

VITALS_SHARE = 0.005
"""Vital signs wait until they cost no more than this share of the time."""

FRAMES_MAX = 240
CHECKPOINTS_MAX = 24
RESUMABLE_KEPT = 2

GRID_COUNT, GRID_COLUMNS = 64, 8
GRID_SEED = 0
GRID_PAPER = 64

FIT_WHILE_TRAINING = 1024
FIT_AT_THE_END = 20_000
"""Pictures that a fitted prior sees: few while training goes on, more when it ends."""


class Recorder:
    """Writes into a run's folder what the trainer has to show."""

    def __init__(
        self,
        run: Run,
        trainer: Trainer,
        scorer: Scorer | None = None,
        held_out: Pictures | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.run = run
        self._patience = patience or Patience()
        self._clock = self._patience.clock
        self.scorer = scorer
        self.samples = run.path / SAMPLES
        self.checkpoints = run.path / CHECKPOINTS
        self.trainer = trainer
        self.vitals = Vitals(trainer, held_out)
        self.samples.mkdir(exist_ok=True)
        self.checkpoints.mkdir(exist_ok=True)
        self._drop_leftovers()
        now = self._clock()
        self._logged_at, self._logged_step = now, trainer.step_count
        self._log_due = now + LOG_SECONDS
        self._vitals_due = now
        self._snapshot_due = now + SNAPSHOT_SECONDS
        self._checkpoint_due = now + CHECKPOINT_SECONDS

    def _drop_leftovers(self) -> None:
        """Remove what a killed process left half-written, and what it did after its last checkpoint."""
        for entry in [*self.samples.glob(".*.tmp"), *self.checkpoints.glob(".*.tmp")]:
            _remove(entry)
        for step, path in [*self.run.samples(), *self.run.checkpoints()]:
            if step > self.trainer.step_count:
                _remove(path)

    def log_due(self) -> bool:
        """Whether it is time for a curve point."""
        return self._clock() >= self._log_due

    def has_news(self) -> bool:
        """Whether there were steps since the last curve point."""
        return self.trainer.step_count > self._logged_step

    def log(self) -> dict[str, float]:
        """Append a curve point: means since the last one, and vital signs where they are due or the training ends.

        Raises
        ------
        DivergedError
            A loss or a weight is no finite number.
        """
        trainer = self.trainer
        metrics = trainer.take_metrics()  # waits for the device, so that the time below is true
        now = self._clock()
        steps = trainer.step_count - self._logged_step
        metrics |= self.vitals.gradients()
        if now >= self._vitals_due or trainer.progress >= 1.0:
            metrics |= self._look()
        row = {
            "step": trainer.step_count,
            "images": trainer.images,
            "seconds": round(trainer.seconds, 3),
            "images_per_second": round(steps * trainer.config.batch_size / (now - self._logged_at), 1),
            "lr_scale": trainer.lr_scale,
            **{name: float(f"{value:.6g}") for name, value in metrics.items()},
        }
        if steps:
            self._patience.write(lambda: append_metrics(self.run.path, row))
        self._logged_at, self._logged_step = now, trainer.step_count
        self._log_due = now + min(LOG_SECONDS_MAX, max(LOG_SECONDS, trainer.seconds / LOG_LINES_A_RUN))
        return row

    def _look(self) -> dict[str, float]:
        start = self._clock()
        signs = self.vitals.look(FIT_WHILE_TRAINING)
        now = self._clock()
        self._vitals_due = now + (now - start) / VITALS_SHARE
        return signs

    def save_what_is_due(self) -> None:
        """Write a snapshot, a checkpoint, both or none. Call it after :meth:`log`, which refuses broken weights."""
        if self._clock() >= self._snapshot_due:
            self.snapshot()
        if self._clock() >= self._checkpoint_due:
            self.checkpoint(FIT_WHILE_TRAINING)
            if self.scorer is not None:
                self.scorer.quick(self.trainer.step_count)

    def snapshot(self, fit_on: int = FIT_WHILE_TRAINING) -> None:
        """Write the pictures of the run's fixed latents."""
        start = self._clock()
        model = self.trainer.sampler(fit_on)
        generator = torch.Generator().manual_seed(GRID_SEED)  # of the CPU: the same latents on every device
        with torch.no_grad():
            pictures = to_bytes(model.sample(model.prior.draw(GRID_COUNT, generator).to(self.trainer.device)))
        drawn = pictures.cpu().numpy()
        sheet = tile(drawn, GRID_COLUMNS, gap=gap_for(drawn), paper=GRID_PAPER)
        png, path = png_bytes(sheet), self.samples / f"{self.trainer.step_count:06d}.png"
        self._patience.write(lambda: atomic_write_bytes(path, png))
        _thin([path for _, path in self.run.samples()], FRAMES_MAX)
        now = self._clock()
        wait = max(SNAPSHOT_SECONDS, (now - start) / COST_SHARE)
        self._snapshot_due = now + min(SNAPSHOT_SECONDS_MAX, wait)

    def checkpoint(self, fit_on: int) -> None:
        """Write a checkpoint; the two newest can be resumed from, older ones keep the model alone.

        When there are many, old ones go, but the one that scored best stays beside the last.
        """
        start = self._clock()
        folder = self.checkpoints / f"{self.trainer.step_count:06d}"
        self._patience.write(lambda: save_checkpoint(self.trainer, folder, fit_on))
        folders = [folder for _, folder in self.run.checkpoints()]
        for folder in folders[:-RESUMABLE_KEPT]:
            keep_model_only(folder)
        _thin(folders, CHECKPOINTS_MAX, self._best())
        now = self._clock()
        self._checkpoint_due = now + max(CHECKPOINT_SECONDS, (now - start) / COST_SHARE)

    def worth_a_full_score(self) -> list[int]:
        """Steps of the last checkpoint and of the one that scored best so far, where that is another."""
        folders = [self.run.checkpoints()[-1][1], self._best()]
        return list(dict.fromkeys(int(folder.name) for folder in folders if folder is not None))

    def _best(self) -> Path | None:
        """The checkpoint that scored best so far, among those that were scored alike: best is not always last."""
        folders = dict(self.run.checkpoints())
        sheets = [sheet for sheet in read_scores(self.run.path) if sheet.step in folders]
        alike = [sheet for sheet in sheets if _measured_with(sheet) == _measured_with(sheets[-1])]
        found = best(alike)
        return None if found is None else folders[found.step]


def _measured_with(sheet: ScoreSheet) -> tuple[str, int, int]:
    return sheet.extractor_hash, sheet.n, sheet.n_real


def _thin(paths: list[Path], most: int, spared: Path | None = None) -> None:
    """Remove every second one of more than `most`, but for the first, the last two and the one that is spared."""
    if len(paths) > most:
        for path in paths[1:-2:2]:
            if path != spared:
                _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        # Renamed first: whoever looks, now or after this process was killed here, finds no half of it.
        gone = path if path.name.startswith(".") else path.rename(path.with_name(f".{path.name}.gone.tmp"))
        shutil.rmtree(gone)
    else:
        path.unlink(missing_ok=True)
