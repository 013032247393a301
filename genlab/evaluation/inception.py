"""Features of the Inception network, as published FIDs use them: an option, for who has its weights.

The network is torch-fidelity's, a copy of the one of Heusel et al. 2017 (arXiv 1706.08500): 2,048 features after the
last pooling. Grey pictures are given to it as colour, and pictures of any size are enlarged to 299 x 299 by the
network itself. Count with a tenth of a second a picture on a CPU.
"""

from __future__ import annotations

import hashlib
import importlib
import pickle
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor

from genlab.errors import GenlabError
from genlab.evaluation.extractor import Extractor, Features
from genlab.paths import cache_dir

NAME = "inception"
FILE = "weights-inception-2015-12-05-6726825d.pth"
SHA256_BEGINS = "6726825d"
"""As the file's name says, in the manner of torch.hub."""
ADDRESS = f"https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/{FILE}"
INSTEAD = "or score without --extractor inception, by the data set's own classifier"
CHUNK = 32


class InceptionError(GenlabError):
    """The Inception network cannot be had here; the message says what is missing and how to get it."""


def inception_extractor() -> Extractor:
    """The extractor named ``inception``.

    Raises
    ------
    InceptionError
        torch-fidelity or its weights are not here, or the weights are not the published ones.
    """
    module = _torch_fidelity()
    path = cache_dir() / "inception" / FILE
    digest = _checked(path)
    network = module.FeatureExtractorInceptionV3(NAME, ["2048", "logits_unbiased"], str(path))

    def compute(images: Tensor) -> Features:
        images = images.expand(-1, 3, -1, -1)
        parts = [network(chunk) for chunk in images.split(CHUNK)]
        return Features(torch.cat([part[0] for part in parts]), torch.cat([part[1] for part in parts]))

    return Extractor(NAME, digest, (), compute)


def _torch_fidelity() -> ModuleType:
    try:
        return importlib.import_module("torch_fidelity.feature_extractor_inceptionv3")
    except (ImportError, RuntimeError) as error:  # RuntimeError: a torchvision that does not fit this torch
        raise InceptionError(
            f"Inception features need torch-fidelity, which cannot be imported here ({error}). "
            f"Install it and torchvision with pip, {INSTEAD}."
        ) from error


def _checked(path: Path) -> str:
    """SHA-256 of the file of weights, which must be the published one and hold tensors alone."""
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InceptionError(
            f"Inception features need weights that are not here. Download {ADDRESS} to {path}, {INSTEAD}."
        ) from error
    if not digest.startswith(SHA256_BEGINS):
        raise InceptionError(f"The file {path} is not the published one. Download {ADDRESS} again, {INSTEAD}.")
    try:
        # torch-fidelity opens it without this restriction; what passes here holds nothing that could run there.
        torch.load(path, weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise InceptionError(f"The file {path} holds more than tensors and is not opened.") from error
    return digest
