"""Frames that lie on each other: alignment against hand and reference, and films that survive the disk."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial import procrustes

from genlab.latent.film import Film, Frame, align, chosen_steps, filled, load, save, shoot, thumbnails
from genlab.latent.points import collect
from genlab.latent.spec import LatentError, Spec
from tests.latent.models import Critic, Encoder, pictures


def cloud(seed: int, n: int = 30, d: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def turned(angle: float, mirrored: bool) -> np.ndarray:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return turn @ np.diag([1, -1]) if mirrored else turn


@given(
    angle=st.floats(0, 6.28), mirrored=st.booleans(), scale=st.floats(0.01, 100), shift=st.floats(-50, 50),
    seed=st.integers(0, 99),
)  # fmt: skip
def test_a_turned_mirrored_scaled_and_shifted_copy_aligns_exactly(angle, mirrored, scale, shift, seed) -> None:
    target = cloud(seed)
    copy = (scale * target @ turned(angle, mirrored) + [shift, -2 * shift]).astype(np.float32)
    found = align(copy, target)
    # The copy is float32: where it lies far off, rounding is all that is left.
    assert_allclose(found.apply(copy), target, atol=1e-4 + 1e-5 * abs(shift) / scale)
    assert found.scale == pytest.approx(1 / scale, rel=1e-3)
    assert found.disparity < 1e-6 + (1e-5 * shift / scale) ** 2
    assert_allclose(found.turn @ found.turn.T, np.eye(2), atol=1e-9)


@given(seed=st.integers(0, 999), n=st.integers(3, 40), d=st.integers(2, 4), noise=st.floats(0, 3))
def test_disparity_is_scipys_and_alignment_never_increases_the_distance(seed, n, d, noise) -> None:
    target = cloud(seed, n, d)
    other = (target @ np.linalg.qr(cloud(seed + 1, d, d))[0] + noise * cloud(seed + 2, n, d)).astype(np.float32)
    found = align(other, target)
    assert found.disparity == pytest.approx(procrustes(target, other)[2], abs=1e-6)
    before, after = ((places - target) ** 2 for places in (other, found.apply(other)))
    assert after.sum() <= before.sum() * (1 + 1e-5) + 1e-6
    spread = ((target - target.mean(axis=0)) ** 2).sum()
    assert after.sum() / spread == pytest.approx(found.disparity, abs=1e-5)


def test_a_quarter_turn_by_hand() -> None:
    target = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]], np.float32)
    quarter = np.array([[0, 1], [-1, 0], [0, -1], [1, 0]], np.float32)  # each corner where the next one was
    found = align(10 + 2 * quarter, target)
    assert_allclose(found.turn, [[0, -1], [1, 0]], atol=1e-7)
    assert found.scale == pytest.approx(0.5)
    assert found.centre.tolist() == [10, 10]


def test_single_places_align_with_nothing() -> None:
    spot, target = np.full((5, 2), 3, np.float32), cloud(0, 5)
    found = align(spot, target)
    assert found.disparity == 1
    assert_allclose(found.apply(spot), np.tile(target.mean(axis=0), (5, 1)), atol=1e-6)
    assert align(target, spot).disparity == 1


def test_what_points_fill_leaves_out_the_few_that_lie_far_outside() -> None:
    even = np.linspace(0, 100, 201)
    places = np.stack([np.stack([even, even / 2], 1), np.stack([even, np.append(even[1:] / 2, 1e6)], 1)])
    fills = filled(places.astype(np.float32))
    np.testing.assert_allclose(fills[0], [50, 25, 100, 50])  # all of them: none lies far outside
    np.testing.assert_allclose(fills[1, [0, 2]], [50, 100])
    assert 50 < fills[1, 3] < 50 * 1.3 + 1
    np.testing.assert_allclose(filled(np.full((1, 5, 2), 7, np.float32)), [[7, 7, 0, 0]])


@given(steps=st.sets(st.integers(0, 10**6), min_size=1, max_size=80).map(sorted), most=st.integers(2, 25))
def test_chosen_steps_are_few_and_keep_the_ends(steps: list[int], most: int) -> None:
    chosen = chosen_steps(steps, most)
    assert set(chosen) <= set(steps)
    assert chosen == sorted(set(chosen))
    assert (chosen[0], chosen[-1]) == (steps[0], steps[-1])
    assert len(chosen) <= most
    if len(steps) <= most:
        assert chosen == steps


def test_steps_are_chosen_evenly_in_step_and_not_in_number() -> None:
    assert chosen_steps([0, 1, 2, 3, 4, 50, 100], 3) == [0, 50, 100]


def film(model=None, what: str = "encoder", n: int = 24) -> Film:
    spec = Spec(what, "pca", 2, n)
    points = collect(model or Encoder(), pictures(), what, n, 0)
    first = shoot(10, "aa", points, "pca")
    bent = replace(first, step=30, weights="bb", coords=(first.coords @ turned(1, True) + cloud(3, n) / 9).astype("f4"))
    real = ~points.generated
    return Film(spec, 2, (first, bent), points.images[real], points.labels[real], points.classes, ((20, "It broke."),))


def test_two_latents_are_shown_as_they_are_in_every_frame() -> None:
    points = collect(Encoder(), pictures(), "encoder", 24, 0)
    turned_later = replace(points, features=(points.features @ turned(1, True)).astype("f4"))
    frames = (shoot(10, "aa", points, "plane"), shoot(30, "bb", turned_later, "plane"))
    shown = Film(Spec("encoder", "plane", 2, 24), 2, frames, points.images, points.labels, points.classes)
    places, disparity = shown.aligned()
    assert_array_equal(places, np.stack([points.features, turned_later.features]))
    assert_allclose(disparity, 0, atol=1e-6)  # the same shape
    assert [frame.held for frame in frames] == [1, 1]


def test_a_frame_is_the_plane_of_most_variance() -> None:
    made = film()
    assert made.frames[0].held == pytest.approx(1)  # two latents, two axes
    assert made.frames[0].generated.shape == (0, 1, 2, 2)
    assert made.steps == [10, 30]
    points = collect(Encoder(), pictures(), "encoder", 24, 0)
    apart = np.linalg.norm(points.features[:, None] - points.features, axis=2)
    assert_allclose(np.linalg.norm(made.frames[0].coords[:, None] - made.frames[0].coords, axis=2), apart, atol=1e-5)


def test_frames_are_laid_on_the_last_by_their_real_pictures() -> None:
    made = film(Critic(), "features")
    real = len(made.images)
    assert (real, made.n_generated, len(made)) == (12, 12, 24)
    places, disparity = made.aligned()
    assert_allclose(places[-1], made.frames[-1].coords, atol=1e-5)
    assert disparity[-1] == pytest.approx(0, abs=1e-9)
    target, first = made.frames[-1].coords[:real], made.frames[0].coords[:real]
    assert disparity[0] == pytest.approx(procrustes(target, first)[2], abs=1e-6)
    # Generated pictures come along: distances to real ones keep their ratios.
    before = np.linalg.norm(made.frames[0].coords[real:] - made.frames[0].coords[0], axis=1)
    after = np.linalg.norm(places[0][real:] - places[0][0], axis=1)
    assert_allclose(after / before, (after / before)[0], rtol=1e-4)


def test_a_film_survives_the_disk(tmp_path: Path) -> None:
    made = film(Critic(), "features")
    save(made, tmp_path / "a.npz", {"base": "b"})
    read = load(tmp_path / "a.npz")
    for one, other in zip(read.frames, made.frames, strict=True):
        assert (one.step, one.weights, one.held) == (other.step, other.weights, other.held)
        assert_array_equal(one.coords, other.coords)
        assert_array_equal(one.generated, other.generated)
    assert_array_equal(read.images, made.images)
    assert_array_equal(read.labels, made.labels)
    assert (read.spec, read.width, read.classes, read.left_out) == (made.spec, 2, ("a", "b", "c"), ((20, "It broke."),))
    assert json.loads((tmp_path / "a.json").read_text())["base"] == "b"


@pytest.mark.parametrize("damage", ["cut", "frames", "words", "labels", "nan"])
def test_a_damaged_film_is_refused_in_a_sentence(tmp_path: Path, damage: str) -> None:
    made = film()
    if damage == "labels":
        made = replace(made, labels=made.labels + 7)
    if damage == "nan":
        made = replace(made, frames=(replace(made.frames[0], coords=made.frames[0].coords * np.nan),))
    save(made, tmp_path / "a.npz", {})
    about = tmp_path / "a.json"
    if damage == "cut":
        (tmp_path / "a.npz").write_bytes((tmp_path / "a.npz").read_bytes()[:99])
    if damage == "frames":
        about.write_text(about.read_text().replace('"weights": "aa"', '"weight": "aa"'))
    if damage == "words":
        about.write_text("[]")
    with pytest.raises(LatentError, match="missing or damaged"):
        load(tmp_path / "a.npz")


def test_pictures_are_kept_small() -> None:
    images = np.zeros((1, 3, 64, 40), np.uint8)
    images[:, :, ::2] = 100
    small = thumbnails(images)
    assert small.shape == (1, 3, 32, 20)
    assert (small == 50).all()
    assert thumbnails(small) is small


def test_what_cannot_be_projected_makes_no_frame() -> None:
    points = collect(Encoder(), pictures(), "encoder", 24, 0)
    with pytest.raises(LatentError, match="All the points are the same"):
        shoot(1, "aa", replace(points, features=np.ones_like(points.features)), "pca")
    assert isinstance(shoot(1, "aa", points, "pca"), Frame)
