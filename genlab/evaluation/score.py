"""All scores of a set of generated pictures, and beside them the floor: the same scores of real training pictures.

Protocol: 10,000 generated pictures for a full score, 2,000 for a quick one, against the whole test split (up to
10,000). The floor takes as many training pictures as were generated, or all there are, for generated ones. So a
score near its floor is as good as scores of this kind can tell; and the floor of a quick score is higher than that
of a full one, since both are of fewer pictures.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from genlab.data import find
from genlab.errors import GenlabError
from genlab.evaluation.balance import classes_missed, imbalance, label_accuracy
from genlab.evaluation.extractor import Extractor, Features
from genlab.evaluation.frechet import frechet_distance
from genlab.evaluation.inception_score import inception_score
from genlab.evaluation.kid import kernel_distance
from genlab.evaluation.memorisation import closer_share, nearest_training
from genlab.evaluation.prdc import prdc
from genlab.evaluation.real import Real, cache_file, keep, real_side, shuffled
from genlab.evaluation.sheet import Kind, ScoreSheet

SIZES: dict[Kind, int] = {"quick": 2_000, "full": 10_000}
"""Generated pictures."""
FEWEST = 20
"""Pictures on either side: with fewer no score means anything."""


class ScoreError(GenlabError):
    """These pictures cannot be scored; the message says why and what to do."""


def score(
    generated: Tensor,
    data: str,
    extractor: Extractor,
    *,
    step: int,
    seed: int,
    kind: Kind,
    by_class: Mapping[int, Tensor] | None = None,
) -> ScoreSheet:
    """Score generated pictures against the held-out pictures of a data set.

    Parameters
    ----------
    generated
        uint8 (N, C, H, W), N at least 20, in an order that means nothing.
    data
        Key of the data set that the model was trained on.
    step, seed, kind
        Of the pictures, for the sheet.
    by_class
        Pictures that were asked for by class, by the number of that class.

    Raises
    ------
    ScoreError
        There are too few pictures, or they are of another shape than the data set's.
    GenlabError
        The data set cannot be loaded.
    """
    began = time.process_time()
    _check(generated, data)
    real = real_side(data, extractor)
    if len(real.held_out.features) < FEWEST:
        raise ScoreError(
            f"Scores compare with held-out pictures, of which {data} has {len(real.held_out.features)}; "
            f"{FEWEST} are the least. Import more pictures."
        )
    drawn = extractor(generated)
    scores = compare(drawn, real.held_out, bool(extractor.classes))
    distances = nearest_training(drawn.features, real.training.features)[0]
    scores["memorised"] = closer_share(distances, real.held_out_distances)
    if by_class and extractor.classes:
        scores["label_accuracy"] = _label_accuracy(by_class, extractor)
    best_hoped_for = floor(real, len(generated), bool(extractor.classes))
    return ScoreSheet(
        step=step,
        kind=kind,
        extractor=extractor.name,
        extractor_hash=extractor.hash,
        n=len(generated),
        n_real=len(real.held_out.features),
        split="test",
        seed=seed,
        scores=scores,
        floor={name: value for name, value in best_hoped_for.items() if name in scores},
        created=time.time(),
        cost_seconds=round(time.process_time() - began, 2),
    )


def compare(drawn: Features, real: Features, knows_classes: bool) -> dict[str, float]:
    """The scores of one set of features against another, by the names of :class:`ScoreSheet`.

    Parameters
    ----------
    knows_classes
        Whether the logits stand for the classes of the data set.
    """
    kid = kernel_distance(drawn.features, real.features)
    scores = {
        "fid": frechet_distance(drawn.features, real.features),
        "kid": kid.score,
        "kid_error": kid.error,
        **prdc(real.features, drawn.features)._asdict(),
    }
    if drawn.logits is not None:
        scores["inception_score"] = inception_score(drawn.logits)
    if drawn.logits is not None and real.logits is not None and knows_classes:
        scores["balance"] = imbalance(drawn.logits, real.logits)
        scores["classes_missed"] = classes_missed(drawn.logits, real.logits)
    return scores


def floor(real: Real, n: int, knows_classes: bool) -> dict[str, float]:
    """The scores of up to `n` training pictures in place of generated ones, from the cache where they are there.

    For memorisation at most half of the training pictures stand for generated ones, and the rest is what they
    may be copies of: 0.5 says that the score is well calibrated. Label accuracy is that of the held-out pictures,
    since the extractor may have learned from the training ones.
    """
    total = len(real.training.features)
    n = min(n, total)
    path = cache_file(real.key, f"-floor-{n}.json")
    known = _read(path)
    if known is not None:
        return known
    order = shuffled(total)
    scores = compare(_take(real.training, order[:n]), real.held_out, knows_classes)
    cut = min(n, total // 2)
    stand_ins, rest = real.training.features[order[:cut]], real.training.features[order[cut:]]
    held_out_distances = nearest_training(real.held_out.features, rest)[0]
    scores["memorised"] = closer_share(nearest_training(stand_ins, rest)[0], held_out_distances)
    if real.label_accuracy is not None:
        scores["label_accuracy"] = real.label_accuracy
    keep(path, json.dumps(scores).encode())
    return scores


def _read(path: Path) -> dict[str, float] | None:
    try:
        scores = json.loads(path.read_text("utf-8"))
        return {str(name): float(value) for name, value in scores.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def _take(features: Features, indices: Tensor) -> Features:
    logits = None if features.logits is None else features.logits[indices]
    return Features(features.features[indices], logits)


def _label_accuracy(by_class: Mapping[int, Tensor], extractor: Extractor) -> float:
    asked = torch.cat([torch.full((len(pictures),), label) for label, pictures in by_class.items()])
    logits = extractor(torch.cat(list(by_class.values()))).logits
    assert logits is not None  # whose extractor knows classes
    return label_accuracy(logits, asked)


def _check(generated: Tensor, data: str) -> None:
    shape = find(data).shape
    if tuple(generated.shape[1:]) != shape:
        raise ScoreError(f"These pictures are of shape {tuple(generated.shape[1:])}, but those of {data} are {shape}.")
    if len(generated) < FEWEST:
        raise ScoreError(f"{len(generated)} pictures are too few to be scored; draw {FEWEST} at least.")
