"""A trained model as ONNX graphs, which run without torch and without genlab, in many languages and in browsers.

Chance is outside: ``prior.onnx`` makes latents of uniform and normal random numbers, whichever prior the model has,
``sampler.onnx`` makes pictures of latents, and ``encoder.onnx`` is the way back. Each graph is run by onnxruntime
beside the model before it is given away, on other batches than it was made with.
"""

from __future__ import annotations

import io
import json
import logging
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from genlab import __version__
from genlab.export.picture import ExportError
from genlab.models import GenerativeModel
from genlab.models.priors import Prior
from genlab.models.seeding import seeded
from genlab.models.storage import StoredModel

TOLERANCE = 1e-3
"""Largest difference let pass, of values in [-1, 1]: an eighth of a grey level. Larger values count by their size."""
CHECKED_ON = 64
ERRORS_ONLY = 3
"""Of onnxruntime's messages: it warns of constants that torch leaves over."""
SCRIPT = Path(__file__).with_name("standalone.py")


class Exported(NamedTuple):
    """A zip of the graphs, ``model.json`` and ``draw.py``, and how far they are from the model, in a sentence."""

    data: bytes
    told: str


class _Graph(NamedTuple):
    """A graph to be: what it computes, from which inputs, and examples of them for its making and its check."""

    name: str
    module: nn.Module
    inputs: dict[str, tuple[Tensor, Tensor]]
    output: str


def exported(stored: StoredModel, about: Mapping[str, Any]) -> Exported:
    """Write a model down as ONNX.

    Parameters
    ----------
    about
        Where it comes from: JSON values for ``model.json``.

    Raises
    ------
    ExportError
        The model cannot be written down so, or what was written differs from it.
    """
    model = stored.model
    if model.no_graph:
        raise ExportError(f"The model {model.key} cannot be written as ONNX: {model.no_graph}")
    about = {**about, **_described(stored)}
    graphs, differences = {}, {}
    for graph in _graphs(model):
        graphs[graph.name] = _written(graph, about)
        differences[graph.name] = _difference(graph, graphs[graph.name])
        if not differences[graph.name] <= TOLERANCE:
            raise ExportError(
                f"The {graph.name} written as ONNX differs from the model by {differences[graph.name]:.2g}, and "
                f"{TOLERANCE:g} is the most that is let pass. Nothing was exported; train on, or take another step."
            )
    about["checked"] = {
        "largest_difference": differences,
        "tolerance": TOLERANCE,
        "latents": CHECKED_ON,
        "torch": torch.__version__,
        "onnxruntime": onnxruntime.__version__,
    }
    worst = max(differences.values())
    return Exported(_zip(graphs, about), f"The largest difference from the model in torch is {worst:.1e}.")


def _described(stored: StoredModel) -> dict[str, Any]:
    model = stored.model
    return {
        "genlab": __version__,
        "model": model.key,
        "options": vars(model.options),
        "shape": model.shape,
        "latent": model.prior.size,
        "classes": stored.classes,
        "can_be_asked_for": stored.classes if model.prior.n_classes else (),
        "encoder_gives": model.traced_encoding if model.has_encoder else None,
    }


def _graphs(model: GenerativeModel) -> Iterator[_Graph]:
    prior = model.prior
    made, checked = (prior.numbers(n, seeded(n)) for n in (3, CHECKED_ON))
    inputs = dict(zip(("uniform", "normal"), zip(made, checked, strict=True), strict=True))
    inputs["truncation"] = (torch.tensor(1.0), torch.tensor(0.9))
    chosen: nn.Module = _Latents(prior)
    if not made[0].shape[1]:
        chosen = _NormalLatents(prior)
        del inputs["uniform"]
    if prior.n_classes:
        inputs["label"] = (torch.tensor([-1, 0, -1]), torch.arange(CHECKED_ON) % (prior.n_classes + 1) - 1)
    yield _Graph("prior", chosen, inputs, "latents")
    latents = prior.latents(*made), prior.latents(*checked)
    yield _Graph("sampler", _Sampler(model), {"latents": latents}, "pictures")
    if model.has_encoder:
        pictures = model.sample(latents[0]), model.sample(latents[1])
        yield _Graph("encoder", _Encoder(model), {"pictures": pictures}, model.traced_encoding)


