"""Where a search looks for a number unless someone says otherwise."""

import pytest

from genlab.models import MODELS
from genlab.models.options import option_fields
from genlab.ui.train.search import span


@pytest.mark.parametrize("model", MODELS)
def test_every_range_lies_within_its_bounds_and_around_the_value(model: str) -> None:
    for field in option_fields(MODELS[model].Options):
        if field.kind in ("int", "float"):
            low, high = span(field, field.default)
            assert low < high
            assert low <= field.default <= high
            assert field.low is None or field.low <= low
            assert field.high is None or high <= field.high


def test_some_ranges_by_hand() -> None:
    fields = {field.name: field for field in option_fields(MODELS["gan"].Options)}
    assert span(fields["lr_critic"], 2e-3) == (2e-4, 2e-2)
    assert span(fields["lr_critic"], 0.05) == (5e-3, 0.1)  # which is the most
    assert span(fields["beta1"], 0.5) == (0.0, 0.99)
    assert span(fields["r1_gamma"], 10.0) == (2.5, 40.0)
    assert span(fields["r1_gamma"], 0.0) == (0.0, 10.0)
    assert span(fields["latent"], 64) == (16, 256)
    assert span(fields["critic_steps"], 1) == (1, 4)
