"""Vital signs against numbers by hand; looking at them changes nothing."""

import math
from itertools import chain
from pathlib import Path

import pytest
import torch
from torch import nn

from genlab.data.pictures import to_floats
from genlab.models.losses import gaussian_kl
from genlab.runs.metrics import VITAL_SIGNS
from genlab.training.vitals import Vitals, relative_diversity, spectral_norm
from tests.helpers import BY_NAME, CASES, FIT_ON, Case, advance, each_case, everything, pictures, trainer

HELD_OUT = pictures(n=20, seed=1)


@each_case
def test_taking_vital_signs_does_not_change_a_training(case: Case, tmp_path: Path) -> None:
    alone, watched = trainer(case, steps=8), trainer(case, steps=8)
    vitals = Vitals(watched, HELD_OUT)
    for _ in range(8):  # models of several stages are looked at in each
        alone.step()
        watched.step()
        signs = vitals.gradients() | vitals.look(FIT_ON)
        assert all(math.isfinite(value) for value in signs.values())
        assert "samples/diversity" in signs
        assert {sign.partition("/")[2] for sign in signs} <= set(chain(*VITAL_SIGNS.values()))
    assert {f"{player.name}/gradient norm" for player in watched.players} <= set(signs)
    assert everything(watched, tmp_path / "watched") == everything(alone, tmp_path / "alone")


@pytest.mark.parametrize("case", [case for case in CASES if case.model in ("gan", "dcgan")], ids=lambda case: case.name)
def test_a_critic_is_looked_at(case: Case) -> None:
    signs = Vitals(advance(trainer(case), 2), HELD_OUT).look(FIT_ON)
    assert set(signs) == {
        "samples/diversity",
        "critic/spectral norm",
        "critic/training logit",
        "critic/generated logit",
        "critic/held-out logit",
    }


def test_without_held_out_pictures_there_is_nothing_about_them() -> None:
    for name in ("gan", "vae"):
        assert not [sign for sign in Vitals(trainer(BY_NAME[name]), None).look(FIT_ON) if "held-out" in sign]


def test_a_hybrid_is_a_vae_first_and_then_a_gan() -> None:
    training = trainer(BY_NAME["hybrid"], steps=8)
    vitals = Vitals(training, HELD_OUT)
    first = set(vitals.look(FIT_ON))
    second = set(Vitals(advance(training, 6), HELD_OUT).look(FIT_ON))
    assert training.stage == "adversarial"
    assert first - second == {"autoencoder/training loss", "autoencoder/held-out loss"}
    assert {sign.split("/")[0] for sign in second - first} == {"critic"}
    assert "encoder/latents in use" in first & second


def test_the_latents_in_use_are_those_with_some_kl() -> None:
    training = trainer(BY_NAME["vae"])
    model = training.model
    with torch.no_grad():
        model.encoder.head.weight.zero_()  # q(z|x) is then its bias, whatever the picture
        model.encoder.head.bias.copy_(torch.tensor([0.0, 1.0, 0.4, 2.0, 0.0, 0.0, 0.0, 0.0]))
    signs = Vitals(training, None).look(FIT_ON)
    assert signs["encoder/latents in use"] == 2  # KL is mean^2 / 2: 0, 0.5, 0.08 and 2 nats
    assert signs["encoder/least KL"] == 0.0
    assert signs["encoder/largest KL"] == pytest.approx(2.0)


def test_the_losses_are_those_of_the_model_that_draws() -> None:
    training = advance(trainer(BY_NAME["vae"]), 3)
    signs = Vitals(training, HELD_OUT).look(FIT_ON)
    model = training.sampler(FIT_ON)
    with torch.no_grad():
        for name, data in (("training", training.pictures), ("held-out", HELD_OUT)):
            x = to_floats(data.images)
            mean, log_variance = model.encoder(x)
            noise = torch.randn(mean.shape, generator=torch.Generator().manual_seed(0))
            output = model.decoder(mean + (0.5 * log_variance).exp() * noise)
            bound = model.reconstruction(output, x) + 0.5 * gaussian_kl(mean, log_variance).sum(1)
            assert signs[f"autoencoder/{name} loss"] == pytest.approx(float(bound.mean()), rel=1e-5)


def test_the_gradient_norm_is_that_of_the_last_step() -> None:
    training = advance(trainer(BY_NAME["gan"]), 2)
    squares = [p.grad.square().sum() for p in training.model.generator.parameters()]
    norms = Vitals(training, None).gradients()
    assert norms["generator/gradient norm"] == pytest.approx(float(sum(squares) ** 0.5), rel=1e-5)
    next(training.model.generator.parameters()).grad.fill_(math.inf)
    assert set(Vitals(training, None).gradients()) == {"critic/gradient norm"}


def test_diversity_by_hand() -> None:
    real = torch.tensor([[0.0, 0.0], [3.0, 4.0]]).view(2, 1, 1, 2)
    three = torch.tensor([[0.0, 0.0], [0.0, 0.0], [0.0, 3.0]]).view(3, 1, 1, 2)  # distances 0, 3, 3
    assert relative_diversity(three, real) == pytest.approx(2.0 / 5.0)
    assert relative_diversity(real, real) == 1.0
    assert math.isnan(relative_diversity(three[:2], three[:2]))


@pytest.mark.parametrize("shape", [(5, 5), (3, 40), (64, 2)])
def test_the_spectral_norm_is_the_largest_singular_value(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    exact = float(torch.linalg.matrix_norm(matrix, 2))
    assert spectral_norm(matrix) == pytest.approx(exact, rel=0.02)
    assert spectral_norm(torch.diag(torch.tensor([1.0, 3.0, 0.1]))) == pytest.approx(3.0)
    assert spectral_norm(torch.zeros(2, 2)) == 0.0


def test_the_largest_of_the_critics_spectral_norms_is_told() -> None:
    training = trainer(BY_NAME["gan"])
    layers = [layer for layer in training.model.critic.modules() if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        layers[1].weight.mul_(100.0)
        exact = float(torch.linalg.matrix_norm(layers[1].weight, 2))
    told = Vitals(training, None).look(FIT_ON)["critic/spectral norm"]
    assert told == pytest.approx(exact, rel=0.02)
