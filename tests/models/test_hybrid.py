"""The hybrid's two stages, and what passes from one to the other."""

import pytest
import torch

from genlab.data.pictures import to_floats
from genlab.models import ModelError, build
from tests.helpers import BY_NAME, CLASSES, FIT_ON, advance, pictures, seeded, trainer

HYBRID = BY_NAME["hybrid"]


def test_the_vae_learns_first_and_its_decoder_goes_on_as_the_generator() -> None:
    training = trainer(HYBRID, steps=20)
    advance(training, 10)
    assert training.stage == "autoencoder"
    decoder = {name: tensor.clone() for name, tensor in training.model.generator.state_dict().items()}
    critic = {name: tensor.clone() for name, tensor in training.model.critic.state_dict().items()}
    training.step()
    assert training.stage == "adversarial"
    moved = [(decoder[name] - tensor).abs().max() for name, tensor in training.model.generator.named_parameters()]
    assert 0 < max(moved) < 0.01  # one step away from the decoder, not a new network
    after = training.model.critic.state_dict()
    assert any(not torch.equal(critic[name], tensor) for name, tensor in after.items())


def test_the_prior_follows_the_encoder_until_the_game_begins_and_then_stays() -> None:
    training = trainer(HYBRID, steps=20)
    seen = []
    for _ in range(4):
        advance(training, 5)
        seen.append(training.sampler(FIT_ON).prior.means.clone())
    assert not torch.equal(seen[0], seen[1])
    assert torch.equal(seen[2], seen[3])
    assert torch.equal(training.model.prior.means, seen[3])


def test_the_game_is_played_on_latents_of_the_mixture() -> None:
    training = trainer(HYBRID, steps=20)
    advance(training, 11)
    prior = training.model.prior
    prior.means.fill_(50.0)  # far from where noise of a standard normal lies
    assert (training.model.draw_latents(training._next_batch()) > 20).all()


def test_the_encoder_follows_the_generator_while_the_game_lasts() -> None:
    data = pictures(n=48)
    training = advance(trainer(HYBRID, data, steps=300), 300)
    model, x = training.sampler(FIT_ON), to_floats(data.images)
    with torch.no_grad():
        error = (model.sample(model.encode(x)) - x).square().mean()
        spread = (x.mean(0) - x).square().mean()
    assert error < 0.5 * spread


def test_a_hybrid_with_a_gaussian_a_class_draws_the_class_that_was_asked_for() -> None:
    data = pictures(n=48)
    model = advance(trainer(BY_NAME["hybrid classes"], data, steps=300), 300).sampler(FIT_ON)
    assert model.prior.n_classes == CLASSES
    real = to_floats(data.images)
    means = torch.stack([real[data.labels == k].mean(0) for k in range(CLASSES)]).flatten(1)
    for label in range(CLASSES):
        images = model.sample(model.prior.draw(20, seeded(), 1.0, label)).flatten(1)
        assert (torch.cdist(images, means).argmin(1) == label).float().mean() > 0.8


@pytest.mark.parametrize(
    ("options", "n_classes", "says"),
    [
        ({"prior": "per-class"}, 0, "needs pictures with classes"),
        ({"condition": "projection"}, 3, "needs a prior with classes"),
    ],
)
def test_what_does_not_go_together_is_refused(options: dict[str, str], n_classes: int, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        build("hybrid", (1, 8, 8), options, n_classes)
