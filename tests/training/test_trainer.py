"""The loop, on toy models whose every step can be worked out."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from genlab.data.pictures import Pictures
from genlab.models.base import Batch, GenerativeModel, Metrics, Player, Stage
from genlab.models.priors import NormalPrior
from genlab.training.checkpoint import load_trainer, save_checkpoint
from genlab.training.trainer import DivergedError, Trainer, _decay
from tests.helpers import BY_NAME, CPU, advance, config, pictures, trainer


class Toy(GenerativeModel):
    """Two stages; in each, one number is pulled towards the batch's mean. The second begins with a fit."""

    key = "vae"  # a file of weights must name a model that there is
    title = "Toy"
    averaged = ("first",)

    def __init__(self, every: int = 1, decay_from: float = 1.0) -> None:
        super().__init__((1, 8, 8), None)
        self.first, self.second = nn.Linear(1, 1), nn.Linear(1, 1)
        self.register_buffer("fitted", torch.zeros(()))
        self.prior = NormalPrior(1)
        self.every, self.decay_from = every, decay_from
        self.calls: list[str] = []
        self.rates: list[float] = []

    def stages(self) -> list[Stage]:
        return [
            Stage("one", 0.25, [self._player("a", self.first)], lambda _: self.calls.append("begin")),
            Stage("two", 0.75, [self._player("b", self.second), self._player("c", self.first, self.every)], self._fit),
        ]

    def _player(self, name: str, layer: nn.Linear, every: int = 1) -> Player:
        def loss(batch: Batch) -> tuple[Tensor, Metrics]:
            self.calls.append(f"{name}{batch.step}")
            value = (layer(batch.x.mean().view(1, 1)) - batch.normal(1, 1)).square().mean() + self.fitted
            return value, {"loss": value.detach()}

        return Player(
            name,
            list(layer.parameters()),
            loss,
            lr=0.1,
            decay_from=self.decay_from,
            plays=lambda step: step % every == 0,
        )

    def _fit(self, data: Pictures) -> None:
        self.calls.append("fit")
        self.fitted.fill_(data.images.float().mean() + self.first.weight.sum().item())


def toy(steps: int = 8, **options: Any) -> tuple[Toy, Trainer]:
    torch.manual_seed(0)
    model = Toy(**options)
    return model, Trainer(model, pictures(), config(steps=steps), CPU, "fp32")


def test_stages_follow_one_another_by_their_share() -> None:
    model, training = toy(8)
    names = []
    for _ in range(8):
        training.step()
        names.append(training.stage)
    assert names == ["one"] * 2 + ["two"] * 6
    assert model.calls[:5] == ["begin", "a0", "a1", "fit", "b2"]
    assert model.calls.count("fit") == model.calls.count("begin") == 1


def test_a_player_plays_each_nth_step() -> None:
    model, training = toy(8, every=3)
    advance(training, 8)
    assert [call for call in model.calls if call[0] == "c"] == ["c3", "c6"]
    assert [call for call in model.calls if call[0] == "b" and call != "begin"] == [f"b{step}" for step in range(2, 8)]


def test_a_stage_begins_with_a_fresh_optimiser() -> None:
    _, training = toy(8)
    advance(training, 2)
    first = training.optimisers
    advance(training, 1)
    assert set(first) == {"a"}
    assert set(training.optimisers) == {"b", "c"}
    assert training.optimisers["b"].state_dict()["state"][0]["step"].item() == 1