class _Latents(nn.Module):
    """A prior without chance: -1 for a label stands for any class."""

    def __init__(self, prior: Prior) -> None:
        super().__init__()
        self.prior = prior

    def forward(self, uniform: Tensor, normal: Tensor, truncation: Tensor, label: Tensor | None = None) -> Tensor:
        free = self.prior.latents(uniform, normal, truncation)
        if label is None:
            return free
        asked = self.prior.latents(uniform, normal, truncation, label.clamp(min=0))
        return torch.where((label < 0).unsqueeze(1), free, asked)


class _NormalLatents(nn.Module):
    """A prior that takes no uniform numbers: a graph has no inputs of width 0."""

    def __init__(self, prior: Prior) -> None:
        super().__init__()
        self.prior = prior

    def forward(self, normal: Tensor, truncation: Tensor) -> Tensor:
        return self.prior.latents(normal[:, :0], normal, truncation)


class _Sampler(nn.Module):
    """Traced where a graph is made, and as the model draws where it is checked."""

    def __init__(self, model: GenerativeModel) -> None:
        super().__init__()
        self.model = model
        self.traceable = model.traceable_sample()

    def forward(self, latents: Tensor) -> Tensor:
        draw = self.traceable if torch.compiler.is_exporting() else self.model.sample
        return draw(latents)


class _Encoder(nn.Module):
    def __init__(self, model: GenerativeModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, pictures: Tensor) -> Tensor:
        return self.model.encode_traced(pictures)


def _written(graph: _Graph, about: Mapping[str, Any]) -> bytes:
    """A graph as the bytes of an ONNX file, for any number of pictures."""
    n = torch.export.Dim("n")
    with _quiet():
        program = torch.onnx.export(
            graph.module.eval(),
            tuple(example for example, _ in graph.inputs.values()),
            dynamo=True,
            verbose=False,
            input_names=list(graph.inputs),
            output_names=[graph.output],
            dynamic_shapes=tuple({0: n} if example.ndim else None for example, _ in graph.inputs.values()),
        )
    assert program is not None
    program.model.metadata_props["genlab"] = json.dumps(about)
    data: bytes = program.model_proto.SerializeToString()
    return data


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what torch's exporter says of itself: of torchvision, of its own old names, of inputs of one length."""
    log = logging.getLogger("torch.onnx._internal.exporter._registration")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"`isinstance\(treespec, LeafSpec\)` is deprecated", FutureWarning)
            warnings.filterwarnings("ignore", "# The axis name: n will not be used, since it shares", UserWarning)
            yield
    finally:
        log.setLevel(before)


def _difference(graph: _Graph, data: bytes) -> float:
    """How far the graph's output lies from the model's at most, for many pictures and for one alone."""
    quiet = onnxruntime.SessionOptions()
    quiet.log_severity_level = ERRORS_ONLY
    session = onnxruntime.InferenceSession(data, quiet)
    differences = []
    for n in (CHECKED_ON, 1):
        inputs = {name: example[:n] if example.ndim else example for name, (_, example) in graph.inputs.items()}
        with torch.no_grad():
            wanted = graph.module(*inputs.values()).numpy()
        (found,) = session.run([graph.output], {name: example.numpy() for name, example in inputs.items()})
        if found.shape != wanted.shape:
            raise ExportError(f"The {graph.name} written as ONNX gives {found.shape} instead of {wanted.shape}.")
        differences.append(np.abs(found.astype(np.float64) - wanted).max() / max(1.0, float(np.abs(wanted).max())))
    return float(max(differences))


def _zip(graphs: Mapping[str, bytes], about: Mapping[str, Any]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in graphs.items():
            archive.writestr(f"{name}.onnx", data)
        archive.writestr("model.json", json.dumps(about, indent=2, ensure_ascii=False))
        archive.write(SCRIPT, "draw.py")
    return file.getvalue()
