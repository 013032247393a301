"""A run trained from its configuration to its last word, in this process."""

import errno
import shutil

import pytest
import torch

from genlab.data import DataError
from genlab.runs import recorder
from genlab.runs import session as module
from genlab.runs.control import pause, set_lr_scale, stop
from genlab.runs.disk import RESERVE_FILE
from genlab.runs.orders import Orders, write_orders
from genlab.runs.sampling import load_checkpoint
from genlab.runs.session import Session
from genlab.runs.status import STATUS_FILE, Status, run_lock, write_status
from genlab.runs.store import Run, create_run
from genlab.training.checkpoint import REPLACED, STATE_FILE, TENSORS_FILE, is_resumable
from genlab.training.trainer import Trainer
from tests.helpers import BY_NAME, config, train_run

MODEL = BY_NAME["vae"]
LONG = config("vae", options=MODEL.options, steps=10**6)


def small(steps: int = 30, **values: object) -> Run:
    return create_run(config("vae", options=MODEL.options, steps=steps, **values))


def weights(run: Run) -> dict[str, bytes]:
    step, folder = run.checkpoints()[-1]
    return {"step": b"%d" % step} | {path.name: path.read_bytes() for path in folder.glob("*.safetensors")}


def trained_until(run: Run, step: int, monkeypatch: pytest.MonkeyPatch, then: object) -> Status:
    """Train a run; once it is at `step`, `then` happens to it."""
    original = Trainer.step

    def watched(self: Trainer) -> None:
        original(self)
        if self.step_count == step and torch.is_grad_enabled():
            then(self)  # type: ignore[operator]

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "step", watched)
        return train_run(run=run)[1]


def test_a_run_is_trained_to_its_end() -> None:
    run, status = train_run(config("vae", options=MODEL.options, steps=30), None)
    assert status == run.status()
    assert (status.state, status.step, status.total_steps, status.progress) == ("finished", 30, 30, 1.0)
    assert (status.why, status.note, status.eta_seconds, status.precision) == ("", "", None, "fp32")
    assert status.images_per_second > 0
    assert "cpu" in status.device
    assert [step for step, _ in run.samples()] == [0, 30]
    assert [step for step, _ in run.checkpoints()] == [30]
    assert run.metrics()["step"].tolist()[-1] == 30
    assert "Training vae on 1438 pictures of digits from step 0" in run.log_tail()
    assert "finished at step 30" in run.log_tail()
    assert not (run.path / RESERVE_FILE).exists()
    assert load_checkpoint(run)[0].classes == tuple("0123456789")


@pytest.mark.parametrize("budget", [{"images": 100}, {"minutes": 0.003}])
def test_the_other_budgets_end_too(budget: dict[str, float]) -> None:
    _, status = train_run(config("vae", options=MODEL.options, **budget))
    assert (status.state, status.progress) == ("finished", 1.0)
    assert status.step == 7 if "images" in budget else status.seconds >= 0.18


