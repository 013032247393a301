"""InfoGAN's code: how it is drawn, how it is read back, and that it comes to mean something."""

import pytest
import torch
from torch.nn import functional as F
from torch.testing import assert_close

from genlab.data.pictures import to_floats
from genlab.models import ModelError, build
from genlab.models.base import Batch
from genlab.models.infogan import CodePrior
from tests.helpers import BY_NAME, CLASSES, FIT_ON, advance, pictures, seeded, trainer


def test_a_code_has_one_category_and_numbers_in_their_range() -> None:
    prior = CodePrior(5, 3, 2)
    z = prior.draw(600, seeded())
    category, numbers = prior.split(z)
    assert z.shape == (600, 10)
    assert torch.equal(z[:, 5:8], F.one_hot(category, 3).float())
    assert_close(torch.bincount(category) / 600, torch.full((3,), 1 / 3), atol=0.06, rtol=0)
    assert -1.0 <= numbers.min() < -0.95
    assert 0.95 < numbers.max() <= 1.0
    assert_close(prior.draw(600, seeded(), truncation=0.5)[:, 5:8], z[:, 5:8])
    with pytest.raises(ModelError, match="told no classes"):
        prior.draw(1, seeded(), label=0)


def test_reading_back_costs_cross_entropy_and_squared_error() -> None:
    model = BY_NAME["infogan"].build()
    z = model.draw_latents(Batch(torch.zeros(6, 1, 8, 8), None, 0, seeded()))
    features = torch.randn(6, model.critic.size, generator=seeded(1))
    by_hand = 0.0
    for latent, read in zip(z, model.critic.reader(features), strict=True):
        by_hand -= read[:3].log_softmax(0)[latent[8:11].argmax()] / 6
        by_hand += 0.5 * ((read[3:] - latent[11:]) ** 2).sum() / 6
    batch = Batch(torch.zeros(6, 1, 8, 8), None, 0, seeded(), {"z": z})
    assert_close(model.recovery(features, batch), 2.0 * by_hand)  # the case's weight


def test_the_categories_can_be_read_from_the_pictures_after_training() -> None:
    data = pictures(n=48)
    model = advance(trainer(BY_NAME["infogan"], data, steps=300), 300).sampler(FIT_ON)
    z = model.prior.draw(200, seeded())
    with torch.no_grad():
        read = model.critic.recover(model.critic.features(model.sample(z)))
    category, _ = model.prior.split(z)
    assert (read[:, :CLASSES].argmax(1) == category).float().mean() > 0.8
    with torch.no_grad():
        assert model.features(to_floats(data.images)).shape == (48, model.critic.size)


def test_a_condition_is_refused() -> None:
    with pytest.raises(ModelError, match="without labels"):
        build("infogan", (1, 8, 8), {"condition": "auxiliary"}, 3)
