"""Small pictures, small models and trainings of a few steps, which many tests share."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from genlab.data.pictures import Pictures
from genlab.models import GenerativeModel, build
from genlab.models.base import Shape
from genlab.runs.session import Session
from genlab.runs.status import Status, run_lock
from genlab.runs.store import Run, create_run
from genlab.training.checkpoint import save_checkpoint
from genlab.training.config import RunConfig
from genlab.training.trainer import Trainer

CPU = torch.device("cpu")
CLASSES = 3
FIT_ON = 32


@dataclass(frozen=True)
class Case:
    """A model, or a variant of one, small enough to train within a test."""

    name: str
    model: str
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def needs_classes(self) -> bool:
        """Whether it can only be trained on pictures with classes."""
        conditional = self.options.get("conditional") or self.options.get("condition", "none") != "none"
        return conditional or self.options.get("prior") == "per-class"

    def build(self, shape: Shape = (1, 8, 8), seed: int = 0, n_classes: int = CLASSES) -> GenerativeModel:
        torch.manual_seed(seed)
        return build(self.model, shape, self.options, n_classes)


_GAN = {"latent": 8, "generator_layers": "32", "critic_layers": "32", "lr_generator": 0.01, "lr_critic": 0.01}
_DCGAN = {"latent": 8, "width": 4, "lr_generator": 0.01, "lr_critic": 0.01}
_VAE = {"latent": 4, "components": 3, "width": 4, "encoder_layers": "32", "decoder_layers": "32", "lr": 0.01}
_HYBRID = {"latent": 4, "components": 3, "width": 4, "encoder_layers": "32", "lr": 0.01}
_VAEGAN = {**_HYBRID, "lr_generator": 0.01, "lr_critic": 0.01}
_DBN = {"layers": "24-16", "sampling_steps": 20, "lr": 0.02}
_HMM = {"states": 8, "lr": 0.05}
_TRANSFORMER = {"codes": 12, "code_size": 4, "width": 4, "token_size": 16, "lr": 0.01, "lr_prior": 0.01}
_VQVAE = {"codes": 12, "code_size": 4, "width": 4, "prior_layers": "32", "lr": 0.01}

CASES = [
    Case("gan", "gan", _GAN),
    Case("gan spectral", "gan", {**_GAN, "critic_norm": "spectral", "r1_gamma": 0.0, "generator_norm": False}),
    Case(
        "gan wasserstein",
        "gan",
        {**_GAN, "objective": "wasserstein", "gradient_penalty": 10.0, "critic_steps": 2, "batch_features": "stddev"},
    ),
    Case("gan concatenation", "gan", {**_GAN, "condition": "concatenation", "objective": "least-squares"}),
    Case(
        "gan auxiliary",
        "gan",
        {**_GAN, "condition": "auxiliary", "batch_features": "discrimination", "augment": "adaptive"},
    ),
    Case(
        "gan resting",
        "gan",
        {
            **_GAN,
            "objective": "minimax",
            "rest_every": 4,
            "rest_for": 2,
            "adaptive_rates": True,
            "label_smoothing": 0.1,
        },
    ),
    Case("dcgan", "dcgan", _DCGAN),
    Case(
        "dcgan projection",
        "dcgan",
        {**_DCGAN, "condition": "projection", "objective": "hinge", "critic_norm": "spectral"},
    ),
    Case("dcgan augmented", "dcgan", {**_DCGAN, "augment": "fixed", "feature_matching": 1.0}),
    Case("dcgan batch", "dcgan", {**_DCGAN, "critic_norm": "batch"}),
    Case("dcgan spectral", "dcgan", {**_DCGAN, "critic_norm": "spectral", "ema_halflife": 0}),
    Case("infogan", "infogan", {**_DCGAN, "categories": 3, "information": 2.0}),
    Case("progressive", "progressive", _DCGAN),
    Case("progressive projection", "progressive", {**_DCGAN, "condition": "concatenation", "critic_norm": "spectral"}),
    Case("hybrid", "hybrid", _HYBRID),
    Case("hybrid classes", "hybrid", {**_HYBRID, "prior": "per-class", "condition": "projection", "encoder": "conv"}),
    Case("vaegan", "vaegan", _VAEGAN),
    Case("vaegan normal", "vaegan", {**_VAEGAN, "prior": "normal", "encoder": "conv", "batch_features": "stddev"}),
    Case("vae", "vae", _VAE),
    Case("vae mlp", "vae", {**_VAE, "decoder": "mlp", "ema_halflife": 100}),
    Case("vae conv", "vae", {**_VAE, "encoder": "conv"}),
    Case("vae gaussian", "vae", {**_VAE, "likelihood": "gaussian"}),
    Case("vae per-class", "vae", {**_VAE, "prior": "per-class"}),
    Case("vae conditional", "vae", {**_VAE, "conditional": True, "prior": "normal"}),
    Case("vae conditional mixture", "vae", {**_VAE, "conditional": True, "encoder": "conv"}),
    Case("vae conditional per-class", "vae", {**_VAE, "conditional": True, "prior": "per-class"}),
    Case("vae normal", "vae", {**_VAE, "prior": "normal"}),
    Case("dbn", "dbn", _DBN),
    Case("dbn from the data", "dbn", {**_DBN, "chains": "data", "gibbs_steps": 2, "layers": "24"}),
    Case("hmm", "hmm", _HMM),
    Case("vqvae", "vqvae", _VQVAE),
    Case("vqvae gaussian", "vqvae", {**_VQVAE, "likelihood": "gaussian"}),
    Case("transformer", "transformer", _TRANSFORMER),
    Case("transformer gaussian", "transformer", {**_TRANSFORMER, "likelihood": "gaussian", "heads": 4, "blocks": 3}),
]
"""The contract table: one row a model or variant. A new model adds its rows here."""

each_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])

BY_NAME = {case.name: case for case in CASES}


def pictures(shape: Shape = (1, 8, 8), n: int = 50, seed: int = 0) -> Pictures:
    """Bright squares on dark ground, one place a class, with noise; the same for the same arguments."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % CLASSES
    images = torch.randint(0, 40, (n, *shape), generator=generator)
    side = shape[1] // 2
    for image, label in zip(images, labels.tolist(), strict=True):
        top, left = side * (label // 2), side * (label % 2)
        image[:, top : top + side, left : left + side] += 200
    return Pictures("squares", images.to(torch.uint8), labels, ("a", "b", "c"))


def config(model: str = "vae", **values: Any) -> RunConfig:
    """A training of a few small steps in a fixed number format."""
    budget = {} if {"minutes", "images"} & set(values) else {"steps": 10}
    return RunConfig(**{"data": "digits", "model": model, "batch_size": 16, "precision": "fp32", **budget, **values})


def trainer(case: Case, data: Pictures | None = None, seed: int = 0, **values: Any) -> Trainer:
    """A fresh training of a case."""
    data = data or pictures()
    asked = config(case.model, options=case.options, seed=seed, **values)
    return Trainer(case.build(data.shape, seed, len(data.classes)), data, asked, CPU, asked.precision)


def advance(training: Trainer, steps: int) -> Trainer:
    """Train `steps` further and hand it back."""
    for _ in range(steps):
        training.step()
    return training


def assert_trains(training: Trainer, steps: int = 3) -> None:
    """Every step changes weights, and all of them stay numbers."""
    for _ in range(steps):
        before = [parameter.detach().clone() for parameter in training.model.parameters()]
        training.step()
        after = list(training.model.parameters())
        assert any(not torch.equal(one, other) for one, other in zip(before, after, strict=True))
        assert all(torch.isfinite(parameter).all() for parameter in after)


def seeded(seed: int = 0) -> torch.Generator:
    """A generator of the CPU."""
    return torch.Generator().manual_seed(seed)


def drawn(model: GenerativeModel, n: int = 6, seed: int = 0) -> Tensor:
    """Pictures of a model's prior."""
    with torch.no_grad():
        return model.sample(model.prior.draw(n, seeded(seed)))


def everything(training: Trainer, folder: Path) -> dict[str, bytes]:
    """All that a checkpoint of a training says, its clock apart."""
    training.seconds = 0.0
    save_checkpoint(training, folder, FIT_ON)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def same(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    """Whether two state dicts are equal bit for bit."""
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def train_run(asked: RunConfig | None = None, run: Run | None = None) -> tuple[Run, Status]:
    """Train a run in this process, as a worker does, to whatever end it takes."""
    run = run or create_run(asked or config())
    with run_lock(run.path):
        return run, Session(run).train()


def wait_until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
