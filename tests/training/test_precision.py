"""The choice of a number format, with trials that say what the test wants."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from genlab.training import precision as module
from genlab.training.precision import Precision, choose_precision, half_format
from genlab.training.trainer import DivergedError
from tests.helpers import BY_NAME, CPU, config, pictures, trainer


class Trials:
    """Stands in for the real trials and counts them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, half: object) -> None:
        self.half = half
        self.played: list[str] = []
        monkeypatch.setattr(module, "_Trial", self)

    def __call__(self, *arguments: object) -> SimpleNamespace:
        name = str(arguments[-1])
        self.played.append(name)
        if name != "fp32" and isinstance(self.half, Exception):
            raise self.half
        losses, speed = ({"autoencoder/loss": 100.0}, 10.0) if name == "fp32" else self.half
        return SimpleNamespace(losses=losses, best=1.0 / speed, play=lambda _: None)


def choose(**values: object) -> Precision:
    case = BY_NAME["vae"]
    return choose_precision(case.build(), pictures(), config("vae", options=case.options, **values), CPU)


@pytest.mark.parametrize("forced", ["fp32", "bf16", "fp16"])
def test_what_the_configuration_says_is_taken_without_a_trial(monkeypatch: pytest.MonkeyPatch, forced: str) -> None:
    trials = Trials(monkeypatch, None)
    assert choose(precision=forced) == (forced, "chosen in the configuration")
    assert not trials.played


@pytest.mark.parametrize(
    ("half", "name", "why"),
    [
        (({"autoencoder/loss": 101.0}, 15.0), "bf16", "1.50 times as fast as fp32 here"),
        (({"autoencoder/loss": 101.0}, 10.9), "fp32", "1.09 times as fast here, which is no gain"),
        (({"autoencoder/loss": 101.0}, 5.0), "fp32", "0.50 times as fast here"),
        (({"autoencoder/loss": 106.0}, 99.0), "fp32", "differ from those in fp32 by more than 5%"),
        (({"autoencoder/loss": 94.0}, 99.0), "fp32", "differ"),
        (DivergedError("nan"), "fp32", "bf16 does not work here: nan"),
        (RuntimeError("not implemented for BFloat16"), "fp32", "does not work here: not implemented"),
    ],
    ids=str,
)
def test_half_precision_is_taken_only_where_it_pays_and_agrees(
    monkeypatch: pytest.MonkeyPatch, half: object, name: str, why: str
) -> None:
    Trials(monkeypatch, half)
    choice = choose(precision="auto")
    assert choice.name == name
    assert why in choice.why


def test_the_finding_is_kept_for_the_same_training_on_the_same_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    trials = Trials(monkeypatch, ({"autoencoder/loss": 100.0}, 20.0))
    first = choose(precision="auto")
    trials.half = ({"autoencoder/loss": 100.0}, 1.0)
    assert choose(precision="auto") == first
    assert trials.played == ["fp32", "bf16"]
    assert choose(precision="auto", batch_size=32).name == "fp32"  # another training: measured anew


@pytest.mark.parametrize("kept", ["", "[]", '{"name": "int8", "why": "x"}', '{"name": ["bf16"], "why": ""}', "\0"])
def test_a_finding_that_cannot_be_read_is_measured_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kept: str
) -> None:
    trials = Trials(monkeypatch, ({"autoencoder/loss": 100.0}, 20.0))
    choose(precision="auto")
    (path,) = (tmp_path / "cache" / "precision").glob("*.json")
    path.write_text(kept, encoding="utf-8")
    assert choose(precision="auto").name == "bf16"
    assert len(trials.played) == 4
    assert json.loads(path.read_text(encoding="utf-8"))["name"] == "bf16"


def test_a_cache_that_cannot_be_written_costs_only_the_measuring(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Trials(monkeypatch, ({"autoencoder/loss": 100.0}, 20.0))
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert choose(precision="auto").name == "bf16"
    assert "could not be kept" in caplog.text


def test_a_real_trial_leaves_everything_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TRIAL_SECONDS", 0.01)
    case, data = BY_NAME["dcgan"], pictures()
    model = case.build()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    random, images = torch.get_rng_state(), data.images.clone()
    choice = choose_precision(model, data, config("dcgan", options=case.options, precision="auto"), CPU)
    assert choice.name in ("fp32", "bf16")
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)
    assert torch.equal(data.images, images)


def test_the_half_format_of_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    assert half_format(CPU) == "bf16"
    for supported, name in ((True, "bf16"), (False, "fp16")):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation, known=supported: known)
        assert half_format(torch.device("cuda")) == name


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
@pytest.mark.parametrize("case", ["vae", "vae gaussian", "dcgan", "gan"])
def test_half_precision_trains_on_the_cpu_with_weights_in_full(precision: str, case: str) -> None:
    training = trainer(BY_NAME[case], precision=precision)
    for _ in range(5):
        training.step()
    half = training.take_metrics()
    full = trainer(BY_NAME[case])
    for _ in range(5):
        full.step()
    for name, value in full.take_metrics().items():
        if name.endswith("/loss"):
            assert half[name] == pytest.approx(value, rel=0.1, abs=0.1)
    assert all(parameter.dtype == torch.float32 for parameter in training.model.parameters())
    assert all(scaler.is_enabled() == (precision == "fp16") for scaler in training.scalers.values())
