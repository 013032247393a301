"""Configurations: what may be asked for."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlab.errors import GenlabError
from genlab.training.config import ConfigError, RunConfig

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    "data",
    "model",
    "options",
    "preset",
    "batch_size",
    "seed",
    "minutes",
    "steps",
    "images",
    "device",
    "precision",
]
GOOD: dict[str, Any] = {"data": "digits", "model": "vae", "steps": 10}


@given(JSON)
def test_any_json_is_a_configuration_or_an_error_with_a_sentence(values: Any) -> None:
    with pytest.raises(GenlabError):
        RunConfig.from_dict(values)


@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4))
def test_any_field_values_are_accepted_or_refused_with_a_sentence(values: dict[str, Any]) -> None:
    try:
        config = RunConfig.from_dict({**GOOD, **values})
    except GenlabError:
        return
    assert RunConfig.from_dict(config.to_dict()) == config


def test_a_configuration_survives_json() -> None:
    config = RunConfig("mnist", "gan", {"latent": 8}, "gan", 32, 5, images=100, device="cpu", precision="bf16")
    assert RunConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_to_dict_shares_nothing_with_the_configuration() -> None:
    config = RunConfig("digits", "vae", {"latent": 8}, steps=1)
    config.to_dict()["options"]["latent"] = 9
    assert config.options == {"latent": 8}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"steps": None}, "in one way"),
        ({"minutes": 1.0}, "in one way"),
        ({"steps": 0}, "whole number from 1"),
        ({"steps": 1.5}, "whole number"),
        ({"steps": True}, "whole number"),
        ({"steps": 10**9}, "whole number"),
        ({"steps": None, "minutes": 0}, "above 0"),
        ({"steps": None, "minutes": float("nan")}, "above 0"),
        ({"steps": None, "minutes": float("inf")}, "above 0"),
        ({"steps": None, "minutes": 1e9}, "up to 10080"),
        ({"batch_size": 0}, "batch size is a whole number from 2"),
        ({"batch_size": 1}, "batch size is a whole number from 2"),
        ({"batch_size": 5000}, "to 4096"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**31}, "seed"),
        ({"device": "tpu"}, "device is one of"),
        ({"precision": "fp64"}, "precision is one of"),
        ({"data": ""}, "name of a data set"),
        ({"data": 3}, "name of a data set"),
        ({"model": "diffusion"}, "no model called"),
        ({"model": ["vae"]}, "no model called"),
        ({"options": [1]}, "pairs of a name"),
        ({"options": {"latent": 0}}, "between 1"),
        ({"preset": None}, "named by its key"),
        ({"colour": 1}, "no field called 'colour'"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_with_a_sentence(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(GenlabError, match=says):
        RunConfig.from_dict({**GOOD, **changes})


@pytest.mark.parametrize("name", ["data", "model"])
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(ConfigError, match=f"lacks the field '{name}'"):
        RunConfig.from_dict({key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize(
    ("budget", "steps"), [({"steps": 7}, 7), ({"images": 1}, 1), ({"images": 33}, 3), ({"minutes": 2}, None)]
)
def test_steps_of_a_budget(budget: dict[str, Any], steps: int | None) -> None:
    assert RunConfig("digits", "vae", batch_size=16, **budget).total_steps == steps
