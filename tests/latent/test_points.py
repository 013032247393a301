"""What is projected, and that it says so."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from genlab.data.pictures import Pictures, to_bytes, to_floats
from genlab.latent.points import choices, collect
from genlab.latent.spec import LatentError
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
    assert "15 real pictures and 15 generated ones" in points.about
    assert "features that the model sees" in points.about


def test_pixels_of_an_encoder_model_have_latents_for_all():
    points = collect(Encoder(), pictures(), "pixels", 20, seed=0)
    assert points.features.shape == (20, 4)
    assert points.features.min() >= -1
    assert points.features.max() <= 1
    assert np.isfinite(points.latents).all()
    assert "4 pixel values of 10 real pictures" in points.about


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
    assert choices(Encoder()) == ("encoder", "pixels")
    assert choices(Critic()) == ("features", "pixels")
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
