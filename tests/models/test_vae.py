"""What a VAE learns, beyond what every model promises."""

import pytest
import torch

from genlab.data.pictures import to_floats
from genlab.models import ModelError
from tests.helpers import BY_NAME, CASES, CLASSES, FIT_ON, Case, advance, drawn, pictures, seeded, trainer

VAES = [case for case in CASES if case.model == "vae"]
each_vae = pytest.mark.parametrize("case", VAES, ids=[case.name for case in VAES])


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


@pytest.mark.parametrize(
    "name", ["vae per-class", "vae conditional", "vae conditional mixture", "vae conditional per-class"]
)
def test_the_class_that_was_asked_for_is_drawn(name: str) -> None:
    data = pictures(n=48)
    model = advance(trainer(BY_NAME[name], data, steps=200), 200).sampler(FIT_ON)
    assert model.prior.n_classes == CLASSES
    real = to_floats(data.images)
    means = torch.stack([real[data.labels == k].mean(0) for k in range(CLASSES)]).flatten(1)
    for label in range(CLASSES):
        images = model.sample(model.prior.draw(20, seeded(), 0.7, label)).flatten(1)
        assert (torch.cdist(images, means).argmin(1) == label).float().mean() > 0.8


def test_a_conditional_vae_finds_the_class_of_a_picture_by_itself() -> None:
    data = pictures(n=48)
    model = advance(trainer(BY_NAME["vae conditional"], data, steps=200), 200).sampler(FIT_ON)
    with torch.no_grad():
        found = model.encode(to_floats(data.images))[:, -CLASSES:]
    assert torch.equal(found.sum(1), torch.ones(48))
    assert (found.argmax(1) == data.labels).float().mean() > 0.9


def test_a_conditional_vae_needs_classes() -> None:
    with pytest.raises(ModelError, match="needs pictures with classes"):
        BY_NAME["vae conditional"].build(n_classes=0)
