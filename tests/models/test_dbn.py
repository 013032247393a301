"""Restricted Boltzmann machines against enumeration, and what sampling from them promises."""

import itertools

import pytest
import torch
from torch import Tensor

from genlab.data.pictures import Pictures, to_floats
from genlab.models.dbn import DBN, RBM, contrastive_divergence, turned
from tests.helpers import BY_NAME, CASES, FIT_ON, Case, advance, assert_trains, drawn, pictures, seeded, trainer

DBNS = [case for case in CASES if case.model == "dbn"]
each_dbn = pytest.mark.parametrize("case", DBNS, ids=[case.name for case in DBNS])


def states(units: int) -> Tensor:
    """All 2^units states, (2^units, units)."""
    return torch.tensor(list(itertools.product([0.0, 1.0], repeat=units)))


def machine(visible: int = 4, hidden: int = 3, scale: float = 1.0) -> RBM:
    made = RBM(visible, hidden)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.copy_(scale * torch.randn(parameter.shape, generator=seeded(len(parameter))))
    return made


def log_shares(made: RBM) -> Tensor:
    """log p(v) of each visible state, by summing over all joint states."""
    v, h = states(made.weight.shape[0]), states(made.weight.shape[1])
    minus_energy = (v @ made.visible_bias)[:, None] + (h @ made.hidden_bias)[None] + v @ made.weight @ h.T
    return torch.logsumexp(minus_energy, 1) - torch.logsumexp(minus_energy.flatten(), 0)


def test_the_free_energy_is_that_of_the_enumerated_hidden_states() -> None:
    made = machine()
    free = made.free_energy(states(4))
    assert torch.allclose((-free).log_softmax(0), log_shares(made), atol=1e-5)
    at_zero = -torch.log1p(made.hidden_bias.exp()).sum()
    assert torch.allclose(free[0], at_zero, atol=1e-6)


def test_the_conditionals_are_those_of_the_joint_distribution() -> None:
    made = machine()
    v, h = states(4), states(3)
    joint = ((v @ made.visible_bias)[:, None] + h @ made.hidden_bias + v @ made.weight @ h.T).exp()
    assert torch.allclose(made.hidden(v), joint @ h / joint.sum(1, keepdim=True), atol=1e-5)
    assert torch.allclose(made.visible(h), joint.T @ v / joint.sum(0)[:, None], atol=1e-5)


def test_the_gradient_of_the_loss_is_that_of_contrastive_divergence() -> None:
    made = machine()
    data, model = torch.rand(5, 4, generator=seeded()), states(4)[[1, 6, 11]]
    contrastive_divergence(made, data, model).backward()
    h_data, h_model = made.hidden(data).detach(), made.hidden(model).detach()
    assert made.weight.grad is not None
    assert torch.allclose(made.weight.grad, model.T @ h_model / 3 - data.T @ h_data / 5, atol=1e-6)
    assert torch.allclose(made.visible_bias.grad, model.mean(0) - data.mean(0), atol=1e-6)
    assert torch.allclose(made.hidden_bias.grad, h_model.mean(0) - h_data.mean(0), atol=1e-6)


def test_with_particles_of_the_model_it_is_the_gradient_of_the_likelihood() -> None:
    made = machine()
    data = states(4)[[3, 3, 12]]
    exact = torch.autograd.grad(-log_shares(made)[[3, 3, 12]].mean(), made.weight)[0]
    shares = log_shares(made).detach().exp()
    model = states(4)[torch.multinomial(shares, 200_000, replacement=True, generator=seeded())]
    ours = torch.autograd.grad(contrastive_divergence(made, data, model), made.weight)[0]
    assert torch.allclose(ours, exact, atol=0.01)


def test_gibbs_sampling_reaches_the_models_distribution() -> None:
    made, uniform, n = machine(scale=0.7), seeded(), 20_000
    noise = (torch.rand(n, 7, generator=uniform) for _ in range(60))
    with torch.no_grad():
        v, means = made.gibbs(torch.full((n, 4), 0.5), noise)
    shares = torch.bincount((v @ torch.tensor([8.0, 4.0, 2.0, 1.0])).long(), minlength=16) / n
    assert (shares - log_shares(made).exp()).abs().max() < 0.02
    assert torch.allclose(means.mean(0), v.mean(0), atol=0.02)