@pytest.mark.parametrize("at", [1, 2, 3, 5])
def test_resuming_in_any_stage_gives_the_uninterrupted_weights(
    at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genlab.training.checkpoint.save_model", lambda *_: None)  # a toy is no model to share
    whole, training = toy(8, decay_from=0.2)
    advance(training, 8)
    _, interrupted = toy(8, decay_from=0.2)
    save_checkpoint(advance(interrupted, at), tmp_path / "at", 10)
    model, resumed = toy(8, decay_from=0.2)
    load_trainer(resumed, tmp_path / "at")
    assert (resumed.stage, resumed.step_count) == (interrupted.stage, at)
    advance(resumed, 8 - at)
    assert all(torch.equal(a, b) for a, b in zip(whole.state_dict().values(), model.state_dict().values(), strict=True))
    assert model.calls.count("fit") == (1 if at < 3 else 0)  # what a stage begins with is not done again


@pytest.mark.parametrize(
    ("start", "progress", "factor"),
    [(0.5, 0.3, 1.0), (0.5, 0.5, 1.0), (0.5, 0.75, 0.5), (0.5, 1.0, 0.0), (0.0, 0.25, 0.75)],
)
def test_decay_is_a_straight_line_to_zero(start: float, progress: float, factor: float) -> None:
    assert _decay(start, progress) == pytest.approx(factor)
    assert _decay(1.0, progress) == 1.0
    assert _decay(start, 1.2) == 0.0


def test_rates_fall_within_their_own_stage() -> None:
    _, training = toy(8, decay_from=0.5)
    rates = []
    for _ in range(8):
        training.step()
        (name, *_) = training.optimisers
        rates.append(training.optimisers[name].param_groups[0]["lr"] / 0.1)
    assert rates == pytest.approx([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2 / 3, 1 / 3])


def test_the_factor_on_the_rates_counts_at_once() -> None:
    _, training = toy(8)
    training.lr_scale = 0.25
    training.step()
    assert training.optimisers["a"].param_groups[0]["lr"] == pytest.approx(0.025)


def test_a_rate_of_zero_would_change_nothing() -> None:
    model, training = toy(8)
    before = model.first.weight.clone()
    training.lr_scale = 0.0
    training.step()
    assert torch.equal(model.first.weight, before)


def test_metrics_are_means_since_the_last_look() -> None:
    model, training = toy(100)
    model.fitted.fill_(1.0)
    seen = []
    for _ in range(4):
        training.step()
        seen.append(training._sums["a/loss"][0].item())
    assert training.take_metrics()["a/loss"] == pytest.approx(seen[-1] / 4)
    assert training.take_metrics() == {}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_ends_in_a_sentence(value: float) -> None:
    model, training = toy(8)
    model.fitted.fill_(value)
    advance(training, 2)
    with pytest.raises(DivergedError, match=r"The a's loss stopped being a finite number before step 2.*learning rate"):
        training.take_metrics()


@pytest.mark.parametrize("name", ["gan", "dcgan", "vae"])
def test_a_broken_weight_is_found_before_anything_is_made_of_it(name: str) -> None:
    training = advance(trainer(BY_NAME[name]), 2)
    training.take_metrics()
    with torch.no_grad():
        next(training.model.parameters()).view(-1)[0] = float("nan")
    with pytest.raises(DivergedError, match="A weight stopped being a finite number"):
        training.sampler(10)


def test_progress_of_the_three_budgets() -> None:
    for budget, expected in (({"steps": 8}, 0.25), ({"images": 128}, 0.25), ({"minutes": 1.0}, 0.5)):
        training = trainer(BY_NAME["vae"], **budget)
        advance(training, 2)
        training.seconds = 30.0
        assert training.progress == pytest.approx(expected)
        assert training.images == 32
    training.seconds = 1e6
    assert training.progress == 1.0


def test_the_sampler_has_the_averaged_weights_and_a_fitted_prior() -> None:
    training = advance(trainer(BY_NAME["vae mlp"]), 5)
    assert training.average is not None
    model = training.sampler(20)
    averaged, raw = training.average.modules["decoder"].state_dict(), training.model.decoder.state_dict()
    assert all(torch.equal(tensor, averaged[name]) for name, tensor in model.decoder.state_dict().items())
    assert any(not torch.equal(tensor, raw[name]) for name, tensor in averaged.items())
    assert model.prior.means.abs().max() > 0
    assert training.model.prior.means.abs().max() == 0  # the training's own is left alone
    assert not model.training
    assert training.model.training
