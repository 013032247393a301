"""Priors: what they draw, and mixtures fitted to latents whose distribution is known."""

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from genlab.models.options import ModelError
from genlab.models.priors import MixturePrior, NormalPrior, _k_means


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def two_gaussians(n: int = 4000) -> tuple[Tensor, Tensor]:
    """Latents of a quarter around (-9, 0), narrow and tilted, and three quarters around (9, 2)."""
    generator = seeded(1)
    labels = (torch.arange(n) % 4 > 0).long()
    noise = torch.randn(n, 2, generator=generator)
    tilted = noise @ torch.tensor([[1.0, 0.0], [0.6, 0.8]]).T + torch.tensor([-9.0, 0.0])
    wide = noise * torch.tensor([2.0, 0.5]) + torch.tensor([9.0, 2.0])
    return torch.where(labels[:, None] == 0, tilted, wide), labels


def test_normal_prior() -> None:
    prior = NormalPrior(3)
    z = prior.draw(20_000, seeded())
    assert z.shape == (20_000, 3)
    assert_close(z.mean(0), torch.zeros(3), atol=0.03, rtol=0)
    assert_close(z.T.cov(), torch.eye(3), atol=0.04, rtol=0)
    assert_close(prior.draw(5, seeded(), 0.5), 0.5 * prior.draw(5, seeded()))
    assert prior.draw(5, seeded(), 0.0).abs().max() == 0
    assert prior.n_classes == 0
    with pytest.raises(ModelError, match="knows no classes"):
        prior.draw(1, seeded(), label=0)


def test_an_unfitted_mixture_is_a_standard_normal() -> None:
    z = MixturePrior(2, 4).draw(20_000, seeded())
    assert_close(z.mean(0), torch.zeros(2), atol=0.03, rtol=0)
    assert_close(z.T.cov(), torch.eye(2), atol=0.04, rtol=0)


@pytest.mark.parametrize("by_class", [False, True])
def test_fit_recovers_known_gaussians(by_class: bool) -> None:
    latents, labels = two_gaussians()
    prior = MixturePrior(2, 2, n_classes=2 if by_class else 0)
    prior.fit(latents, labels if by_class else None)
    order = prior.means[:, 0].argsort()
    assert_close(prior.weights[order], torch.tensor([0.25, 0.75]), atol=0.01, rtol=0)
    assert_close(prior.means[order], torch.tensor([[-9.0, 0.0], [9.0, 2.0]]), atol=0.15, rtol=0)
    covariances = (prior.factors @ prior.factors.mT)[order]
    expected = torch.tensor([[[1.0, 0.6], [0.6, 1.0]], [[4.0, 0.0], [0.0, 0.25]]])
    assert_close(covariances, expected, atol=0.3, rtol=0)


def test_draws_have_the_moments_of_what_was_fitted() -> None:
    latents, labels = two_gaussians()
    prior = MixturePrior(2, 2, n_classes=2)
    prior.fit(latents, labels)
    z = prior.draw(20_000, seeded())
    assert_close(z.mean(0), latents.mean(0), atol=0.1, rtol=0)
    assert_close(z.T.cov(), latents.T.cov(), atol=0.3, rtol=0.05)
    for label in (0, 1):
        drawn = prior.draw(20_000, seeded(), label=label)
        assert_close(drawn.mean(0), latents[labels == label].mean(0), atol=0.1, rtol=0)
        assert_close(drawn.T.cov(), latents[labels == label].T.cov(), atol=0.2, rtol=0)


def test_fit_is_deterministic_and_leaves_the_random_state_alone() -> None:
    latents, _ = two_gaussians()
    before = torch.get_rng_state()
    first, second = MixturePrior(2, 5), MixturePrior(2, 5)
    first.fit(latents)
    second.fit(latents)
    assert torch.equal(torch.get_rng_state(), before)
    for name, tensor in first.state_dict().items():
        assert torch.equal(tensor, second.state_dict()[name]), name


def test_fit_does_not_touch_the_latents() -> None:
    latents, labels = two_gaussians(40)
    kept = latents.clone()
    MixturePrior(2, 2, 2).fit(latents, labels)
    assert torch.equal(latents, kept)


def test_truncation_zero_gives_the_centres() -> None:
    latents, _ = two_gaussians()
    prior = MixturePrior(2, 3)
    prior.fit(latents)
    z = prior.draw(200, seeded(), truncation=0.0)
    assert torch.cdist(z, prior.means).min(1).values.max() < 1e-5
    assert {int(i) for i in torch.cdist(z, prior.means).argmin(1)} == {0, 1, 2}


