"""Options: what they accept, what they refuse and how they describe themselves."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlab.models import MODELS, build, model_class
from genlab.models.options import ModelError, option, option_fields, parse_layers, parse_options

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = sorted({field.name for model in MODELS.values() for field in option_fields(model.Options)})


@dataclass(frozen=True)
class Toy:
    count: int = option(3, "Count", "How many.", low=1, high=9, basic=True)
    rate: float = option(0.1, "Rate", "How fast.", low=0.0, high=1.0, log=True)
    soft: bool = option(True, "Soft", "Whether.")
    kind: str = option("a", "Kind", "Which.", choices=("a", "b"))
    widths: str = option("4-8", "Widths", "How wide.", layers=True)


def test_fields_are_described_in_the_order_of_declaration() -> None:
    fields = option_fields(Toy)
    assert [(field.name, field.kind) for field in fields] == [
        ("count", "int"),
        ("rate", "float"),
        ("soft", "bool"),
        ("kind", "choice"),
        ("widths", "layers"),
    ]
    assert (fields[0].label, fields[0].help) == ("Count", "How many.")
    assert (fields[0].default, fields[0].low, fields[0].high, fields[0].basic, fields[1].log) == (3, 1, 9, True, True)


def test_what_is_not_given_keeps_its_default() -> None:
    assert parse_options(Toy, {}) == Toy()
    assert parse_options(Toy, {"count": 5, "kind": "b"}) == Toy(count=5, kind="b")


def test_numbers_take_the_type_of_their_field() -> None:
    parsed = parse_options(Toy, {"count": 4.0, "rate": 1})
    assert (type(parsed.count), type(parsed.rate)) == (int, float)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"colour": 1}, "no option called 'colour'"),
        ({1: 2, "x": 3}, "no option called"),
        ({"count": 0}, "between 1 and 9"),
        ({"count": 2.5}, "whole number"),
        ({"count": True}, "is a number"),
        ({"count": "3"}, "is a number"),
        ({"count": 10**400}, "is a number"),
        ({"rate": float("nan")}, "is a number"),
        ({"rate": float("inf")}, "is a number"),
        ({"rate": None}, "is a number"),
        ({"soft": 1}, "true or false"),
        ({"kind": "c"}, "one of a, b"),
        ({"kind": ["a"]}, "one of a, b"),
        ({"widths": "4,8"}, "joined by hyphens"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(values: dict[Any, Any], says: str) -> None:
    with pytest.raises(ModelError, match=says):
        parse_options(Toy, values)


def test_layer_texts() -> None:
    assert parse_layers("128") == [128]
    assert parse_layers("1-8192-003") == [1, 8192, 3]


@pytest.mark.parametrize(
    "text",
    ["", "-", "0", "8193", "12-", "-12", "1--2", "1 2", "1.5", "１２", "²", "-".join("1" * 9), "10000", None, 128],
)
def test_layer_texts_that_are_refused(text: Any) -> None:
    with pytest.raises(ModelError, match="lists widths"):
        parse_layers(text)


@given(st.text())
def test_any_text_is_layers_or_a_model_error(text: str) -> None:
    try:
        widths = parse_layers(text)
    except ModelError:
        return
    assert 1 <= len(widths) <= 8
    assert all(1 <= width <= 8192 for width in widths)


@pytest.mark.parametrize("key", MODELS)
@given(values=st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), JSON, max_size=4))
def test_any_values_give_options_or_a_model_error(key: str, values: dict[str, Any]) -> None:
    try:
        options = parse_options(MODELS[key].Options, values)
    except ModelError:
        return
    again = parse_options(MODELS[key].Options, json.loads(json.dumps(vars(options))))
    assert again == options


@pytest.mark.parametrize("key", MODELS)
def test_every_default_lies_in_its_own_bounds_and_explains_itself(key: str) -> None:
    fields = option_fields(MODELS[key].Options)
    defaults = {field.name: field.default for field in fields}
    assert parse_options(MODELS[key].Options, defaults) == MODELS[key].Options()
    for field in fields:
        assert field.help.endswith("."), field.name
        assert field.kind in ("int", "float", "bool", "choice", "layers")
        if field.kind in ("int", "float"):
            assert field.low is not None
            assert field.high is not None
        assert not field.log or (field.low or 0) > 0


@pytest.mark.parametrize("key", ["", "GAN", None, ["gan"], {}])
def test_an_unknown_model_is_refused_with_a_sentence(key: Any) -> None:
    with pytest.raises(ModelError, match=r"The models are: .*vae"):
        model_class(key)


def test_gaussians_of_each_class_need_classes() -> None:
    with pytest.raises(ModelError, match="need pictures with classes"):
        build("vae", (1, 8, 8), {"prior": "per-class"}, 0)
