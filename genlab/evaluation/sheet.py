"""What a score says about itself: no number without its extractor, sample counts, split, seed and floor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["quick", "full"]

GOOD_END: dict[str, Literal["low", "high"] | None] = {
    "fid": "low",
    "kid": "low",
    "inception_score": "high",
    "precision": "high",
    "recall": "high",
    "density": None,
    "coverage": "high",
    "balance": "low",
    "classes_missed": "low",
    "label_accuracy": "high",
    "memorised": None,
}
"""The scores there are, in the order of tables, and which end of each is the good one.

Without an end: a density above 1 is no better than 1, and the good value of memorisation is one half.
"""


@dataclass(frozen=True)
class ScoreSheet:
    """All scores of one checkpoint, from one look at it.

    Attributes
    ----------
    step
        The checkpoint's.
    kind
        ``"quick"`` while training goes on, ``"full"`` at its end.
    extractor, extractor_hash
        Name of what turned pictures into features, and the SHA-256 of its weights.
    n
        Generated pictures.
    n_real
        Real pictures that they were compared with.
    split
        Which real pictures.
    seed
        Of the generated pictures.
    scores
        By name: ``fid``, ``kid``, ``kid_error``, ``inception_score``, ``precision``, ``recall``, ``density``,
        ``coverage``, ``balance``, ``classes_missed``, ``label_accuracy``, ``memorised``, as far as they could be had.
    floor
        The same scores of real training pictures against the same real pictures: the best that can be hoped for.
    created
        Unix seconds.
    cost_seconds
        Seconds of CPU that drawing and scoring took.
    """

    step: int
    kind: Kind
    extractor: str
    extractor_hash: str
    n: int
    n_real: int
    split: Literal["train", "test"]
    seed: int
    scores: dict[str, float] = field(default_factory=dict)
    floor: dict[str, float] = field(default_factory=dict)
    created: float = 0.0
    cost_seconds: float = 0.0
