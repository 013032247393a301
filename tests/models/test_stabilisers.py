"""What keeps a GAN upright: each against what it is meant to do, and what does not go together is refused."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close

from genlab.models import ModelError, build
from genlab.models.augment import Augment
from genlab.models.balance import Balance
from genlab.models.base import Batch
from genlab.models.critic import KERNEL_SIZE, KERNELS, BatchDeviation, BatchDiscrimination, Critic
from genlab.models.priors import ClassPrior, NormalPrior
from tests.helpers import BY_NAME, CLASSES, FIT_ON, advance, pictures, seeded, trainer


def batch(n: int, channels: int = 1, seed: int = 0) -> Batch:
    return Batch(torch.rand(n, channels, 16, 16, generator=seeded(seed)) * 2 - 1, None, 0, seeded(seed))


# --- what goes together ---


@pytest.mark.parametrize(
    ("options", "n_classes", "says"),
    [
        ({"condition": "projection"}, 0, "needs pictures with classes"),
        ({"gradient_penalty": 10.0, "critic_norm": "batch"}, 3, "one picture at a time"),
        ({"label_smoothing": 0.1, "objective": "hinge"}, 3, "the hinge objective does not have"),
        ({"objective": "wasserstein", "r1_gamma": 0.0}, 3, "grows without end"),
        ({"rest_every": 5, "rest_for": 5}, 3, "rests for 5 of every 5 steps never learns"),
    ],
)
def test_what_does_not_go_together_is_refused_with_a_sentence(
    options: dict[str, Any], n_classes: int, says: str
) -> None:
    with pytest.raises(ModelError, match=says):
        build("gan", (1, 8, 8), options, n_classes)


@pytest.mark.parametrize("bound", [{"gradient_penalty": 10.0}, {"r1_gamma": 1.0}, {"critic_norm": "spectral"}])
def test_the_wasserstein_objective_takes_any_bound(bound: dict[str, Any]) -> None:
    assert build("gan", (1, 8, 8), {"objective": "wasserstein", "r1_gamma": 0.0, **bound}, 3).key == "gan"


# --- who plays when ---


def plays(options: dict[str, Any], steps: int) -> dict[str, list[bool]]:
    players = build("gan", (1, 8, 8), options, 0).stages()[0].players
    return {player.name: [player.plays(step) for step in range(steps)] for player in players}


def test_the_critic_takes_its_steps_for_one_of_the_generator() -> None:
    turns = plays({"critic_steps": 3}, 6)
    assert turns == {"generator": [True, False, False] * 2, "critic": [True] * 6}


def test_a_critic_rests_at_the_start_of_each_period() -> None:
    assert plays({"rest_every": 4, "rest_for": 2}, 8)["critic"] == [False, False, True, True] * 2


def test_a_resting_critic_is_not_changed_while_the_generator_learns() -> None:
    training = trainer(BY_NAME["gan resting"])
    before = {name: tensor.clone() for name, tensor in training.model.state_dict().items()}
    advance(training, 2)
    after = training.model.state_dict()
    changed = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"generator"}
    advance(training, 1)
    assert any(not torch.equal(before[name], tensor) for name, tensor in after.items() if name.startswith("critic"))


# --- rates by balance ---


def test_rates_lean_against_the_player_in_the_lead() -> None:
    balance = Balance()
    assert (balance.critic(), balance.generator()) == (1.0, 1.0)
    for _ in range(400):
        balance.update(torch.tensor(1.0), torch.tensor(1.0))
    assert balance.critic() == pytest.approx(1 / 4, rel=0.01)
    assert balance.generator() == pytest.approx(4.0, rel=0.01)
    for _ in range(400):
        balance.update(torch.tensor(0.2), torch.tensor(0.6))
    assert balance.critic() == pytest.approx(4.0, rel=0.01)
    for _ in range(400):
        balance.update(torch.tensor(0.75), torch.tensor(0.75))
    assert balance.critic() == pytest.approx(1.0, abs=0.01)


def test_the_balance_reaches_the_optimisers() -> None:
    training = trainer(BY_NAME["gan resting"], steps=1000)
    training.model.balance.lead.fill_(1.0)
    advance(training, 3)
    rates = {name: optimiser.param_groups[0]["lr"] for name, optimiser in training.optimisers.items()}
    assert rates["critic"] == pytest.approx(0.01 / 4, rel=0.1)
    assert rates["generator"] == pytest.approx(0.04, rel=0.1)


# --- the batch as a whole ---


def test_batch_deviation_is_the_mean_of_the_features_standard_deviations() -> None:
    features = torch.tensor([[0.0, 1.0], [2.0, 1.0]])  # deviations 1 and 0
    assert_close(BatchDeviation()(features), torch.full((2, 1), 0.5), atol=1e-4, rtol=0)


def test_batch_discrimination_counts_who_is_close() -> None:
    layer = BatchDiscrimination(2)
    nn.init.zeros_(layer.projections.weight)
    alike = layer(torch.randn(5, 2))
    assert_close(alike, torch.full((5, KERNELS), 4.0))  # everybody is at distance 0 of the four others
    weight = torch.zeros(KERNELS * KERNEL_SIZE, 2)
    weight[0, 0] = 1.0  # the first number of the first kernel is the first feature
    layer.projections.weight = nn.Parameter(weight)
    seen = layer(torch.tensor([[0.0, 9.0], [1.0, -9.0]]))
    assert_close(seen[:, 0], torch.full((2,), torch.exp(torch.tensor(-1.0)).item()))
    assert_close(seen[:, 1], torch.ones(2))


@pytest.mark.parametrize("kind", ["stddev", "discrimination"])
def test_a_critic_sees_a_collapsed_batch(kind: Any) -> None:
    torch.manual_seed(0)
    critic = Critic(nn.Flatten(), 16, (4, 4), batch_features=kind)
    varied = torch.randn(8, 1, 4, 4)
    assert not torch.allclose(critic(varied)[0], critic(varied[:1].expand(8, -1, -1, -1))[0])


# --- classes ---


def test_projection_adds_the_product_with_a_vector_of_the_class() -> None:
    critic = Critic(nn.Flatten(), 4, (2, 2), condition="projection", n_classes=3)
    x, y = torch.randn(5, 1, 2, 2), torch.tensor([0, 1, 2, 1, 0])
    by_hand = critic.head(x.flatten(1))[:, 0] + torch.einsum("nf,nf->n", critic.project.weight[y], x.flatten(1))
    assert_close(critic(x, y), by_hand)


def test_concatenation_shows_the_class_beside_the_pixels() -> None:
    critic = Critic(nn.Flatten(), 8, (2, 2), condition="concatenation", n_classes=3)
    x, y = torch.randn(2, 1, 2, 2), torch.tensor([2, 0])
    seen = critic.features(x, y)
    assert_close(seen, torch.cat([x.flatten(1), critic.plane.weight[y]], 1))


def test_a_class_prior_draws_noise_and_classes_as_often_as_they_come() -> None:
    prior = ClassPrior(NormalPrior(4), 3)
    prior.fit(torch.tensor([0, 0, 0, 2]))
    z = prior.draw(4000, seeded(), truncation=0.5)
    assert z.shape == (4000, 7)
    assert z[:, :4].std().item() == pytest.approx(0.5, abs=0.02)
    assert_close(z[:, 4:].mean(0), torch.tensor([0.75, 0.0, 0.25]), atol=0.03, rtol=0)
    asked = prior.draw(5, seeded(), label=1)
    assert torch.equal(asked[:, 4:], torch.tensor([[0.0, 1.0, 0.0]]).expand(5, 3))
    assert torch.equal(asked[:, :4], prior.draw(5, seeded())[:, :4])  # the noise does not depend on the class
    with pytest.raises(ModelError, match="There is no class 3"):
        prior.draw(1, seeded(), label=3)


@pytest.mark.parametrize("condition", ["concatenation", "projection", "auxiliary"])
def test_a_conditional_gan_draws_the_class_that_was_asked_for(condition: str) -> None:
    data = pictures(n=48)
    case = BY_NAME["gan concatenation"]
    options = {**case.options, "condition": condition, "objective": "non-saturating"}
    training = advance(trainer(type(case)(case.name, "gan", options), data, steps=400), 400)
    model = training.sampler(FIT_ON)
    assert model.prior.n_classes == CLASSES
    real = data.images.float().div(127.5).sub(1.0)
    means = torch.stack([real[data.labels == k].mean(0) for k in range(CLASSES)]).flatten(1)
    for label in range(CLASSES):
        images = model.sample(model.prior.draw(30, seeded(), 1.0, label)).flatten(1)
        assert (torch.cdist(images, means).argmin(1) == label).float().mean() > 0.8


# --- augmentation ---


def test_augmentation_of_strength_zero_changes_nothing_and_of_one_everything() -> None:
    augment = Augment(adaptive=True)
    data = batch(6, 3)
    assert torch.equal(augment(data.x, data), data.x)
    changed = (Augment(adaptive=False)(data.x, data) != data.x).flatten(1).any(1)
    assert changed.all()


@pytest.mark.parametrize("channels", [1, 3])
def test_the_gradient_passes_through_augmentation(channels: int) -> None:
    data = batch(4, channels)
    x = data.x.clone().requires_grad_()
    seen = Augment(adaptive=False)(x, data)
    assert seen.shape == x.shape
    seen.sum().backward()
    assert (x.grad != 0).float().mean() > 0.2


def test_grey_pictures_are_moved_over_black_and_masked_with_grey() -> None:
    """Each pixel is one of the picture's own, black from beyond the edge, or the mask."""
    data = batch(40)
    seen = Augment(adaptive=False)(data.x, data)
    for before, after in zip(data.x, seen, strict=True):
        assert set(after.flatten().tolist()) <= {*before.flatten().tolist(), -1.0, 0.0}
        assert 0.05 < (after == 0.0).float().mean() <= 0.25 + 0.1


def test_augmentation_follows_the_batchs_generator() -> None:
    augment = Augment(adaptive=False)
    first, again, other = (augment(data.x, data) for data in (batch(4), batch(4), batch(4, seed=1)))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize(("real", "way"), [(torch.ones(64), 1), (-torch.ones(64), -1)])
def test_the_adaptive_strength_follows_the_critic(real: Tensor, way: int) -> None:
    augment = Augment(adaptive=True)
    augment.strength.fill_(0.5)
    augment.adapt(real)
    assert augment.strength.item() == pytest.approx(0.5 + way * 64 / 50_000)
    for _ in range(1000):
        augment.adapt(real)
    assert augment.strength.item() == (1.0 if way > 0 else 0.0)
    fixed = Augment(adaptive=False)
    fixed.adapt(-torch.ones(64))
    assert fixed.strength.item() == 1.0
