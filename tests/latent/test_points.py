"""What is projected, and that it says so."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from genlab.data.pictures import Pictures, to_bytes, to_floats
from genlab.latent.points import Seen, choices, collect, features_of, hidden
from genlab.latent.spec import LatentError
from genlab.models import MODELS, build
from tests.latent.models import Critic, Encoder, pictures


def test_an_encoder_shows_the_means_of_real_pictures():
    points = collect(Encoder(), pictures(), "encoder", 20, seed=0)
    assert points.features.shape == (20, 2)
    assert not points.generated.any()
    assert_allclose(points.features, to_floats(torch.from_numpy(points.images)).mean((1, 2)), atol=1e-6)
    assert_array_equal(points.latents, points.features)
    assert points.about == (
        "Each point is a picture, placed by the 2 latent means that the encoder gives 20 real pictures."
    )


def test_pictures_keep_their_labels_and_none_comes_twice():
    source = pictures()
    points = collect(Encoder(), source, "encoder", 40, seed=1)
    lookup = {image.numpy().tobytes(): int(label) for image, label in zip(source.images, source.labels, strict=True)}
    assert [lookup[image.tobytes()] for image in points.images] == points.labels.tolist()
    assert len({image.tobytes() for image in points.images}) == 40


def test_a_model_without_encoder_sees_real_and_generated_pictures_half_and_half():
    model = Critic()
    points = collect(model, pictures(), "features", 30, seed=0)
    assert points.generated.tolist() == [False] * 15 + [True] * 15
    floats = to_floats(torch.from_numpy(points.images))
    assert_allclose(points.features[:, 0], floats.sum((1, 2, 3)), rtol=1e-5)
    assert (points.labels[:15] >= 0).all()
    assert (points.labels[15:] == -1).all()
    assert np.isnan(points.latents[:15]).all()
    drawn = to_bytes(model.sample(torch.from_numpy(points.latents[15:])))
    assert_array_equal(drawn, points.images[15:])
    assert "15 real and 15 generated pictures" in points.about
    assert "features that the model sees" in points.about


def test_pixels_of_an_encoder_model_have_latents_for_all():
    points = collect(Encoder(), pictures(), "pixels", 20, seed=0)
    assert points.features.shape == (20, 4)
    assert points.features.min() >= -1
    assert points.features.max() <= 1
    assert np.isfinite(points.latents).all()
    assert "4 pixel values of 10 real and 10 generated pictures" in points.about


def test_the_seed_decides_everything():
    first, again, other = (collect(Critic(), pictures(), "features", 20, seed=seed) for seed in (7, 7, 8))
    assert_array_equal(first.features, again.features)
    assert_array_equal(first.images, again.images)
    assert not np.array_equal(first.images, other.images)


def test_more_points_than_pictures_gives_all_pictures():
    assert len(collect(Encoder(), pictures(12), "encoder", 5000, seed=0).features) == 12
    few = collect(Critic(), pictures(12), "features", 5000, seed=0)
    assert few.generated.sum() == 12


def test_unlabelled_pictures_have_no_class():
    points = collect(Encoder(), pictures(labelled=False), "encoder", 10, seed=0)
    assert points.classes == ()
    assert (points.labels == -1).all()


def test_each_model_offers_what_it_has():
    assert choices(Encoder()) == ("encoder", "z", "generator", "classifier", "pixels")
    assert choices(Critic()) == ("features", "z", "generator", "classifier", "pixels")
    assert choices(MODELS["vqvae"])[:3] == ("features", "encoder", "z")  # its latents are normal whatever is drawn
    assert choices(MODELS["vaegan"])[0] == choices(MODELS["hybrid"])[0] == "encoder"
    assert choices(MODELS["hmm"]) == ("features", "z", "classifier", "pixels")
    with pytest.raises(LatentError, match="has no encoder"):
        collect(Critic(), pictures(), "encoder", 10, 0)
    with pytest.raises(LatentError, match="has no features"):
        collect(Encoder(), pictures(), "features", 10, 0)


def test_pictures_of_another_shape_are_refused():
    other = Pictures("big", torch.zeros(12, 1, 3, 3, dtype=torch.uint8), None)
    with pytest.raises(LatentError, match=r"\(1, 2, 2\)"):
        collect(Encoder(), other, "encoder", 10, 0)


def test_a_broken_model_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Critic, "features", lambda self, x: torch.full((len(x), 2), torch.nan))
    with pytest.raises(LatentError, match="not finite"):
        collect(Critic(), pictures(), "features", 10, 0)


def sees(images: torch.Tensor) -> Seen:
    """Two features; a picture whose upper left pixel is bright is of class 2, the brighter the surer."""
    first = images[:, 0, 0, 0]
    return Seen(torch.stack([first.float(), -first.float()], 1), torch.where(first > 127, 2, 0), first / 255)


def test_latents_drawn_stand_beside_the_pictures_made_of_them():
    model = Critic()
    points = collect(model, pictures(12), "z", 30, 0, sees)
    assert points.generated.all()
    assert_array_equal(points.features, points.latents)
    assert_array_equal(points.images, to_bytes(model.sample(torch.from_numpy(points.latents))))
    assert_array_equal(points.labels, np.where(points.images[:, 0, 0, 0] > 127, 2, 0))
    assert_array_equal(points.confidence, points.images[:, 0, 0, 0] / np.float32(255))
    assert points.about.endswith("the 2 numbers of the latents behind 30 generated pictures.")


def test_a_classifier_that_knows_no_classes_gives_none():
    points = collect(Critic(), pictures(), "z", 10, 0, lambda images: Seen(sees(images).features, None))
    assert (points.labels == -1).all()
    assert points.confidence.shape == (0,)


def test_a_classifier_sees_real_and_generated_pictures():
    points = collect(Critic(), pictures(), "classifier", 20, 0, sees)
    assert_array_equal(points.features[:, 0], points.images[:, 0, 0, 0])
    assert points.generated.sum() == 10
    assert (points.labels[10:] == -1).all()  # a class that is guessed is none beside those that are known
    with pytest.raises(LatentError, match="needs a classifier"):
        collect(Critic(), pictures(), "classifier", 20, 0)


class Layered(Critic):
    """Its generator has a hidden layer of two numbers, each twice one of the latents, cut at 0."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = torch.nn.Sequential(
            torch.nn.Linear(2, 2, bias=False), torch.nn.ReLU(inplace=True), torch.nn.Linear(2, 4), torch.nn.Tanh()
        )
        with torch.no_grad():
            self.generator[0].weight.copy_(2 * torch.eye(2))

    def sample(self, z: torch.Tensor) -> torch.Tensor:
        return self.generator(z).view(-1, 1, 2, 2)


