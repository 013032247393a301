"""What every model promises, held for each row of the contract table."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from genlab.data.pictures import Pictures, to_floats
from genlab.models import MODELS, GenerativeModel, build
from genlab.models.base import Batch, Shape
from genlab.models.presets import PRESETS
from genlab.models.storage import StoredModel, WeightsError, load_model, save_model
from genlab.runs.sampling import generate
from genlab.training.trainer import Trainer
from tests.helpers import BY_NAME, CASES, CLASSES, CPU, FIT_ON, Case, advance, everything, pictures, same, trainer

SHAPES: list[Shape] = [(1, 8, 8), (3, 16, 16), (1, 28, 28), (3, 32, 32)]

each_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
each_gan = pytest.mark.parametrize(
    "case", [case for case in CASES if case.model != "vae"], ids=[case.name for case in CASES if case.model != "vae"]
)
WITH_R1 = [case for case in CASES if case.model != "vae" and case.options.get("r1_gamma", 1.0)]
each_with_r1 = pytest.mark.parametrize("case", WITH_R1, ids=[case.name for case in WITH_R1])
each_vae = pytest.mark.parametrize(
    "case", [case for case in CASES if case.model == "vae"], ids=[case.name for case in CASES if case.model == "vae"]
)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def drawn(model: GenerativeModel, n: int = 6, seed: int = 0) -> Tensor:
    with torch.no_grad():
        return model.sample(model.prior.draw(n, seeded(seed)))


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
            assert model.encode(x).shape == (5, model.prior.size)
            assert torch.equal(model.encode(x), features)


@each_case
def test_stages_share_the_budget_and_name_the_players(case: Case) -> None:
    model = case.build()
    stages = model.stages()
    assert sum(stage.share for stage in stages) == pytest.approx(1.0)
    for stage in stages:
        names = [player.name for player in stage.players]
        assert len(set(names)) == len(names)
        listed = [id(parameter) for player in stage.players for parameter in player.parameters]
        assert len(set(listed)) == len(listed)
        assert set(listed) == {id(parameter) for parameter in model.parameters()}


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
    advance(training, 1)
    batch = training._next_batch()
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


@each_vae
def test_a_vae_learns_one_batch_by_heart(case: Case) -> None:
    training = trainer(case, pictures(n=16), steps=400)
    advance(training, 1)
    first = training.take_metrics()["autoencoder/reconstruction"]
    advance(training, 150)
    training.take_metrics()
    advance(training, 5)
    last = training.take_metrics()["autoencoder/reconstruction"]
    if case.options.get("likelihood") == "gaussian":
        assert last < 0 < first
        return
    shades = 0.5 * (to_floats(training.pictures.images) + 1.0)  # their entropy remains, however well they are drawn
    entropy = torch.distributions.Bernoulli(shades).entropy().flatten(1).sum(1).mean().item()
    assert last - entropy < 0.25 * (first - entropy)


@each_vae
def test_a_trained_vae_draws_what_it_was_shown(case: Case) -> None:
    data = pictures(n=48)
    training = advance(trainer(case, data, steps=200), 200)
    samples = drawn(training.sampler(FIT_ON), 64)
    real = to_floats(data.images)
    distance = torch.cdist(samples.flatten(1), real.flatten(1)).min(1).values.median()
    untrained = torch.cdist(drawn(case.build()).flatten(1), real.flatten(1)).min(1).values.median()
    assert distance < 0.6 * untrained


@each_vae
def test_latents_of_a_class_lie_together(case: Case) -> None:
    data = pictures(n=48)
    model = advance(trainer(case, data, steps=150), 150).sampler(FIT_ON)
    with torch.no_grad():
        latents = model.encode(to_floats(data.images))
    centres = torch.stack([latents[data.labels == k].mean(0) for k in range(CLASSES)])
    assert (torch.cdist(latents, centres).argmin(1) == data.labels).float().mean() > 0.9


def test_a_prior_per_class_draws_the_class_that_was_asked_for() -> None:
    data = pictures(n=48)
    model = advance(trainer(BY_NAME["vae per-class"], data, steps=200), 200).sampler(FIT_ON)
    assert model.prior.n_classes == CLASSES
    real = to_floats(data.images)
    means = torch.stack([real[data.labels == k].mean(0) for k in range(CLASSES)]).flatten(1)
    for label in range(CLASSES):
        images = model.sample(model.prior.draw(20, seeded(), 0.7, label)).flatten(1)
        assert (torch.cdist(images, means).argmin(1) == label).float().mean() > 0.8


@each_gan
def test_a_critic_alone_tells_real_from_noise(case: Case) -> None:
    training = trainer(case, pictures(n=16), steps=1000)
    generator, critic = training.players
    x = to_floats(training.pictures.images)
    batch = Batch(x, None, 1, seeded(), {"fake": torch.rand(x.shape, generator=seeded(1)) * 2 - 1})
    for _ in range(60):
        training._play(critic, batch, 1.0)
    training.take_metrics()
    training._play(critic, batch, 1.0)
    last = training.take_metrics()
    assert (last["critic/real right"], last["critic/fake right"]) == (1.0, 1.0)
    assert last["critic/loss"] < 0.5
    assert generator.name == "generator"


@each_gan
def test_a_generator_alone_fools_a_critic_that_does_not_learn(case: Case) -> None:
    training = trainer(case, pictures(n=16), steps=1000)
    generator = training.players[0]
    batch = training._next_batch()
    training._play(generator, batch, 1.0)
    first = training.take_metrics()["generator/loss"]
    for _ in range(60):
        training._play(generator, batch, 1.0)
    training.take_metrics()
    training._play(generator, batch, 1.0)
    assert training.take_metrics()["generator/loss"] < first - 0.05


@each_with_r1
def test_r1_is_played_every_sixteenth_step_with_sixteen_times_the_weight(case: Case) -> None:
    model, data = case.build().eval(), pictures(n=8)
    shared = {"fake": to_floats(data.images.flip(0))}
    x = to_floats(data.images)
    at = [model.stages()[0].players[1].loss(Batch(x, None, step, seeded(), shared)) for step in (0, 1, 15, 16)]
    assert ["R1" in metrics for _, metrics in at] == [True, False, False, True]
    assert at[0][0].item() == pytest.approx(at[1][0].item() + 16 * at[0][1]["R1"].item(), rel=1e-4)


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
def test_saving_and_loading_gives_the_same_pictures(case: Case, tmp_path: Path) -> None:
    model = advance(trainer(case), 5).sampler(FIT_ON)
    save_model(model, ("a", "b", "c"), tmp_path / "model.safetensors")
    stored = load_model(tmp_path / "model.safetensors")
    again = stored.model
    assert stored.classes == ("a", "b", "c")
    assert same(again.state_dict(), model.state_dict())
    assert (again.shape, again.n_classes, again.options) == (model.shape, model.n_classes, model.options)
    assert not again.training
    assert not any(parameter.requires_grad for parameter in again.parameters())
    assert torch.allclose(drawn(again), drawn(model), atol=1e-5)
    assert torch.equal(generate(again, 5, 1), generate(load_model(tmp_path / "model.safetensors").model, 5, 1))


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
def test_any_number_of_pictures_trains(case: Case) -> None:
    for n in (2, 17):
        advance(trainer(case, pictures(n=n), batch_size=2), 3)


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


# --- files that are not what they should be ---


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    save_model(BY_NAME["vae"].build(), ("a", "b", "c"), path)
    return path


def rewrite(path: Path, about: object = None, tensors: dict[str, Tensor] | None = None, **changes: object) -> None:
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        header = json.loads(file.metadata()["genlab"])
    about = {**header, **changes} if about is None else about
    save_file(load_file(path) if tensors is None else tensors, path, {"genlab": json.dumps(about)})


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 99},
        {"model": "diffusion"},
        {"model": ["vae"]},
        {"model": None},
        {"options": []},
        {"options": None},
        {"options": {"latent": 10**9}},
        {"options": {"colour": 1}},
        {"shape": [1, 8]},
        {"shape": [2, 8, 8]},
        {"shape": [1, 9, 9]},
        {"shape": [1, 10**6, 10**6]},
        {"shape": "888"},
        {"shape": [1.0, 8.0, 8.0]},
        {"classes": 3},
        {"classes": [1, 2, 3]},
        {"classes": ["a"] * 10_001},
        {"about": []},
        {"about": {}},
        {"about": "text"},
    ],
    ids=str,
)
def test_a_header_that_makes_no_sense_is_refused(stored: Path, changes: dict[str, object]) -> None:
    rewrite(stored, **changes)
    with pytest.raises(WeightsError, match="does not describe a model that this version knows"):
        load_model(stored)


def test_a_header_that_asks_for_too_much_costs_no_memory(stored: Path) -> None:
    rewrite(stored, shape=[3, 1024, 1024], options={"encoder": "conv", "width": 512, "latent": 512, "components": 200})
    with pytest.raises(WeightsError, match="lacks the tensor"):
        load_model(stored)


def test_a_file_without_our_header_is_refused(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="does not describe a model"):
        load_model(tmp_path / "other.safetensors")


def broken(tensors: dict[str, Tensor], how: str) -> dict[str, Tensor]:
    name = next(name for name in tensors if name.endswith("0.weight"))
    if how == "missing":
        del tensors[name]
    elif how == "extra":
        tensors["surprise"] = torch.zeros(1)
    elif how == "shape":
        tensors[name] = torch.zeros(3, 3)
    elif how == "type":
        tensors[name] = tensors[name].double()
    else:
        tensors[name] = torch.full_like(tensors[name], float(how))
    return tensors


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("missing", "lacks the tensor"),
        ("extra", "does not know"),
        ("shape", "but the model needs"),
        ("type", "of float64, but the model needs"),
        ("nan", "no numbers"),
        ("inf", "no numbers"),
    ],
)
def test_weights_that_do_not_fit_are_refused(stored: Path, how: str, says: str) -> None:
    rewrite(stored, tensors=broken(load_file(stored), how))
    with pytest.raises(WeightsError, match=says):
        load_model(stored)


@pytest.mark.parametrize("keep", [0, 5, 100, -1])
def test_a_file_cut_short_is_refused(stored: Path, keep: int) -> None:
    stored.write_bytes(stored.read_bytes()[:keep])
    with pytest.raises(WeightsError, match="is damaged"):
        load_model(stored)


def test_a_pickle_is_refused(stored: Path) -> None:
    torch.save({"weights": torch.zeros(2)}, stored)
    with pytest.raises(WeightsError, match="is damaged"):
        load_model(stored)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="is missing"):
        load_model(tmp_path / "nothing.safetensors")
    with pytest.raises(WeightsError, match="is damaged"):
        load_model(tmp_path)


def test_loading_draws_no_random_number(stored: Path) -> None:
    before = torch.get_rng_state()
    assert isinstance(load_model(stored), StoredModel)
    assert torch.equal(torch.get_rng_state(), before)


def test_unlabelled_pictures_train() -> None:
    data = pictures()
    unlabelled = Pictures(data.name, data.images, None)
    for name in ("gan", "vae"):
        advance(trainer(BY_NAME[name], unlabelled), 2)