def test_the_gaussians_of_a_class_find_its_kinds() -> None:
    generator = seeded()
    centres = torch.tensor([[-20.0, 0.0], [20.0, 0.0], [0.0, -20.0], [0.0, 20.0]])
    kinds = torch.arange(4).repeat_interleave(torch.tensor([100, 300, 50, 50]))
    prior = MixturePrior(2, 5, n_classes=2)  # two to each class
    prior.fit(centres[kinds] + torch.randn(500, 2, generator=generator), kinds // 2)
    assert len(prior.weights) == 4
    assert_close(prior.weights.view(2, 2).sum(1), torch.tensor([0.8, 0.2]))
    for label in (0, 1):
        many = prior.draw(4000, seeded(), label=label)
        one_each = prior.draw(4000, seeded(), label=torch.full((4000,), label))
        assert torch.equal(many, one_each)
        kind = torch.cdist(many, centres).argmin(1)
        assert set(kind.tolist()) == {2 * label, 2 * label + 1}
        first = (kind == 2 * label).double().mean().item()
        assert first == pytest.approx([0.25, 0.5][label], abs=0.03)
    kind = torch.cdist(prior.draw(4000, seeded()), centres).argmin(1)
    assert_close(torch.bincount(kind) / 4000, torch.tensor([0.2, 0.6, 0.1, 0.1]), atol=0.03, rtol=0)


def test_truncation_scales_the_distance_from_the_centre() -> None:
    latents, labels = two_gaussians()
    prior = MixturePrior(2, 2, n_classes=2)
    prior.fit(latents, labels)
    full, half = prior.draw(50, seeded(), 1.0, 0), prior.draw(50, seeded(), 0.5, 0)
    assert_close(half - prior.means[0], 0.5 * (full - prior.means[0]))


@pytest.mark.parametrize("label", [-1, 2, 10**9])
def test_a_class_that_does_not_exist_is_refused(label: int) -> None:
    with pytest.raises(ModelError, match="classes go from 0 to 1"):
        MixturePrior(2, 2, n_classes=2).draw(1, seeded(), label=label)


def test_a_free_mixture_knows_no_classes() -> None:
    with pytest.raises(ModelError, match="no class 0"):
        MixturePrior(2, 2).draw(1, seeded(), label=0)


def test_one_gaussian_a_class_needs_labels_to_be_fitted() -> None:
    with pytest.raises(ModelError, match="needs pictures with classes"):
        MixturePrior(2, 2, n_classes=2).fit(torch.randn(4, 2))


def test_a_class_of_one_has_the_average_shape() -> None:
    latents = torch.cat([torch.randn(500, 2, generator=seeded()), torch.tensor([[50.0, 0.0]])])
    labels = torch.tensor([0] * 500 + [1])
    prior = MixturePrior(2, 2, n_classes=2)
    prior.fit(latents, labels)
    assert_close(prior.means[1], torch.tensor([50.0, 0.0]))
    z = prior.draw(2000, seeded(), label=1)
    assert_close(z.mean(0), torch.tensor([50.0, 0.0]), atol=0.1, rtol=0)
    assert 0.3 < z.std(0).min() <= z.std(0).max() < 2.0


def test_a_class_without_pictures_is_never_drawn_unless_asked_for() -> None:
    prior = MixturePrior(1, 3, n_classes=3)
    prior.fit(torch.tensor([[10.0], [10.5], [-10.0], [-10.5]]), torch.tensor([0, 0, 2, 2]))
    assert (prior.draw(500, seeded(), 0.0).abs() > 5).all()
    assert torch.isfinite(prior.draw(5, seeded(), label=1)).all()


@pytest.mark.parametrize(("n", "components"), [(1, 1), (1, 5), (3, 40), (40, 40)])
def test_fewer_latents_than_components(n: int, components: int) -> None:
    latents = torch.randn(n, 4, generator=seeded())
    prior = MixturePrior(4, components)
    prior.fit(latents)
    z = prior.draw(100, seeded())
    assert torch.isfinite(z).all()
    assert torch.cdist(z, latents).min(1).values.max() < 20


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e4])
@pytest.mark.parametrize("offset", [0.0, 1e3])
def test_latents_that_are_copies_of_each_other_or_far_away(scale: float, offset: float) -> None:
    one = torch.randn(300, 1, generator=seeded())
    latents = scale * torch.cat([one, one, -one, torch.zeros(300, 1)], 1) + offset
    prior = MixturePrior(4, 3)
    prior.fit(latents)
    assert all(torch.isfinite(tensor).all() for tensor in prior.state_dict().values())


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_latents_that_are_no_numbers_are_refused(value: float) -> None:
    with pytest.raises(ModelError, match="no finite numbers"):
        MixturePrior(2, 2).fit(torch.full((5, 2), value))


def test_k_means_finds_clusters_and_stays_put() -> None:
    centres = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    member = torch.arange(90) // 30
    points = centres[member] + 0.5 * torch.randn(90, 2, generator=seeded())
    found = _k_means(points, 3)
    assert torch.equal(found, member)
    # Led by the same pictures, the clusters keep their numbers while the latents move.
    assert torch.equal(_k_means(points + 0.1 * torch.randn(90, 2, generator=seeded(1)), 3), found)
