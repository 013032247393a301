"""Branches: what they start with, what they say of it, and that they resume exactly."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from genlab.models import ModelError
from genlab.models.storage import WeightsError, load_model
from genlab.runs import branching, recorder
from genlab.runs.branching import branch, starts
from genlab.runs.control import pause
from genlab.runs.orders import Orders, write_orders
from genlab.runs.provenance import Origin, read_origin
from genlab.runs.store import CONFIG_FILE, START_FILE, Run, RunError, create_run, open_run
from genlab.runs.verdicts import Action
from genlab.training.checkpoint import MODEL_FILE, keep_model_only, start_from
from genlab.training.trainer import Trainer
from tests.helpers import BY_NAME, config, same, train_run

GAN, VAE, HYBRID = BY_NAME["gan"], BY_NAME["vae"], BY_NAME["hybrid"]


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Branches are trained in this process."""
    monkeypatch.setattr(branching, "ensure_workers", lambda: None)


def trained(case: str = "gan", steps: int = 12) -> Run:
    asked = config(BY_NAME[case].model, options=BY_NAME[case].options, steps=steps)
    return train_run(asked)[0]


def states(run: Run, step: int) -> dict[str, torch.Tensor]:
    return load_model(dict(run.checkpoints())[step] / MODEL_FILE).model.state_dict()


def begun(run: Run, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Raw and averaged weights of a training before its first step."""
    seen = []
    original = Trainer.step

    def step(self: Trainer) -> None:
        if not seen:
            average = {} if self.average is None else self.average.modules.state_dict()
            seen.extend({name: t.clone() for name, t in s.items()} for s in (self.model.state_dict(), average))
        original(self)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "step", step)
        assert train_run(run=run)[1].state == "finished"
    return seen[0], seen[1]


def test_a_branch_starts_with_the_weights_of_the_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    run = trained()
    made = branch(run, Action({"r1_gamma": 10.0}, 12))
    assert made.config.options == {**run.config.options, "r1_gamma": 10.0}
    assert made.config.total_steps == run.config.total_steps
    assert made.origin == open_run(made.id).origin == Origin(run.id, 12)
    assert run.origin is None
    raw, average = begun(made, monkeypatch)
    parent = states(run, 12)
    assert same(raw, parent)
    generator = {name: t for name, t in parent.items() if name.startswith("generator.")}
    assert same(average, generator)
    assert not same(states(made, 12), parent)


def test_checkpoints_that_cannot_be_resumed_from_can_be_branched_from() -> None:
    run = trained()
    keep_model_only(run.checkpoints()[-1][1])
    assert starts(run) == [12]
    assert (branch(run, Action({}, 12)).path / START_FILE).exists()


def test_a_branch_outlives_the_run_it_came_from() -> None:
    run = trained()
    made = branch(run, Action({}, 12))
    shutil.rmtree(run.path)
    assert train_run(run=made)[1].state == "finished"


def test_new_state_stays_fresh_where_the_weights_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    run = trained()
    made = branch(run, Action({"augment": "adaptive"}, 12))
    assert made.origin == Origin(run.id, 12)
    raw, _ = begun(made, monkeypatch)
    assert raw.pop("augment.strength") == 0.0
    assert same(raw, states(run, 12))


def test_weights_that_do_not_fit_are_left_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    run = trained()
    for options in ({"critic_norm": "spectral"}, {"latent": 9}):
        made = branch(run, Action(options, 12))
        assert made.origin == Origin(run.id, None)
        assert not (made.path / START_FILE).exists()
        assert train_run(run=made)[1].state == "finished"


def test_models_of_several_stages_begin_anew() -> None:
    run = trained("hybrid")
    assert starts(run) == []
    assert branch(run, Action({"beta": 0.1}, 12)).origin == Origin(run.id, None)


def test_a_branch_with_fresh_weights_is_the_run_itself_with_other_options() -> None:
    run = trained("vae")
    same_again = branch(run, Action({}, None))
    train_run(run=same_again)
    assert same_again.origin == Origin(run.id, None)
    assert same(states(same_again, 12), states(run, 12))


def test_what_cannot_be_branched_from_is_refused() -> None:
    run = trained("vae")
    with pytest.raises(RunError, match="no checkpoint of step 7"):
        branch(run, Action({}, 7))
    with pytest.raises(ModelError, match="beta"):
        branch(run, Action({"beta": -1.0}, 12))
    (run.checkpoints()[-1][1] / MODEL_FILE).write_bytes(b"not this")
    with pytest.raises(WeightsError, match="damaged"):
        branch(run, Action({}, 12))
    assert starts(create_run(config())) == []


@pytest.mark.parametrize("entry", [{}, [], {"run": 1, "step": 2}, {"run": "a", "step": -1}, {"run": "a", "step": True}])
def test_a_damaged_origin_is_no_origin(entry: object) -> None:
    with pytest.raises(ValueError, match="branched_from"):
        read_origin({"branched_from": entry})
    run = create_run(config())
    record = json.loads((run.path / CONFIG_FILE).read_text())
    assert "branched_from" not in record
    (run.path / CONFIG_FILE).write_text(json.dumps({**record, "branched_from": entry}))
    assert CONFIG_FILE in (open_run(run.id).problem or "")


@pytest.mark.parametrize("at", [3, 9])
def test_a_branch_goes_on_bit_for_bit(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOG_SECONDS", "LOG_SECONDS_MAX"):
        monkeypatch.setattr(recorder, name, 0.0)  # orders are looked at after every step
    monkeypatch.setattr("genlab.runs.control.LOCK_SECONDS", 0.0)
    run = trained()
    whole, parted = (branch(run, Action({"r1_gamma": 5.0}, 12)) for _ in range(2))
    train_run(run=whole)
    original = Trainer.step

    def step(self: Trainer) -> None:
        original(self)
        if self.step_count == at and torch.is_grad_enabled():
            pause(parted)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "step", step)
        assert train_run(run=parted)[1].state == "paused"
    write_orders(parted.path, Orders())
    assert train_run(run=parted)[1].state == "finished"
    files = ["model.safetensors", "trainer.safetensors"]
    ends = [[(r.checkpoints()[-1][1] / name).read_bytes() for name in files] for r in (whole, parted)]
    assert ends[0] == ends[1]


def test_a_start_that_lacks_a_weight_is_no_start(tmp_path: Path) -> None:
    from genlab.models.storage import read_tensors, save_tensors

    run = trained("vae")
    tensors, _ = read_tensors(run.checkpoints()[-1][1] / MODEL_FILE)
    model = VAE.build(n_classes=10)
    path = tmp_path / "weights.safetensors"
    save_tensors({name: t.half() if t.is_floating_point() else t for name, t in tensors.items()}, path)
    start_from(model, path)  # kept in half the space
    name = next(iter(dict(model.named_parameters())))
    save_tensors({other: t for other, t in tensors.items() if other != name}, path)
    with pytest.raises(WeightsError, match=name):
        start_from(model, path)