@pytest.mark.parametrize("chains", ["persistent", "data"])
def test_training_raises_the_exact_likelihood(chains: str) -> None:
    images = (255 * states(4)[[3, 3, 3, 12, 12, 5, 3, 12]]).to(torch.uint8).view(-1, 1, 2, 2)
    case = Case("tiny", "dbn", {"layers": "3", "chains": chains, "lr": 0.02})
    training = trainer(case, Pictures("corners", images, None), steps=600)
    model = training.model
    assert isinstance(model, DBN)

    def likelihood() -> float:
        with torch.no_grad():
            return log_shares(model._machine(0))[[3, 3, 3, 12, 12, 5, 3, 12]].mean().item()

    before = likelihood()
    advance(training, 600)
    best = -torch.distributions.Categorical(torch.tensor([4.0, 3.0, 1.0])).entropy().item()
    assert before < best - 1.0
    assert best - 0.4 < likelihood() < best


def test_the_noise_of_each_step_is_a_turn_of_the_latent() -> None:
    for size in (64, 65):
        z = torch.randn(500, size, generator=seeded(), dtype=torch.float64)
        noise = [torch.special.ndtri(uniform) for uniform in turned(z, 40)]
        assert torch.allclose(noise[0], z, atol=1e-6)
        for step, one in enumerate(noise):
            assert torch.allclose(one.norm(dim=1), z.norm(dim=1), atol=1e-5)
            for other in noise[:step]:
                correlation = torch.nn.functional.cosine_similarity(one, other, dim=1).mean()
                assert correlation.abs() < 4 / size**0.5


def test_sampling_by_turned_noise_comes_near_the_models_distribution() -> None:
    made, n = machine(6, 6, scale=0.7), 20_000
    z = torch.randn(n, 12, generator=seeded(), dtype=torch.float64)
    with torch.no_grad():
        v, _ = made.double().gibbs(torch.full((n, 6), 0.5, dtype=torch.float64), turned(z, 100))
        wanted = torch.exp(log_shares(made.float()))
    places = (2 ** torch.arange(5, -1, -1)).double()
    shares = torch.bincount((v @ places).long(), minlength=64) / n
    distance = 0.5 * (shares - wanted).abs().sum()
    assert distance < 0.5 * 0.5 * (1 / 64 - wanted).abs().sum()


@each_dbn
def test_asking_for_more_pictures_does_not_change_the_first(case: Case) -> None:
    model = advance(trainer(case), 20).sampler(FIT_ON)
    z = model.prior.draw(12, seeded())
    assert torch.allclose(model.sample(z)[:5], model.sample(z[:5]), atol=1e-5)


def test_a_layer_learns_in_its_own_stage_and_starts_at_what_it_is_shown() -> None:
    training = trainer(BY_NAME["dbn"], steps=40)
    advance(training, 20)
    assert training.stage == "layer 1"
    first = {name: tensor.clone() for name, tensor in training.model.state_dict().items()}
    advance(training, 1)
    assert training.stage == "layer 2"
    advance(training, 19)
    after = training.model.state_dict()
    changed = {name for name in first if not torch.equal(first[name], after[name])}
    assert {name for name in changed if "bias" in name} == {"machines.1.visible_bias", "machines.1.hidden_bias"}
    assert all(name.startswith("machines.1.") for name in changed)


def test_visible_biases_begin_at_how_often_a_pixel_is_on() -> None:
    data = pictures(n=40)
    model = trainer(BY_NAME["dbn"], data).model
    assert isinstance(model, DBN)
    mean = (data.images / 255).mean(0).flatten().clamp(0.01, 0.99)
    assert torch.allclose(model._machine(0).visible_bias.sigmoid(), mean, atol=1e-5)


def test_pictures_need_not_be_square() -> None:
    training = trainer(BY_NAME["dbn"], pictures((3, 6, 9)))
    assert_trains(training)
    assert drawn(training.sampler(FIT_ON)).shape == (6, 3, 6, 9)


@each_dbn
def test_a_trained_network_draws_what_it_was_shown(case: Case) -> None:
    data = pictures(n=48)
    model = advance(trainer(case, data, steps=800), 800).sampler(FIT_ON)
    real = to_floats(data.images).flatten(1)
    distance = torch.cdist(drawn(model, 64).flatten(1), real).min(1).values.median()
    untrained = torch.cdist(drawn(case.build()).flatten(1), real).min(1).values.median()
    assert distance < 0.6 * untrained
