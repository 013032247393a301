"""What may be asked of a map, and how its name is made."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlab.latent.spec import MAX_POINTS, MAX_SEED, LatentError, Spec, key

SPECS = st.builds(
    Spec,
    what=st.sampled_from(["encoder", "features", "pixels"]),
    method=st.sampled_from(["pca", "tsne"]),
    dims=st.sampled_from([2, 3]),
    n=st.integers(10, MAX_POINTS),
    seed=st.integers(0, MAX_SEED),
    split=st.sampled_from(["train", "test"]),
    perplexity=st.floats(2, 200),
    steps=st.integers(250, 5_000),
    exaggeration=st.floats(1, 50),
)


@given(SPECS)
def test_a_spec_survives_json(spec: Spec):
    assert Spec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec


@pytest.mark.parametrize("name", ["perplexity", "steps", "exaggeration"])
def test_pca_has_no_parameters_of_tsnes_so_they_do_not_name_another_map(name: str):
    small = {"perplexity": 5, "steps": 300, "exaggeration": 4}
    large = {"perplexity": 50, "steps": 400, "exaggeration": 8}
    pca, other = (Spec("pixels", **{name: values[name]}) for values in (small, large))
    assert pca == other
    tsne, other = (Spec("pixels", "tsne", **{name: values[name]}) for values in (small, large))
    assert tsne != other


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
        {"method": "umap"},
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
        {"method": "tsne", "steps": 249},
        {"method": "tsne", "steps": 5_001},
        {"method": "tsne", "steps": 750.0},
        {"method": "tsne", "exaggeration": 0.5},
        {"method": "tsne", "exaggeration": math.inf},
    ],
)
def test_values_that_are_not_allowed_are_refused(values):
    with pytest.raises(LatentError):
        Spec.from_dict({"what": "pixels"} | values)


@pytest.mark.parametrize("values", [{}, {"what": "pixels", "colour": "red"}])
def test_a_description_with_parts_missing_or_unknown_is_refused(values):
    with pytest.raises(LatentError, match="not complete"):
        Spec.from_dict(values)
