"""A map written to disk comes back the same, or is refused in a sentence."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from genlab.latent.points import collect
from genlab.latent.result import Projection, load, project, save
from genlab.latent.spec import LatentError, Spec
from tests.latent.models import Critic, Encoder, pictures


def make(spec: Spec | None = None) -> Projection:
    spec = spec or Spec("features", n=24)
    model = Encoder() if spec.what == "encoder" else Critic()
    return project(spec, collect(model, pictures(), spec.what, spec.n, spec.seed), step=300)


def test_a_map_survives_the_disk(tmp_path: Path):
    made = make()
    save(made, tmp_path / "map.npz")
    read = load(tmp_path / "map.npz")
    for name in ("coords", "explained", "centre", "basis", "features", "neighbours", "trust", "density", "images",
                 "labels", "generated", "latents"):  # fmt: skip
        assert_array_equal(getattr(read, name), getattr(made, name))
    assert (read.spec, read.step, read.width, read.kept) == (made.spec, 300, 2, made.kept)
    assert (read.trustworthiness, read.continuity) == (made.trustworthiness, made.continuity)
    assert read.classes == ("a", "b", "c")
    assert len(read) == 24
    assert read.n_generated == 12
    assert read.has_latent().tolist() == [False] * 12 + [True] * 12


def test_a_linear_map_can_be_turned_back():
    made = make(Spec("encoder", n=40))
    assert_allclose(made.centre + made.coords @ made.basis, made.features, atol=1e-5)


def test_a_map_says_what_it_keeps():
    made = make(Spec("encoder", n=40))  # two numbers to two: PCA turns them, and all is kept
    assert made.kept == made.trustworthiness == made.continuity == 1.0
    assert made.neighbours.shape == (40, 10)
    assert made.trust.shape == made.density.shape == (40,)
    assert (made.trust == 1).all()


@pytest.mark.parametrize(
    ("spec", "what"),
    [(Spec("encoder", "plane", n=40), "encoder"), (Spec("encoder", "axes", n=40, axes=(0, 1, 0, 2)), "encoder")],
)
def test_other_linear_maps_can_be_turned_back_too(spec: Spec, what: str):
    made = make(spec)
    assert made.spec.what == what
    assert_allclose(made.centre + made.coords @ made.basis, made.features, atol=1e-4)
    assert made.explained.shape == (0,)


def test_umap_keeps_the_points_and_no_axes():
    made = make(Spec("encoder", "umap", n=40, neighbours=8))
    assert made.coords.shape == (40, 2)
    assert made.basis.shape == (0, 2)
    assert made.kept > 0.5


def test_places_that_are_no_numbers_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("genlab.latent.result.umap", lambda features, *_: np.full((len(features), 2), np.nan))
    with pytest.raises(LatentError, match="no numbers"):
        make(Spec("encoder", "umap", n=40, neighbours=8))


def test_features_too_wide_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("genlab.latent.result.WIDEST_KEPT", 3)
    made = make(Spec("pixels", n=24))
    assert made.features.shape == (0, 4)
    assert made.basis.shape == (2, 4)
    save(made, tmp_path / "map.npz")
    assert_array_equal(load(tmp_path / "map.npz").basis, made.basis)


def test_latents_that_are_the_features_are_kept_once(tmp_path: Path):
    made = make(Spec("encoder", n=24))
    assert_array_equal(made.features, made.latents)
    save(made, tmp_path / "map.npz")
    with np.load(tmp_path / "map.npz") as file:
        assert "features" not in file
    assert_array_equal(load(tmp_path / "map.npz").features, made.features)


def test_tsne_maps_have_no_explained_variance():
    made = make(Spec("encoder", "tsne", n=40, perplexity=5))
    assert made.explained.shape == made.centre.shape == (0,)
    assert made.basis.shape == (0, 2)
    assert made.features.shape == (40, 2)
    assert made.coords.shape == (40, 2)
    assert made.has_latent().all()


CUT = {
    "short": ("labels", slice(3)),
    "half a basis": ("basis", slice(1)),
    "no centre": ("centre", slice(0)),
    "some features": ("features", slice(1, None)),
    "no trust": ("trust", slice(0)),
}


def spoil(path: Path, how: str) -> None:
    about = path.with_suffix(".json")
    words = json.loads(about.read_text())
    if how == "cut":
        path.write_bytes(path.read_bytes()[:-100])
    elif how == "text":
        path.write_text("hello")
    elif how == "gone":
        path.unlink()
    elif how == "no description":
        about.unlink()
    elif how == "half a description":
        about.write_text(about.read_text()[:40])
    elif how == "a list":
        about.write_text("[]")
    elif how == "other dims":
        about.write_text(json.dumps(words | {"spec": words["spec"] | {"dims": 3}}))
    elif how == "no names":
        about.write_text(json.dumps(words | {"classes": []}))
    elif how == "neighbours beyond":
        with np.load(path) as file:
            np.savez(path, **{**file, "neighbours": file["neighbours"] + 5})
    elif how == "few errors":
        with np.load(path) as file:
            np.savez(path, **{**file, "error": np.zeros(3, np.float32)})
    elif how == "pickle":
        np.savez(path, coords=np.array([{"a": 1}], dtype=object))
    else:
        name, rows = CUT[how]
        with np.load(path) as file:
            np.savez(path, **{**file, name: file[name][rows]})


@pytest.mark.parametrize(
    "how",
    ["cut", "text", "gone", "no description", "half a description", "a list", "other dims", "no names", "pickle",
     "neighbours beyond", "few errors", *CUT],
)  # fmt: skip
def test_a_damaged_map_is_refused(tmp_path: Path, how: str):
    path = tmp_path / "map.npz"
    save(make(), path)
    spoil(path, how)
    with pytest.raises(LatentError, match="missing or damaged"):
        load(path)
