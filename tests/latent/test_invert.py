"""Inversion of models whose latents are known, and of what it is not to do."""

import numpy as np
import pytest
import torch
from torch import Tensor

from genlab.data.pictures import to_bytes
from genlab.latent.invert import Inversion, Settings, can_invert, invert, one_hot
from genlab.latent.spec import LatentError
from genlab.models import build
from genlab.models.base import GenerativeModel
from genlab.models.priors import ClassPrior, MixturePrior, NormalPrior

SLOPES = torch.tensor([[0.2, 0.1, 0.0], [0.0, 0.15, 0.1], [0.1, 0.0, 0.2], [-0.1, 0.1, 0.0]])


class Linear(GenerativeModel):
    """``x = A z + b``: of every picture that it draws there is one latent."""

    key = "gan"

    def __init__(self) -> None:
        super().__init__((1, 2, 2), None)
        self.prior = NormalPrior(3)

    def sample(self, z: Tensor) -> Tensor:
        return (z @ SLOPES.T + 0.05).view(-1, 1, 2, 2)


class Classes(Linear):
    """Each of three classes is brighter than the one before; its noise makes the left column darker or lighter."""

    def __init__(self) -> None:
        super().__init__()
        self.prior = ClassPrior(NormalPrior(1), 3)

    def sample(self, z: Tensor) -> Tensor:
        light = z[:, 1:] @ torch.tensor([-0.6, 0.0, 0.6])
        return torch.stack([light + 0.1 * z[:, 0], light] * 2, 1).view(-1, 1, 2, 2)


def drawn(model: GenerativeModel, z: list[float]) -> np.ndarray:
    return to_bytes(model.sample(torch.tensor([z], dtype=torch.float32)))[0].numpy()


def last(states) -> Inversion:
    *_, result = states
    return result


def test_of_a_linear_generator_the_very_latent_is_found() -> None:
    model, z = Linear(), [0.5, -1.0, 1.5]
    states = list(invert(model, drawn(model, z), Settings(steps=200)))
    # A pixel is told to half a level in 127.5, and the weakest way to move z changes pixels by 0.1 of it.
    np.testing.assert_allclose(states[-1].z, z, atol=0.03)
    np.testing.assert_array_equal(states[-1].picture, drawn(model, z))
    assert states[-1].error < 1e-5
    assert [len(state.losses) for state in states] == [1 + 10 * i for i in range(21)]
    assert (np.diff(states[-1].losses) <= 0).all()
    assert states[-1].losses[-1] < states[0].losses[0] / 100


def test_features_pull_too() -> None:
    """Only the features tell which of two latents of equal pixel error is meant."""
    model = Linear()
    wanted = drawn(model, [0.0, 0.0, 0.0])
    plain = last(invert(model, wanted, Settings()))
    weighed = last(invert(model, wanted, Settings(), features=lambda x: 10 * x.flatten(1)[:, :2]))
    np.testing.assert_allclose(plain.z, weighed.z, atol=0.05)  # an exact answer pleases both
    far = np.array([[[255, 0], [0, 255]]], np.uint8)  # no latent draws this
    error = [
        np.abs(last(invert(model, far, Settings(), features=f)).picture.astype(int) - far)[0, 0].mean()
        for f in (None, lambda x: 10 * x.flatten(1)[:, :2])
    ]
    assert error[1] < error[0]  # the pixels that the features look at are nearer


def test_latents_stay_typical() -> None:
    model = Linear()
    wanted = drawn(model, [8.0, 0.0, 0.0])  # nobody draws that
    found = last(invert(model, wanted, Settings(steps=400))).z
    assert 2.0 < np.linalg.norm(found) < 5.0  # 99 % of N(0, I) in three dimensions lie within 3.37


@pytest.mark.parametrize("label", [0, 1, 2])
def test_the_class_is_the_one_that_fits_best_or_the_one_asked_for(label: int) -> None:
    model = Classes()
    wanted = drawn(model, [1.5, *np.eye(3)[label]])
    found = last(invert(model, wanted, Settings()))
    np.testing.assert_array_equal(found.z[1:], np.eye(3)[label])  # still one whole class
    assert found.z[0] == pytest.approx(1.5, abs=0.1)
    other = last(invert(model, wanted, Settings(label=(label + 1) % 3)))
    np.testing.assert_array_equal(other.z[1:], np.eye(3)[(label + 1) % 3])
    assert other.error > found.error


def test_what_names_a_class_is_held() -> None:
    info = build("infogan", (1, 8, 8), {"latent": 4, "width": 4, "categories": 3, "numbers": 2})
    assert one_hot(info.prior).tolist() == [False] * 4 + [True] * 3 + [False] * 2
    assert one_hot(Classes().prior).tolist() == [False, True, True, True]
    assert not one_hot(MixturePrior(3, 4, 2)).any()


def test_a_guess_is_a_start_and_the_best_one_here() -> None:
    model, z = Linear(), np.array([0.5, -1.0, 1.5], np.float32)
    first = next(iter(invert(model, drawn(model, list(z)), Settings(), guess=z)))
    np.testing.assert_array_equal(first.z, z)


def test_the_same_seed_finds_the_same_and_one_may_stop_at_any_time() -> None:
    model = build("dcgan", (1, 8, 8), {"latent": 5, "width": 4}).eval()
    wanted = to_bytes(model.sample(torch.ones(1, 5)))[0].detach().numpy()
    once, again = (last(invert(model, wanted, Settings(seed=4, steps=40))) for _ in range(2))
    np.testing.assert_array_equal(once.z, again.z)
    np.testing.assert_array_equal(once.losses, again.losses)
    assert once.losses[-1] < once.losses[0]
    assert all(parameter.grad is None for parameter in model.parameters())
    states = invert(model, wanted, Settings())
    assert next(states).z.shape == (5,)
    states.close()


@pytest.mark.parametrize("settings", [{"steps": 5}, {"starts": 0}, {"seed": -1}, {"starts": True}, {"steps": 1.5}])
def test_settings_out_of_range_are_told(settings: dict) -> None:
    with pytest.raises(LatentError, match="whole number"):
        Settings(**settings)


class Broken(Linear):
    def sample(self, z: Tensor) -> Tensor:
        return super().sample(z) * torch.nan


class Steps(Linear):
    def sample(self, z: Tensor) -> Tensor:
        return super().sample(z.detach().round())


@pytest.mark.parametrize(
    ("model", "shape", "settings", "said"),
    [
        (Linear(), (1, 3, 2), {}, "shape"),
        (Linear(), (1, 2, 2), {"label": 0}, "class"),
        (Classes(), (1, 2, 2), {"label": 3}, "class"),
        (Broken(), (1, 2, 2), {}, "not finite"),
        (Steps(), (1, 2, 2), {}, "slope"),
    ],
)
def test_what_cannot_be_inverted_says_why(model: GenerativeModel, shape: tuple, settings: dict, said: str) -> None:
    with pytest.raises(LatentError, match=said):
        next(invert(model, np.zeros(shape, np.uint8), Settings(**settings)))


def test_which_models_have_a_slope() -> None:
    assert can_invert(Linear())
    assert not can_invert(Steps())
    assert not can_invert(build("hmm", (1, 8, 8), {}).eval())
    assert can_invert(build("vae", (1, 8, 8), {}).eval())
