"""Train the run that the repository ships, and put it into ``genlab/runs/demo``.

    python tools/make_demo.py

The run is a plain one of the default model. What is left out afterwards is what only going on with the training
would need; weights are stored as float16 and some of the snapshots are dropped, to keep the repository small. What
remains is scored.
"""

import os
import shutil
import tempfile
from pathlib import Path

import torch
from safetensors.torch import save_file

from genlab.models.presets import preset
from genlab.models.storage import read_tensors
from genlab.runs.demo import DEMO
from genlab.runs.evaluating import evaluate
from genlab.runs.session import Session
from genlab.runs.status import run_lock
from genlab.runs.store import Run, create_run
from genlab.training.checkpoint import MODEL_FILE, keep_model_only
from genlab.training.config import RunConfig

STEPS = 2400
FRAMES = 24
CHECKPOINTS_KEPT = 6


def main() -> None:
    """Train, thin out, and replace the shipped run."""
    chosen = preset("hybrid")
    config = RunConfig(
        "mnist-5k", chosen.model, chosen.options, chosen.key, chosen.batch_size, steps=STEPS, precision="fp32"
    )
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GENLAB_HOME"] = folder
        run = create_run(config, state="paused")
        with run_lock(run.path):
            status = Session(run).train()
        if status.state != "finished":
            raise SystemExit(status.why)
        _shrink(run)
        _score(run)
        shutil.rmtree(DEMO, ignore_errors=True)
        shutil.copytree(run.path, DEMO / run.id)
    print(f"{status.step} steps in {status.seconds:.0f} s: {DEMO}")


def _shrink(run: Run) -> None:
    for path in _left_out(run.samples(), FRAMES):
        path.unlink()
    for path in _left_out(run.checkpoints(), CHECKPOINTS_KEPT):
        shutil.rmtree(path)
    for _, checkpoint in run.checkpoints():
        keep_model_only(checkpoint)
        _halve(checkpoint / MODEL_FILE)


def _score(run: Run) -> None:
    """As a worker does it: quickly on the way, fully at the end; of the weights that are shipped."""
    *before, (last, _) = run.checkpoints()
    for step, _ in before:
        evaluate(run, step, "quick")
    evaluate(run, last, "full")


def _left_out(steps: list[tuple[int, Path]], kept: int) -> list[Path]:
    """All but `kept` of the paths, evenly spread from the first to the last."""
    chosen = {round(index * (len(steps) - 1) / (kept - 1)) for index in range(kept)}
    return [path for index, (_, path) in enumerate(steps) if index not in chosen]


def _halve(path: Path) -> None:
    tensors, metadata = read_tensors(path)
    halves = {name: t.half() if t.dtype == torch.float32 else t for name, t in tensors.items()}
    save_file(halves, path, metadata)


if __name__ == "__main__":
    main()
