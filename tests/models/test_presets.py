"""Presets: what they stand for. That each of them trains is part of the contract test."""

import pytest

from genlab.models import MODELS, ModelError, build
from genlab.models.options import parse_options
from genlab.models.presets import PRESETS, preset, presets_for
from genlab.training.config import RunConfig

LISTINGS = [entry for entry in PRESETS.values() if entry.document]


@pytest.mark.parametrize("key", PRESETS)
def test_a_preset_is_a_valid_configuration(key: str) -> None:
    chosen = preset(key)
    assert chosen.key == key
    assert chosen.title
    assert chosen.about.endswith(".")
    RunConfig("digits", chosen.model, chosen.options, key, chosen.batch_size, steps=1)


@pytest.mark.parametrize("model", MODELS)
def test_a_models_first_preset_is_its_default_and_bears_its_name(model: str) -> None:
    first = presets_for(model)[0]
    assert first.key == model
    assert all(entry.model == model for entry in presets_for(model))


def test_every_preset_belongs_to_one_model() -> None:
    assert sorted(entry.key for model in MODELS for entry in presets_for(model)) == sorted(PRESETS)


def test_an_unknown_preset_is_refused_with_a_sentence() -> None:
    with pytest.raises(ModelError, match="no preset called 'stylegan'"):
        preset("stylegan")


def test_the_five_listings_name_their_document_and_what_was_mended() -> None:
    assert [entry.document for entry in LISTINGS] == ["000", "001", "002", "003", "004"]
    assert [entry.key for entry in LISTINGS] == [f"listing-{entry.document}" for entry in LISTINGS]
    for entry in LISTINGS:
        assert entry.mended.endswith(".")
    assert all(not entry.mended for entry in PRESETS.values() if not entry.document)


@pytest.mark.parametrize(
    ("document", "sizes", "rate", "batch"),
    [
        ("000", [128 * 49, 64, 128], 1e-4, 128),
        ("001", [128 * 49, 64, 128], 1e-4, 128),
        ("002", [128, 128], 2e-4, 128),
        ("003", [128, 256, 512, 1024, 512, 256, 128], 1e-3, 64),
        ("004", [256, 512, 1024, 1024, 512, 256], 1e-4, 32),
    ],
)
def test_a_listing_keeps_its_sizes_rates_and_batch(document: str, sizes: list[int], rate: float, batch: int) -> None:
    chosen = preset(f"listing-{document}")
    model = build(chosen.model, (1, 28, 28), chosen.options)
    hidden = [
        tensor.shape[1 if "generator" in name and tensor.ndim == 4 else 0]
        for name, tensor in model.named_parameters()
        if name.endswith("weight")
    ]
    if chosen.model == "dcgan":  # linear, two transposed convolutions, two convolutions, head
        assert [hidden[0], hidden[1], hidden[3], hidden[4]] == [sizes[0], *sizes[1:2], *sizes[1:]]
    else:
        assert [size for size in hidden if size not in (784, 1)] == sizes
    options = parse_options(MODELS[chosen.model].Options, chosen.options)
    assert (options.latent, options.lr_generator, options.lr_critic) == (100, rate, rate)
    assert (options.beta1, options.beta2) == (0.5 if document == "002" else 0.9, 0.999)
    assert (options.r1_gamma, options.generator_norm, options.ema_halflife) == (0.0, False, 0)
    assert options.critic_norm == "none"
    assert chosen.batch_size == batch
    # LeakyReLU(0.01) in the listings 000 and 002, ReLU elsewhere.
    assert (options.generator_leak, options.critic_leak) == ((0.01, 0.01) if document in ("000", "002") else (0.0, 0.0))
