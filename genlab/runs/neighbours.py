"""What training pictures are searched by, for the ones nearest to any picture: their pixels, or what a classifier sees.

Features of a whole data set take seconds, so they are kept in the cache, under a name made of all that decides them.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json

import numpy as np
import torch
from numpy.typing import NDArray

from genlab.data import Pictures
from genlab.evaluation.extractor import Extractor
from genlab.evaluation.real import cache_file, keep
from genlab.latent.nearest import Neighbours
from genlab.runs.derived import pictures_digest


def neighbours_in(training: Pictures, extractor: Extractor | None) -> Neighbours:
    """All training pictures of a data set, ready to be searched; rows are numbers of pictures.

    Parameters
    ----------
    extractor
        By its features; None: by pixels, in levels of 0 to 255.
    """
    if extractor is None:
        return Neighbours(training.images.flatten(1).numpy())
    about = [extractor.name, extractor.hash, training.name, pictures_digest(training.name)]
    named = json.dumps(["neighbours", *about])
    path = cache_file(hashlib.sha256(named.encode()).hexdigest()[:32], ".npy")
    with contextlib.suppress(OSError, ValueError, EOFError):  # not there, or damaged: then it is computed again
        return Neighbours(np.load(path, allow_pickle=False))
    rows = extractor(training.images).features.float().numpy()
    buffer = io.BytesIO()
    np.save(buffer, rows, allow_pickle=False)
    keep(path, buffer.getvalue())
    return Neighbours(rows)


def seen(picture: NDArray[np.uint8], extractor: Extractor | None) -> NDArray[np.float32]:
    """What a picture (C, H, W) is searched by: (1, F)."""
    if extractor is None:
        return picture.reshape(1, -1).astype(np.float32)
    return extractor(torch.from_numpy(picture)[None]).features.float().numpy()
