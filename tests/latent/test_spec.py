"""What may be asked of a map, and how its name is made."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlab.latent.spec import MAX_POINTS, MAX_SEED, LatentError, Spec, key

SPECS = st.builds(
    Spec,
    what=st.sampled_from(["encoder", "z"]),
    method=st.sampled_from(["pca", "tsne", "umap", "axes", "plane"]),
    dims=st.just(2),
    n=st.integers(10, MAX_POINTS),
    seed=st.integers(0, MAX_SEED),
    split=st.sampled_from(["train", "test"]),
    perplexity=st.floats(2, 200),
    quality=st.sampled_from(["standard", "fast"]),
    exaggeration=st.floats(1, 50),
    neighbours=st.integers(2, 200),
    min_dist=st.floats(0, 1),
    axes=st.permutations(range(5)).map(lambda labels: tuple(labels[:4])),
    again=st.integers(0, 9),
)


@given(SPECS)
def test_a_spec_survives_json(spec: Spec):
    assert Spec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec


OTHERS = {
    "perplexity": 5, "quality": "fast", "exaggeration": 4, "neighbours": 7, "min_dist": 0.3, "axes": (0, 1, 2, 3),
    "again": 1,
}  # fmt: skip
USED = {
    "pca": set(),
    "plane": set(),
    "axes": {"axes"},
    "tsne": {"perplexity", "quality", "exaggeration", "again"},
    "umap": {"neighbours", "min_dist", "again"},
}


@pytest.mark.parametrize("method", USED)
@pytest.mark.parametrize("name", OTHERS)
def test_what_a_method_does_not_use_does_not_name_another_map(method: str, name: str):
    usual = {"axes": (0, 1, 0, 2)} if method == "axes" else {}
    spec, other = (Spec("z", method, **values) for values in (usual, usual | {name: OTHERS[name]}))
    assert (spec == other) == (name not in USED[method])
    assert set(spec.parameters()) == USED[method]


@given(SPECS, SPECS)
def test_a_name_stands_for_one_map(first: Spec, second: Spec):
    assert (key(first, {"weights": "a"}) == key(second, {"weights": "a"})) == (first == second)


def test_a_name_changes_with_every_ingredient():
    spec = Spec("encoder")
    names = {key(spec, {"weights": w, "sklearn": v}) for w in ("a", "b") for v in ("1", "2")}
    assert len(names) == 4
    assert all(len(name) == 24 and int(name, 16) >= 0 for name in names)


@pytest.mark.parametrize(
    "values",
    [
        {"what": "dreams"},
        {"method": "isomap"},
        {"split": "both"},
        {"dims": 4},
        {"dims": True},
        {"n": 9},
        {"n": MAX_POINTS + 1},
        {"n": 100.0},
        {"n": True},
        {"n": "100"},
        {"seed": -1},
        {"seed": MAX_SEED + 1},
        {"method": "tsne", "perplexity": 1.9},
        {"method": "tsne", "perplexity": 201},
        {"method": "tsne", "perplexity": math.nan},
        {"method": "tsne", "perplexity": "30"},
        {"method": "tsne", "exaggeration": 0.5},
        {"method": "tsne", "exaggeration": math.inf},
        {"method": "tsne", "quality": "best"},
        {"method": "tsne", "again": 10},
        {"method": "umap", "neighbours": 1},
        {"method": "umap", "neighbours": 15.0},
        {"method": "umap", "min_dist": 1.1},
        {"method": "umap", "min_dist": math.nan},
        {"method": "axes"},
        {"method": "axes", "axes": (0, 1, 2)},
        {"method": "axes", "axes": (0, 0, 1, 2)},
        {"method": "axes", "axes": (0, 1, 2, 2)},
        {"method": "axes", "axes": (0, 1, 2, -1)},
        {"method": "axes", "axes": "0123"},
        {"method": "axes", "axes": (0, 1, 2, 3), "dims": 3},
        {"method": "plane"},
        {"method": "plane", "what": "z", "dims": 3},
    ],
)
def test_values_that_are_not_allowed_are_refused(values):
    with pytest.raises(LatentError):
        Spec.from_dict({"what": "pixels"} | values)


@pytest.mark.parametrize("values", [{}, {"what": "pixels", "colour": "red"}])
def test_a_description_with_parts_missing_or_unknown_is_refused(values):
    with pytest.raises(LatentError, match="not complete"):
        Spec.from_dict(values)
