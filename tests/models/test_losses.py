"""Losses against numbers worked out by hand, torch.distributions and finite differences."""

import copy
import math

import pytest
import torch
from torch import nn
from torch.distributions import Bernoulli, Normal, kl_divergence
from torch.testing import assert_close

from genlab.models.losses import (
    bernoulli_nll,
    feature_matching,
    gaussian_kl,
    gaussian_nll,
    gradient_penalty,
    r1_penalty,
)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_losses_are_computed_in_full_precision(dtype: torch.dtype) -> None:
    logits, x = torch.randn(4, 10).to(dtype), torch.rand(4, 10)
    for loss in (
        bernoulli_nll(logits, x),
        gaussian_nll(logits, x, torch.zeros(())),
    ):
        assert loss.dtype == torch.float32


def test_r1_of_a_linear_critic_is_its_squared_slope() -> None:
    critic = nn.Sequential(nn.Flatten(), nn.Linear(12, 1))
    penalty = r1_penalty(critic, torch.randn(5, 3, 2, 2))
    assert_close(penalty, critic[1].weight.square().sum())


def test_r1_agrees_with_finite_differences_and_reaches_the_weights() -> None:
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Flatten(), nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1))
    x = torch.randn(3, 1, 2, 2)
    penalty = r1_penalty(critic, x)
    wide = copy.deepcopy(critic).double()
    step, total = 1e-5, 0.0
    for index in range(4):
        shift = torch.zeros(4, dtype=torch.float64).index_fill_(0, torch.tensor(index), step).view(1, 1, 2, 2)
        slope = (wide(x.double() + shift) - wide(x.double() - shift)) / (2 * step)
        total += slope.square().mean().item()
    assert penalty.item() == pytest.approx(total, rel=1e-4)
    penalty.backward()
    assert critic[1].weight.grad.abs().sum() > 0


def test_r1_leaves_the_pictures_and_autocast_alone() -> None:
    critic = nn.Sequential(nn.Flatten(), nn.Linear(4, 1))
    x = torch.randn(2, 1, 2, 2)
    with torch.autocast("cpu", torch.bfloat16):
        penalty = r1_penalty(critic, x)
    assert penalty.dtype == torch.float32
    assert_close(penalty, critic[1].weight.square().sum())
    assert not x.requires_grad


def test_gradient_penalty_of_a_linear_critic_is_its_closed_form() -> None:
    critic = nn.Sequential(nn.Flatten(), nn.Linear(12, 1))
    real, fake = torch.randn(5, 3, 2, 2), torch.randn(5, 3, 2, 2)
    penalty = gradient_penalty(critic, real, fake, torch.rand(5))
    assert_close(penalty, (critic[1].weight.norm() - 1).square())
    penalty.backward()
    assert critic[1].weight.grad.abs().sum() > 0


def test_gradient_penalty_looks_between_each_pair_and_takes_the_norm_over_a_whole_picture() -> None:
    """For the critic |x|^2 / 2 the gradient at a point is the point itself."""
    real, fake = torch.full((2, 1, 2, 2), 2.0), torch.zeros(2, 1, 2, 2)
    penalty = gradient_penalty(lambda x: 0.5 * x.square().sum((1, 2, 3)), real, fake, torch.tensor([1.0, 0.25]))
    # At share 1 the real picture, of norm 4; at a quarter of the way 0.5 a pixel, of norm 1.
    assert_close(penalty, torch.tensor(((4.0 - 1.0) ** 2 + 0.0) / 2))


def test_feature_matching_compares_means_and_teaches_the_generator_alone() -> None:
    real, fake = torch.tensor([[1.0, 0.0], [3.0, 2.0]]), torch.tensor([[0.0, 1.0]])
    real.requires_grad_()
    fake.requires_grad_()
    loss = feature_matching(real, fake)
    assert_close(loss, torch.tensor(((2.0 - 0.0) ** 2 + (1.0 - 1.0) ** 2) / 2))
    loss.backward()
    assert real.grad is None
    assert_close(fake.grad, torch.tensor([[-2.0, 0.0]]))


def test_kl_of_hand_worked_gaussians() -> None:
    mean, variance = torch.tensor([[0.0, 1.0, 0.0]]), torch.tensor([[1.0, 1.0, 4.0]])
    assert_close(gaussian_kl(mean, variance.log()), torch.tensor([[0.0, 0.5, 0.5 * (4 - 1 - math.log(4))]]))


def test_kl_agrees_with_torch_distributions() -> None:
    torch.manual_seed(0)
    mean, log_variance = torch.randn(6, 5), torch.randn(6, 5)
    reference = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), Normal(0.0, 1.0))
    assert_close(gaussian_kl(mean, log_variance), reference)


def test_bernoulli_nll_sums_over_pixels() -> None:
    torch.manual_seed(0)
    logits, x = torch.randn(4, 1, 3, 3), torch.randint(0, 2, (4, 1, 3, 3)).float()
    assert_close(bernoulli_nll(logits, x), -Bernoulli(logits=logits).log_prob(x).flatten(1).sum(1))
    assert_close(
        bernoulli_nll(torch.zeros(2, 1, 3, 3), torch.full((2, 1, 3, 3), 0.3)), torch.full((2,), 9 * math.log(2))
    )


@pytest.mark.parametrize("log_scale", [-2.0, 0.0, 0.7])
def test_gaussian_nll_agrees_with_torch_distributions(log_scale: float) -> None:
    torch.manual_seed(0)
    mean, x = torch.randn(4, 3, 2, 2), torch.randn(4, 3, 2, 2)
    reference = -Normal(mean, math.exp(log_scale)).log_prob(x).flatten(1).sum(1)
    assert_close(gaussian_nll(mean, x, torch.tensor(log_scale)), reference)


def test_the_best_scale_of_a_gaussian_is_the_root_mean_square_error() -> None:
    error = torch.tensor([[0.1, -0.3, 0.2, 0.4]])
    best = error.square().mean().sqrt().log()
    at = [gaussian_nll(torch.zeros(1, 4), error, best + shift).item() for shift in (-0.1, 0.0, 0.1)]
    assert at[1] == min(at)
