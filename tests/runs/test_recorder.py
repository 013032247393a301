"""What a training leaves on disk: how much of it, and of which steps."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from genlab.evaluation.sheet import ScoreSheet
from genlab.runs import recorder as module
from genlab.runs.recorder import GRID_COUNT, Recorder, _thin
from genlab.runs.scores import append_scores
from genlab.runs.store import Run, create_run
from genlab.training.checkpoint import is_resumable
from genlab.training.trainer import Trainer
from tests.helpers import BY_NAME, advance, config, trainer


@pytest.fixture
def run() -> Run:
    return create_run(config())


@pytest.fixture
def training() -> Trainer:
    return trainer(BY_NAME["vae"], steps=1000)


def test_thinning_keeps_the_first_and_the_last_two(tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.png" for i in range(9)]
    for path in paths:
        path.write_bytes(b"")
    _thin(paths, 9)
    assert len(list(tmp_path.iterdir())) == 9
    _thin(paths, 8)
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["0", "2", "4", "6", "7", "8"]


def test_snapshots_are_grids_of_the_same_latents_and_thinned_by_step(
    run: Run, training: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FRAMES_MAX", 4)
    recorder = Recorder(run, training)
    recorder.snapshot()
    first = run.samples()[0][1].read_bytes()
    recorder.snapshot()
    assert run.samples()[0][1].read_bytes() == first
    for step in (999_998, 999_999, 1_000_000, 1_000_001):  # a digit more: as texts these sort the other way round
        training.step_count = step
        recorder.snapshot()
    assert [step for step, _ in run.samples()] == [0, 999_999, 1_000_000, 1_000_001]
    with Image.open(run.samples()[0][1]) as image:
        assert image.size == (8 * 8 + 7, GRID_COUNT // 8 * 8 + 7)  # a pixel between them


def test_only_the_two_newest_checkpoints_can_be_resumed_from(
    run: Run, training: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHECKPOINTS_MAX", 5)
    recorder = Recorder(run, training)
    for step in (2, 999_999, 1_000_000, 1_000_001, 1_000_002, 1_000_003):
        training.step_count = step
        recorder.checkpoint(10)
    steps = {step: is_resumable(folder) for step, folder in run.checkpoints()}
    assert list(steps) == [2, 1_000_000, 1_000_002, 1_000_003]
    assert [step for step, resumable in steps.items() if resumable] == [1_000_002, 1_000_003]


def test_the_best_checkpoint_stays_beside_the_last(
    run: Run, training: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHECKPOINTS_MAX", 5)
    recorder = Recorder(run, training)
    sheet = ScoreSheet(2, "quick", "digits", "ab", 2000, 359, "test", 0)
    # Lower ones of a checkpoint that is gone, of another extractor and of more pictures do not count.
    append_scores(run.path, replace(sheet, step=7, scores={"fid": 0.1}))
    append_scores(run.path, replace(sheet, step=40, extractor_hash="cd", scores={"fid": 0.2}))
    append_scores(run.path, replace(sheet, step=40, n=10_000, scores={"fid": 0.3}))
    for step in range(10, 160, 10):
        training.step_count = step
        recorder.checkpoint(10)
        append_scores(run.path, replace(sheet, step=step, scores={"fid": abs(step - 20) + 1.0}))
    kept = [step for step, _ in run.checkpoints()]
    assert kept[:2] == [10, 20]
    assert kept[-2:] == [140, 150]
    assert len(kept) <= 6


def test_without_scores_the_second_checkpoint_goes(
    run: Run, training: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHECKPOINTS_MAX", 5)
    recorder = Recorder(run, training)
    for step in range(10, 160, 10):
        training.step_count = step
        recorder.checkpoint(10)
    assert 20 not in [step for step, _ in run.checkpoints()]


def test_what_a_killed_process_left_is_dropped(run: Run, training: Trainer) -> None:
    for name in ("samples", "checkpoints"):
        (run.path / name).mkdir()
    for step in (3, 9, 1_000_000):
        (run.path / "samples" / f"{step:06d}.png").write_bytes(b"")
        (run.path / "checkpoints" / f"{step:06d}").mkdir()
    (run.path / "samples" / ".000009.png.ab.tmp").write_bytes(b"")
    (run.path / "checkpoints" / ".000010.77.tmp").mkdir()
    (run.path / "checkpoints" / ".000009.77.old.tmp").mkdir()
    advance(training, 3)
    Recorder(run, training)
    assert [path.name for path in (run.path / "samples").iterdir()] == ["000003.png"]
    assert [path.name for path in (run.path / "checkpoints").iterdir()] == ["000003"]


def test_a_curve_point_is_written_only_where_there_were_steps(run: Run, training: Trainer) -> None:
    recorder = Recorder(run, training)
    assert not recorder.has_news()
    advance(training, 3)
    assert recorder.has_news()
    recorder.log()
    assert not recorder.has_news()
    recorder.log()
    table = run.metrics()
    assert table["step"].tolist() == [3]
    assert table["images"].tolist() == [48]
    assert table["images_per_second"].iloc[0] > 0
    assert {"autoencoder/loss", "autoencoder/reconstruction", "autoencoder/KL"} <= set(table.columns)


def test_vital_signs_stand_in_curve_points_as_seldom_as_they_must(
    run: Run, training: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("time.perf_counter", lambda: now)
    recorder = Recorder(run, training, held_out=training.pictures)
    look = recorder.vitals.look

    def slow(fit_on: int) -> dict[str, float]:
        nonlocal now
        now += 1.0
        return look(fit_on)

    monkeypatch.setattr(recorder.vitals, "look", slow)
    for seconds in (1.0, 150.0, 60.0):
        now += seconds
        recorder.trainer = advance(training, 1)
        recorder.log()
    now += 1.0
    training.step_count = 999
    advance(training, 1)
    recorder.log()
    table = run.metrics()
    for name in ("samples/diversity", "encoder/latents in use", "autoencoder/held-out loss"):
        assert table[name].notna().tolist() == [True, False, True, True]  # the first, after 200 s, and the last
    assert table["autoencoder/gradient norm"].notna().all()


def test_things_are_due_by_the_clock_and_wait_for_what_they_cost(
    run: Run, training: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("time.perf_counter", lambda: now)
    recorder = Recorder(run, training)
    assert not recorder.log_due()
    now += module.LOG_SECONDS
    assert recorder.log_due()
    now += 5.0
    recorder.save_what_is_due()
    assert (len(run.samples()), len(run.checkpoints())) == (1, 0)
    now += module.CHECKPOINT_SECONDS
    training.step_count = 5
    recorder.save_what_is_due()
    assert (len(run.samples()), len(run.checkpoints())) == (2, 1)
    recorder.save_what_is_due()
    assert (len(run.samples()), len(run.checkpoints())) == (2, 1)
    training.seconds = 10_000.0
    recorder.log()
    now += module.LOG_SECONDS_MAX
    assert recorder.log_due()