@pytest.mark.parametrize(("order", "state"), [(pause, "paused"), (stop, "stopped")])
def test_orders_end_a_run_with_a_checkpoint(
    order: object, state: str, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    run = create_run(LONG)
    monkeypatch.setattr("genlab.runs.control.LOCK_SECONDS", 0.0)
    status = trained_until(run, 5, monkeypatch, lambda _: order(run))  # type: ignore[operator]
    assert (status.state, status.note, status.eta_seconds) == (state, "", None)
    assert 5 <= status.step == run.checkpoints()[-1][0] == run.samples()[-1][0] == run.metrics()["step"].iloc[-1]
    assert status.images_per_second > 0
    assert is_resumable(run.checkpoints()[-1][1])


def test_a_run_goes_on_bit_for_bit_after_any_number_of_pauses(monkeypatch: pytest.MonkeyPatch, quick: None) -> None:
    for name in ("LOG_SECONDS", "LOG_SECONDS_MAX"):
        monkeypatch.setattr(recorder, name, 0.0)  # orders are looked at after every step
    whole, _ = train_run(run=small(60))
    run = small(60)
    monkeypatch.setattr("genlab.runs.control.LOCK_SECONDS", 0.0)
    for step in (7, 25):
        assert trained_until(run, step, monkeypatch, lambda _: pause(run)).state == "paused"
        write_orders(run.path, Orders())
    _, status = train_run(run=run)
    assert (status.state, status.precision_why) == ("finished", "kept from the checkpoint")
    assert weights(run) == weights(whole)
    assert run.metrics()["step"].is_monotonic_increasing


def test_an_interrupted_session_pauses_after_its_step() -> None:
    run = create_run(LONG)
    with run_lock(run.path):
        session = Session(run)
        session.interrupted = "paused"
        status = session.train()
    assert (status.state, status.step) == ("paused", 1)


def test_the_factor_on_the_rates_is_taken_up_and_kept(monkeypatch: pytest.MonkeyPatch, quick: None) -> None:
    run = create_run(LONG)
    monkeypatch.setattr("genlab.runs.control.LOCK_SECONDS", 0.0)
    seen = []

    def then(trainer: Trainer) -> None:
        set_lr_scale(run, 0.25)

    original = Session._tell

    def tell(self: Session, trainer: Trainer, writer: object) -> None:
        original(self, trainer, writer)  # type: ignore[arg-type]
        seen.append(trainer.lr_scale)
        if trainer.lr_scale == 0.25:
            pause(run)

    monkeypatch.setattr(Session, "_tell", tell)
    assert trained_until(run, 3, monkeypatch, then).state == "paused"
    assert seen[0] == 1.0
    assert seen[-1] == 0.25
    assert run.metrics()["lr_scale"].iloc[-1] == 0.25


@pytest.mark.parametrize(
    ("error", "says", "logged"),
    [
        (DataError("The mirror is down."), "The mirror is down.", "The mirror is down."),
        (OSError(errno.ENOSPC, "No space left"), "The disk is full. Free some space and resume", "Traceback"),
        (
            PermissionError(errno.EACCES, "Permission denied", "/x"),
            "refused to read or write (/x): Permission",
            "Traceback",
        ),
        (ZeroDivisionError("boo"), "A fault in the program ended it: ZeroDivisionError: boo. The log has", "Traceback"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_goes_wrong_ends_in_failed_and_a_sentence(
    monkeypatch: pytest.MonkeyPatch, error: Exception, says: str, logged: str
) -> None:
    run = small()

    def then(_: Trainer) -> None:
        raise error

    status = trained_until(run, 3, monkeypatch, then)
    assert status.state == "failed"
    assert says in status.why
    assert logged in run.log_tail()
    assert run.status().can_resume
    assert not (run.path / RESERVE_FILE).exists()
    assert train_run(run=run)[1].state == "finished"


def test_losses_that_are_no_numbers_end_a_run_and_spoil_no_checkpoint(
    monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    run = create_run(LONG)

    def spoil(trainer: Trainer) -> None:
        with torch.no_grad():
            next(trainer.model.parameters()).fill_(float("nan"))

    def when_saved(trainer: Trainer) -> None:
        if run.checkpoints():
            spoil(trainer)

    original = Trainer.step

    def step(self: Trainer) -> None:
        original(self)
        when_saved(self)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "step", step)
        _, status = train_run(run=run)
    assert status.state == "failed"
    assert "stopped being a finite number" in status.why
    assert run.metrics()["diverged"].iloc[-1] == 1.0
    assert "Lower the learning rate" in status.why
    model = load_checkpoint(run)[0].model
    assert all(torch.isfinite(tensor).all() for tensor in model.state_dict().values())


@pytest.mark.parametrize("name", [TENSORS_FILE, STATE_FILE])
def test_behind_a_damaged_checkpoint_a_run_goes_on_from_the_one_before(
    monkeypatch: pytest.MonkeyPatch, quick: None, name: str
) -> None:
    whole, _ = train_run(run=small(60))
    run = small(60)
    for name_ in ("LOG_SECONDS", "LOG_SECONDS_MAX"):
        monkeypatch.setattr(recorder, name_, 0.0)
    monkeypatch.setattr("genlab.runs.control.LOCK_SECONDS", 0.0)
    for step in (7, 25):
        trained_until(run, step, monkeypatch, lambda _: pause(run))
        write_orders(run.path, Orders())
    before, (last, folder) = (
        [entry[0] for entry in run.checkpoints() if is_resumable(entry[1])][-2],
        (run.checkpoints()[-1]),
    )
    (folder / name).write_bytes(b"broken")
    seen = []
    with run_lock(run.path):
        status = Session(run, lambda told: seen.append((told.step, told.why))).train()
    assert status.state == "finished"
    assert f"The last checkpoint was damaged, so it went on from step {before}." in [why for _, why in seen]
    assert f"from step {before}" in run.log_tail()
    assert before < last
    assert weights(run) == weights(whole)


def test_where_all_checkpoints_are_damaged_the_run_says_so_and_keeps_them() -> None:
    run = small(20)
    train_run(run=run)
    (_, folder) = run.checkpoints()[-1]
    (folder / TENSORS_FILE).write_bytes(b"broken")
    _, status = train_run(run=run)
    assert status.state == "failed"
    assert status.why.startswith(f"The file {folder / TENSORS_FILE} is")
    assert status.why.endswith("Start a new run.")
    assert folder.is_dir()


def test_a_checkpoint_killed_while_it_took_anothers_place_is_put_back() -> None:
    run = small(20)
    train_run(run=run)
    step, folder = run.checkpoints()[-1]
    folder.rename(folder.with_name(f".{folder.name}{REPLACED}"))
    assert run.checkpoints() == []
    assert train_run(run=run)[1].state == "finished"
    assert run.checkpoints()[-1][0] == step
    assert f"from step {step}" in run.log_tail()
    assert not list(folder.parent.glob(".*"))


def test_a_download_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    run = small()

    def load(name: str, split: str, progress: object) -> None:
        stop(run)
        progress(1, 2, "pictures")  # type: ignore[operator]
        raise AssertionError("the download went on")

    monkeypatch.setattr("genlab.runs.control.LOCK_SECONDS", 0.0)
    monkeypatch.setattr(module, "load", load)
    assert train_run(run=run)[1].state == "stopped"
    assert "before its training began" in run.log_tail()


def test_a_folder_removed_by_hand_is_not_brought_back(monkeypatch: pytest.MonkeyPatch, quick: None) -> None:
    run = create_run(LONG)
    trained_until(run, 5, monkeypatch, lambda _: shutil.rmtree(run.path))
    assert not (run.path / STATUS_FILE).exists()


def test_a_status_that_cannot_be_written_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = small()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "write_status", full)
    train_run(run=run)
    assert "its status could not be written" in caplog.text


def test_a_finished_run_of_the_past_is_not_touched_by_a_status_of_now() -> None:
    run = small()
    write_status(run.path, Status("finished"))
    with run_lock(run.path):
        assert run.status(holding=True).state == "finished"
