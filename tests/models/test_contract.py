"""What every model promises, held for each row of the contract table."""

from pathlib import Path

import pytest
import torch

from genlab.data.pictures import Pictures, to_floats
from genlab.models import MODELS, GenerativeModel, ModelError, build
from genlab.models.base import Batch, Shape
from genlab.models.presets import PRESETS
from genlab.training.trainer import Trainer
from tests.helpers import (
    CASES,
    CLASSES,
    CPU,
    FIT_ON,
    Case,
    advance,
    assert_trains,
    drawn,
    each_case,
    everything,
    pictures,
    same,
    seeded,
    trainer,
)

SHAPES: list[Shape] = [(1, 8, 8), (3, 16, 16), (1, 28, 28), (3, 32, 32)]


def test_every_model_has_a_row() -> None:
    assert {case.model for case in CASES} == set(MODELS)
    assert all(model.key == key and model.title for key, model in MODELS.items())


@each_case
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_shapes_and_ranges(case: Case, shape: Shape) -> None:
    model = case.build(shape).eval()
    x = to_floats(pictures(shape, 5).images)
    z = model.prior.draw(4, seeded())
    assert z.shape == (4, model.prior.size)
    with torch.no_grad():
        images, features = model.sample(100 * z), model.features(x)
        assert images.shape == (4, *shape)
        assert images.dtype == torch.float32
        assert -1.0 <= images.min() <= images.max() <= 1.0
        assert features.ndim == 2
        assert len(features) == 5
        assert torch.isfinite(features).all()
        if model.has_encoder:
            latents = model.encode(x)
            assert latents.shape == (5, model.prior.size)
            assert torch.isfinite(latents).all()
            # Latents are the features too, unless the model has others for maps: more of them, then.
            assert torch.equal(latents, features) or features.shape[1] > latents.shape[1]


@each_case
def test_stages_share_the_budget_and_name_the_players(case: Case) -> None:
    model = case.build()
    stages = model.stages()
    assert sum(stage.share for stage in stages) == pytest.approx(1.0)
    trained = set()
    for stage in stages:
        names = [player.name for player in stage.players]
        assert len(set(names)) == len(names)
        listed = [id(parameter) for player in stage.players for parameter in player.parameters]
        assert len(set(listed)) == len(listed)
        trained |= set(listed)
    assert trained == {id(parameter) for parameter in model.parameters()}


@each_case
def test_a_model_says_which_modules_are_averaged(case: Case) -> None:
    model = case.build()
    for name in model.averaged:
        assert isinstance(getattr(model, name), torch.nn.Module)


@each_case
def test_losses_are_scalars_and_their_metrics_detached(case: Case) -> None:
    model, data = case.build(), pictures()
    batch = Batch(to_floats(data.images), data.labels, 0, seeded())
    for player in model.stages()[0].players:
        loss, metrics = player.loss(batch)
        assert loss.shape == ()
        assert loss.requires_grad
        assert "loss" in metrics
        assert all(value.shape == () and not value.requires_grad for value in metrics.values())


@each_case
def test_the_batchs_generator_is_the_only_source_of_randomness(case: Case) -> None:
    training = trainer(case)
    torch.manual_seed(77)
    before = torch.get_rng_state()
    advance(training, 2)
    assert torch.equal(torch.get_rng_state(), before)


@each_case
def test_each_player_moves_its_own_weights_and_no_others(case: Case) -> None:
    training = trainer(case)
    batch = training._next_batch()
    for player in training.players:
        training._play(player, batch, 1.0)
    for player in training.players:
        others = [p for other in training.players if other is not player for p in other.parameters]
        own = list(player.parameters)
        weights, grads = [p.detach().clone() for p in others], [p.grad.clone() for p in others]
        before = [p.detach().clone() for p in own]
        training._play(player, batch, 1.0)
        assert all(torch.equal(p, w) for p, w in zip(others, weights, strict=True))
        assert all(torch.equal(p.grad, g) for p, g in zip(others, grads, strict=True))
        assert all(p.requires_grad for p in [*own, *others])
        assert any(not torch.equal(p, w) for p, w in zip(own, before, strict=True))


@each_case
def test_a_few_pictures_are_learned_by_heart(case: Case) -> None:
    data = pictures(n=16)
    model = advance(trainer(case, data, steps=300), 300).sampler(FIT_ON)
    real = to_floats(data.images).flatten(1)

    def distance(model: GenerativeModel) -> float:
        return torch.cdist(drawn(model, 64).flatten(1), real).min(1).values.median().item()

    assert distance(model) < 0.8 * distance(case.build())


@each_case
def test_training_is_a_function_of_the_seed(case: Case, tmp_path: Path) -> None:
    first = everything(advance(trainer(case), 6), tmp_path / "1")
    assert everything(advance(trainer(case), 6), tmp_path / "2") == first
    assert everything(advance(trainer(case, seed=1), 6), tmp_path / "3") != first


@each_case
def test_resuming_gives_bit_for_bit_what_an_uninterrupted_training_gives(case: Case, tmp_path: Path) -> None:
    from genlab.training.checkpoint import load_trainer, save_checkpoint

    whole = everything(advance(trainer(case, steps=20), 20), tmp_path / "whole")
    save_checkpoint(advance(trainer(case, steps=20), 7), tmp_path / "part", FIT_ON)
    resumed = trainer(case, steps=20)
    advance(resumed, 2)  # what it did before it was loaded must not matter
    torch.manual_seed(5)
    load_trainer(resumed, tmp_path / "part")
    assert resumed.step_count == 7
    assert everything(advance(resumed, 13), tmp_path / "resumed") == whole


@each_case
def test_looking_at_a_training_does_not_change_it(case: Case, tmp_path: Path) -> None:
    alone, watched = trainer(case), trainer(case)
    for _ in range(5):
        alone.step()
        watched.step()
        watched.take_metrics()
        drawn(watched.sampler(FIT_ON))
    assert everything(watched, tmp_path / "watched") == everything(alone, tmp_path / "alone")


@each_case
def test_drawing_is_deterministic_and_leaves_the_model_as_it_was(case: Case) -> None:
    model = advance(trainer(case), 3).sampler(FIT_ON)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    first = drawn(model)
    assert torch.isfinite(first).all()
    assert torch.equal(drawn(model), first)
    assert not torch.equal(drawn(model, seed=1), first)
    with torch.no_grad():
        model.features(to_floats(pictures().images))
    assert same(model.state_dict(), before)


@each_case
@pytest.mark.parametrize("n", [2, 17])
def test_any_number_of_pictures_trains(case: Case, n: int) -> None:
    assert_trains(trainer(case, pictures(n=n), batch_size=2))


@each_case
def test_unlabelled_pictures_train(case: Case) -> None:
    if case.needs_classes:
        with pytest.raises(ModelError, match="classes"):
            case.build(n_classes=0)
        return
    data = pictures()
    assert_trains(trainer(case, Pictures(data.name, data.images, None)))


@pytest.mark.parametrize("key", PRESETS)
def test_every_preset_trains(key: str) -> None:
    preset = PRESETS[key]
    smaller = {"width": 2} if "width" in preset.options else {}
    data = pictures((1, 28, 28), 8)
    from genlab.training.config import RunConfig

    asked = RunConfig("digits", preset.model, {**preset.options, **smaller}, key, 4, steps=3, precision="fp32")
    torch.manual_seed(0)
    training = Trainer(build(preset.model, data.shape, asked.options, CLASSES), data, asked, CPU, "fp32")
    advance(training, 3)
    assert training.take_metrics()
    assert torch.isfinite(drawn(training.sampler(FIT_ON))).all()
