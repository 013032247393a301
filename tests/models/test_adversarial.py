"""The game of two players, each against an opponent that holds still."""

import pytest
import torch

from genlab.data.pictures import to_floats
from genlab.models.base import Batch
from tests.helpers import CASES, Case, pictures, seeded, trainer

GANS = [case for case in CASES if case.model in ("gan", "dcgan")]
each_gan = pytest.mark.parametrize("case", GANS, ids=[case.name for case in GANS])
WITH_R1 = [case for case in GANS if case.options.get("r1_gamma", 1.0)]
each_with_r1 = pytest.mark.parametrize("case", WITH_R1, ids=[case.name for case in WITH_R1])


@each_gan
def test_a_critic_alone_tells_real_from_noise(case: Case) -> None:
    training = trainer(case, pictures(n=16), steps=1000)
    generator, critic = training.players
    x = to_floats(training.pictures.images)
    noise = torch.rand(x.shape, generator=seeded(1)) * 2 - 1
    labels = training.pictures.labels
    latents = training.model.draw_latents(Batch(x, labels, 1, seeded()))
    batch = Batch(x, labels, 1, seeded(), {"fake": noise, "z": latents})
    for _ in range(60):
        training._play(critic, batch, 1.0)
    training.take_metrics()
    training._play(critic, batch, 1.0)
    last = training.take_metrics()
    assert min(last["critic/real right"], last["critic/fake right"]) > 0.9
    assert last["critic/loss"] < 0.5
    assert generator.name == "generator"


@each_gan
def test_a_generator_alone_fools_a_critic_that_does_not_learn(case: Case) -> None:
    training = trainer(case, pictures(n=16), steps=1000)
    generator = training.players[0]
    batch = training._next_batch()
    training._play(generator, batch, 1.0)
    first = training.take_metrics()["generator/loss"]
    for _ in range(60):
        training._play(generator, batch, 1.0)
    training.take_metrics()
    training._play(generator, batch, 1.0)
    assert training.take_metrics()["generator/loss"] < first - 0.05


@each_with_r1
def test_r1_is_played_every_sixteenth_step_with_sixteen_times_the_weight(case: Case) -> None:
    model, data = case.build().eval(), pictures(n=8)
    x, y = to_floats(data.images), data.labels
    shared = {"fake": x.flip(0), "z": model.draw_latents(Batch(x, y, 0, seeded()))}
    at = [model.stages()[0].players[1].loss(Batch(x, y, step, seeded(), dict(shared))) for step in (0, 1, 15, 16)]
    assert ["R1" in metrics for _, metrics in at] == [True, False, False, True]
    assert at[0][0].item() == pytest.approx(at[1][0].item() + 16 * at[0][1]["R1"].item(), rel=1e-4)
