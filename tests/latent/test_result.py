"""A map written to disk comes back the same, or is refused in a sentence."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

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
    for name in ("coords", "explained", "images", "labels", "generated", "latents"):
        assert_array_equal(getattr(read, name), getattr(made, name))
    assert (read.spec, read.step, read.width, read.kept) == (made.spec, 300, 2, made.kept)
    assert read.classes == ("a", "b", "c")
    assert len(read) == 24
    assert read.n_generated == 12
    assert read.has_latent().tolist() == [False] * 12 + [True] * 12


def test_tsne_maps_have_no_explained_variance():
    made = make(Spec("encoder", "tsne", n=40, perplexity=5))
    assert made.explained.shape == (0,)
    assert made.coords.shape == (40, 2)
    assert made.has_latent().all()


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
    elif how == "pickle":
        np.savez(path, coords=np.array([{"a": 1}], dtype=object))
    elif how == "short":
        with np.load(path) as file:
            np.savez(path, **{**file, "labels": file["labels"][:3]})


@pytest.mark.parametrize(
    "how",
    ["cut", "text", "gone", "no description", "half a description", "a list", "other dims", "no names",
     "pickle", "short"],
)  # fmt: skip
def test_a_damaged_map_is_refused(tmp_path: Path, how: str):
    path = tmp_path / "map.npz"
    save(make(), path)
    spoil(path, how)
    with pytest.raises(LatentError, match="missing or damaged"):
        load(path)
