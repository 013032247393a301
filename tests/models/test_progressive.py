"""Growing: a new layer changes nothing at first, and only what has grown is trained."""

import pytest
import torch
from torch.nn import functional as F
from torch.testing import assert_close

from tests.helpers import BY_NAME, advance, pictures, seeded, trainer

SHAPE = (1, 16, 16)
CASE = BY_NAME["progressive"]


def at(model: torch.nn.Module, level: int, fade: float) -> None:
    for network in (model.generator, model.critic.body):
        network.level.fill_(level)
        network.fade.fill_(fade)


@pytest.mark.parametrize("level", [1, 2])
def test_a_new_layer_that_is_not_faded_in_yet_changes_nothing(level: int) -> None:
    model = CASE.build(SHAPE).eval()
    z, x = model.prior.draw(3, seeded()), torch.rand(3, *SHAPE, generator=seeded()) * 2 - 1
    at(model, level - 1, 1.0)
    drawn, seen = model.sample(z), model.features(x)
    at(model, level, 0.0)
    assert_close(model.sample(z), drawn)
    assert_close(model.features(x), seen)
    at(model, level, 1.0)
    assert not torch.allclose(model.sample(z), drawn)
    assert not torch.allclose(model.features(x), seen)


def test_half_way_in_is_the_mean_before_the_end() -> None:
    model = CASE.build(SHAPE).eval()
    z = model.prior.draw(3, seeded())
    logits = []
    for fade in (0.0, 0.5, 1.0):
        at(model, 2, fade)
        logits.append(torch.atanh(model.sample(z).double()))
    assert_close(logits[1], (logits[0] + logits[2]) / 2, atol=1e-4, rtol=1e-4)


def test_pictures_have_their_full_size_and_the_detail_of_their_level() -> None:
    model = CASE.build(SHAPE).eval()
    z = model.prior.draw(3, seeded())
    for level, block in ((0, 4), (1, 2), (2, 1)):
        at(model, level, 1.0)
        drawn = model.sample(z)
        assert drawn.shape == (3, *SHAPE)
        assert_close(F.avg_pool2d(drawn, block).repeat_interleave(block, 2).repeat_interleave(block, 3), drawn)


def test_the_critic_sees_no_more_than_its_resolution() -> None:
    model = CASE.build(SHAPE).eval()
    x = torch.rand(3, *SHAPE, generator=seeded())
    coarse = F.avg_pool2d(x, 4).repeat_interleave(4, 2).repeat_interleave(4, 3)
    at(model, 0, 1.0)
    assert_close(model.features(x), model.features(coarse))
    at(model, 2, 1.0)
    assert not torch.allclose(model.features(x), model.features(coarse))


def test_stages_go_from_small_to_large_and_train_what_has_grown() -> None:
    training = trainer(CASE, pictures(SHAPE), steps=16)
    assert [stage.name for stage in training.stages] == ["4 x 4", "8 x 8", "16 x 16"]
    assert [stage.share for stage in training.stages] == [0.25, 0.25, 0.5]
    largest = training.model.generator.to_pixels[2].weight
    before = largest.detach().clone()
    levels, fades = [], []
    for _ in range(16):
        advance(training, 1)
        levels.append(int(training.model.generator.level))
        fades.append(float(training.model.generator.fade))
        # Where nothing of it counts yet it gets no gradient either.
        assert torch.equal(largest, before) == (levels[-1] < 2 or fades[-1] == 0.0)
    assert levels == [0] * 4 + [1] * 4 + [2] * 8
    assert fades == [0.0, 0.5, 1.0, 1.0] * 2 + [0.0, 0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 1.0]