def test_the_generators_last_hidden_layer_by_hand():
    model = Layered()
    points = collect(model, pictures(), "generator", 300, 0, sees)
    assert_allclose(points.features, np.maximum(2 * points.latents, 0), rtol=1e-6)
    assert not any(part._forward_pre_hooks for part in model.modules())
    with pytest.raises(LatentError, match="without hidden layers"):
        collect(Critic(), pictures(), "generator", 10, 0, sees)


def test_maps_of_channels_become_means_over_blocks():
    class Convolved(Critic):
        def __init__(self) -> None:
            super().__init__()
            self.last = torch.nn.Conv2d(128, 1, 1)

        def sample(self, z: torch.Tensor) -> torch.Tensor:
            maps = torch.arange(16.0).view(1, 1, 4, 4).expand(len(z), 128, 4, 4)
            return self.last(maps)[:, :, :2, :2]

    found = hidden(Convolved(), torch.zeros(3, 2))
    assert found.shape == (3, 512)  # 128 channels of 2 x 2 blocks
    # Rows of four: the upper left block holds 0, 1, 4 and 5.
    assert_allclose(found[0, :4], [2.5, 4.5, 10.5, 12.5])


@pytest.mark.parametrize("key", sorted(key for key, model in MODELS.items() if model.has_hidden))
def test_every_generator_has_a_hidden_layer_that_fits(key: str):
    torch.manual_seed(0)
    model = build(key, (1, 8, 8), {}, 10).eval()
    z = model.prior.draw(2, torch.Generator().manual_seed(0))
    found = hidden(model, z)
    assert found.shape[0] == 2
    assert not torch.equal(found[0], found[1])
    assert found.shape[1] != z.shape[1]


def test_what_is_not_in_pictures_is_not_looked_for_there():
    with pytest.raises(LatentError, match="a map of z"):
        features_of(Critic(), pictures().images, "z")
