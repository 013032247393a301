"""What the players minimise, against numbers worked out by hand and torch's own losses."""

import math

import pytest
import torch
from torch.nn import functional as F
from torch.testing import assert_close

from genlab.models.objectives import OBJECTIVES

REAL, FAKE = torch.tensor([1.0, -2.0]), torch.tensor([0.5, 3.0])

each_objective = pytest.mark.parametrize("name", OBJECTIVES)


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


BY_HAND = {
    "non-saturating": (
        -(math.log(sigmoid(1)) + math.log(sigmoid(-2))) / 2 - (math.log(sigmoid(-0.5)) + math.log(sigmoid(-3))) / 2,
        -(math.log(sigmoid(0.5)) + math.log(sigmoid(3))) / 2,
    ),
    "minimax": (
        -(math.log(sigmoid(1)) + math.log(sigmoid(-2))) / 2 - (math.log(sigmoid(-0.5)) + math.log(sigmoid(-3))) / 2,
        (math.log(1 - sigmoid(0.5)) + math.log(1 - sigmoid(3))) / 2,
    ),
    "least-squares": (((0 + 9) / 2 + (0.25 + 9) / 2) / 2, (0.25 + 4) / 2 / 2),
    "wasserstein": (1.75 - (-0.5), -1.75),
    "hinge": ((0 + 3) / 2 + (1.5 + 4) / 2, -1.75),
}


@each_objective
def test_both_losses_are_those_of_the_papers(name: str) -> None:
    objective = OBJECTIVES[name]
    critic, generator = BY_HAND[name]
    assert_close(objective.critic(REAL, FAKE, 1.0), torch.tensor(critic))
    assert_close(objective.generator(FAKE), torch.tensor(generator))


@each_objective
def test_the_critic_wants_real_logits_high_and_generated_ones_low(name: str) -> None:
    right, wrong = torch.full((3,), 4.0), torch.full((3,), -4.0)
    if name == "least-squares":
        right, wrong = torch.ones(3), torch.zeros(3)
    objective = OBJECTIVES[name]
    assert objective.critic(right, wrong, 1.0) < objective.critic(wrong, right, 1.0) - 0.5
    assert objective.generator(right) < objective.generator(wrong)


@each_objective
def test_who_is_right_is_told_by_the_boundary(name: str) -> None:
    real, fake = torch.tensor([3.0, 2.0, 2.0, -9.0]), torch.tensor([-3.0, 0.4, -2.0, 9.0])
    at = {"least-squares": (0.75, 0.75), "wasserstein": (0.75, 0.5)}.get(name, (0.75, 0.5))
    assert OBJECTIVES[name].right(real, fake) == at


@each_objective
def test_objectives_are_computed_in_full_precision_and_stay_finite(name: str) -> None:
    logits = torch.tensor([-1e4, 1e4]).to(torch.bfloat16)
    for loss in (OBJECTIVES[name].critic(logits, logits, 1.0), OBJECTIVES[name].generator(logits)):
        assert loss.dtype == torch.float32
        assert torch.isfinite(loss)


def test_a_smoothed_target_is_cross_entropy_with_that_target_on_real_pictures_alone() -> None:
    reference = F.binary_cross_entropy_with_logits(REAL, torch.full((2,), 0.9))
    reference += F.binary_cross_entropy_with_logits(FAKE, torch.zeros(2))
    assert_close(OBJECTIVES["non-saturating"].critic(REAL, FAKE, 0.9), reference)


def test_only_the_non_saturating_generator_keeps_its_gradient_where_the_critic_wins() -> None:
    gradients = {}
    for name in ("non-saturating", "minimax"):
        logits = torch.full((2,), -30.0, requires_grad=True)
        OBJECTIVES[name].generator(logits).backward()
        gradients[name] = logits.grad
    assert_close(gradients["non-saturating"], torch.full((2,), -0.5))
    assert gradients["minimax"].abs().max() < 1e-12


def test_minimax_is_the_critics_own_game() -> None:
    """What one gains on generated pictures the other loses."""
    nothing = torch.full((2,), 100.0)  # on these the critic loses nothing
    objective = OBJECTIVES["minimax"]
    assert_close(objective.generator(FAKE), -objective.critic(nothing, FAKE, 1.0))
