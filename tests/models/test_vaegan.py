"""The VAE-GAN's losses, and what its critic is shown."""

import pytest
import torch
from torch.testing import assert_close

from genlab.data.pictures import to_floats
from genlab.models import ModelError, build
from genlab.models.base import Batch
from tests.helpers import BY_NAME, FIT_ON, advance, pictures, seeded, trainer


def test_the_encoder_compares_what_the_critic_sees_and_pays_for_its_latents() -> None:
    model = BY_NAME["vaegan normal"].build().eval()
    x = to_floats(pictures(n=6).images)
    loss, metrics = model.encoder_loss(Batch(x, None, 0, seeded()))
    with torch.no_grad():
        mean, log_variance = model.encoder(x)
        z = mean + (0.5 * log_variance).exp() * torch.randn(mean.shape, generator=seeded())
        seen, drawn = model.critic.features(x), model.critic.features(model.generator(z))
        kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1).mean()
    difference = ((seen - drawn) ** 2).mean() / 2
    assert_close(metrics["reconstruction"], difference)
    assert_close(loss.detach(), difference + kl / seen.shape[1])


def test_the_critic_judges_reconstructions_and_drawings_of_the_prior() -> None:
    model = BY_NAME["vaegan"].build()
    encoded = torch.full((7, 4), 9.0)
    z = model.draw_latents(Batch(torch.zeros(7, 1, 8, 8), None, 0, seeded(), {"encoded": encoded}))
    assert torch.equal(z[:3], encoded[:3])
    assert (z[3:].abs() < 6).all()


def test_what_was_encoded_is_drawn_again() -> None:
    data = pictures(n=48)
    training = advance(trainer(BY_NAME["vaegan"], data, steps=300), 300)
    model, x = training.sampler(FIT_ON), to_floats(data.images)
    with torch.no_grad():
        error = (model.sample(model.encode(x)) - x).square().mean()
    assert error < 0.5 * (x.mean(0) - x).square().mean()


def test_a_condition_is_refused() -> None:
    with pytest.raises(ModelError, match="takes no condition"):
        build("vaegan", (1, 8, 8), {"condition": "projection"}, 3)
