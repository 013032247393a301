"""The hidden Markov model against enumeration and against hmmlearn."""

import itertools

import numpy as np
import pytest
import torch
from hmmlearn.hmm import CategoricalHMM
from torch import Tensor

from genlab.data.pictures import to_floats
from genlab.models.hmm import HMM
from tests.helpers import BY_NAME, FIT_ON, Case, advance, assert_trains, drawn, pictures, seeded, trainer


def made(states: int = 3, shape: tuple[int, int, int] = (1, 5, 3)) -> HMM:
    model = Case("small", "hmm", {"states": states}).build(shape)
    assert isinstance(model, HMM)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=seeded(parameter.numel())))
    return model.double().requires_grad_(False)


def binary(n: int, shape: tuple[int, int, int] = (1, 5, 3)) -> Tensor:
    """Black and white pictures (n, C, H, W), -1 or 1."""
    return 2.0 * torch.randint(0, 2, (n, *shape), generator=seeded()).double() - 1.0


def test_the_likelihood_is_the_sum_over_all_paths() -> None:
    model, x = made(), binary(4)
    start, transition, on = model.start.softmax(0), model.transition.softmax(1), model.emission.sigmoid()
    for picture, ours in zip(x, model.log_likelihood(x), strict=True):
        total = 0.0
        for path in itertools.product(range(3), repeat=5):
            share = start[path[0]].item()
            for above, below in itertools.pairwise(path):
                share *= transition[above, below].item()
            for row, state in zip(picture[0], path, strict=True):
                share *= torch.where(row > 0, on[state], 1 - on[state]).prod().item()
            total += share
        assert ours.exp().item() == pytest.approx(total, rel=1e-9)


def test_likelihoods_over_all_pictures_add_up_to_one() -> None:
    model = made(shape=(1, 3, 2))
    x = 2.0 * torch.tensor(list(itertools.product([0.0, 1.0], repeat=6))).double().view(-1, 1, 3, 2) - 1.0
    assert model.log_likelihood(x).exp().sum().item() == pytest.approx(1.0, rel=1e-9)


def test_likelihoods_and_posteriors_are_those_of_hmmlearn() -> None:
    """A row of three Bernoulli pixels is one of eight symbols there."""
    model, x = made(states=4, shape=(1, 6, 3)), binary(20, (1, 6, 3))
    symbols = torch.tensor(list(itertools.product([0.0, 1.0], repeat=3))).double()
    on = model.emission.sigmoid()[:, None]
    reference = CategoricalHMM(n_components=4)
    reference.startprob_ = model.start.softmax(0).numpy()
    reference.transmat_ = model.transition.softmax(1).numpy()
    reference.emissionprob_ = torch.where(symbols > 0, on, 1 - on).prod(2).numpy()
    reference.n_features = 8
    seen = _symbols(x)
    ours, posteriors = model.log_likelihood(x), model.posterior(x)
    for picture, likelihood, posterior in zip(seen, ours, posteriors, strict=True):
        theirs, their_posterior = reference.score_samples(picture[:, None])
        assert likelihood.item() == pytest.approx(theirs, rel=1e-9)
        np.testing.assert_allclose(posterior.numpy(), their_posterior, atol=1e-9)


def _symbols(x: Tensor) -> np.ndarray:
    """Rows of three pixels as whole numbers 0 to 7, (N, H)."""
    return ((x[:, 0] > 0).long() * torch.tensor([4, 2, 1])).sum(2).numpy()


def test_the_gradient_is_that_of_the_posteriors_expectation() -> None:
    """Fisher's identity: the gradient of log p by an emission logit is E[(x - mean)] over the posterior's rows."""
    model, x = made(), binary(6)
    model.emission.requires_grad_(True)
    (ours,) = torch.autograd.grad(model.log_likelihood(x).sum(), model.emission)
    with torch.no_grad():
        share, rows = model.posterior(x), 0.5 * (x[:, 0] + 1)
        wanted = torch.einsum("nhk,nhw->kw", share, rows) - share.sum((0, 1))[:, None] * model.emission.sigmoid()
    assert torch.allclose(ours, wanted, atol=1e-9)


def test_the_colours_of_a_row_are_observed_together() -> None:
    model, x = made(states=1, shape=(3, 4, 2)), binary(5, (3, 4, 2))
    on = model.emission.sigmoid().view(3, 1, 2)
    wanted = torch.where(x > 0, on.log(), (1 - on).log()).sum((1, 2, 3))
    assert torch.allclose(model.log_likelihood(x), wanted)
    shown = model.sample(torch.zeros(2, 4).double())
    assert torch.allclose(shown, (2 * on - 1).expand(2, 3, 4, 2))


def test_states_are_drawn_as_often_as_the_model_says() -> None:
    model, n = made(states=3, shape=(1, 2, 3)).float(), 40_000
    images = model.sample(model.prior.draw(n, seeded()))[:, 0]  # (n, 2, 3): which row shows which state
    means = 2.0 * model.emission.sigmoid() - 1.0
    states = torch.cdist(images.flatten(0, 1), means).argmin(1).view(n, 2)
    shares = torch.bincount(3 * states[:, 0] + states[:, 1], minlength=9).view(3, 3) / n
    wanted = model.start.softmax(0)[:, None] * model.transition.softmax(1)
    assert (shares - wanted).abs().max() < 5 * 0.5 / n**0.5


def test_asking_for_more_pictures_does_not_change_the_first() -> None:
    model = advance(trainer(BY_NAME["hmm"]), 20).sampler(FIT_ON)
    z = model.prior.draw(12, seeded())
    assert torch.equal(model.sample(z)[:5], model.sample(z[:5]))


def test_a_transition_that_vanishes_leaves_all_numbers_finite() -> None:
    model = made(states=2).float().requires_grad_(True)
    with torch.no_grad():
        model.start.copy_(torch.tensor([200.0, -200.0]))
        model.transition.copy_(torch.tensor([[200.0, -200.0], [200.0, -200.0]]))
    loss = model.log_likelihood(binary(4).float()).sum()
    loss.backward()
    assert torch.isfinite(loss)
    assert all(torch.isfinite(parameter.grad).all() for parameter in model.parameters() if parameter.grad is not None)


def test_pictures_need_not_be_square() -> None:
    training = trainer(BY_NAME["hmm"], pictures((3, 6, 9)))
    assert_trains(training)
    assert drawn(training.sampler(FIT_ON)).shape == (6, 3, 6, 9)


def test_a_trained_model_draws_what_it_was_shown() -> None:
    data = pictures(n=48)
    training = trainer(BY_NAME["hmm"], data, steps=300)
    advance(training, 1)
    before = training.take_metrics()["rows/loss"]
    model = advance(training, 299).sampler(FIT_ON)
    assert isinstance(model, HMM)
    real = to_floats(data.images)
    shades = 0.5 * (real + 1.0)
    entropy = torch.distributions.Bernoulli(shades).entropy().flatten(1).sum(1).mean().item()
    assert -model.log_likelihood(real).mean().item() - entropy < 0.3 * (before - entropy)
    distance = torch.cdist(drawn(model, 64).flatten(1), real.flatten(1)).min(1).values.median()
    untrained = torch.cdist(drawn(BY_NAME["hmm"].build()).flatten(1), real.flatten(1)).min(1).values.median()
    assert distance < 0.75 * untrained
