"""The card of a shipped model: what it is, how it was made, and what it was measured to reach."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from genlab.errors import GenlabError
from genlab.paths import atomic_write_json

CARD_FILE = "card.json"
TYPES: dict[str, type | tuple[type, ...]] = {
    "str": str, "int": int, "float": (int, float), "dict[str, float]": dict, "dict[str, Any]": dict,
}  # fmt: skip


@dataclass(frozen=True)
class Card:
    """All facts of a shipped model, each of them measured or taken from its training.

    Attributes
    ----------
    name
        In the zoo; links say ``zoo-<name>``.
    data, data_home
        The data set's key, and where its makers describe it.
    n_train
        Pictures it was trained on.
    command
        What trains it again as a run of one's own.
    model, preset, options, seed, images, steps
        The recipe.
    parameters
        Numbers in its weights, those of all its networks together.
    cpu_seconds
        That the training took of the processor, without its scores.
    device, precision
        What it was trained on, and in which numbers.
    date
        Of the training's end, in UTC: YYYY-MM-DD.
    genlab, torch, python
        Versions that trained it.
    licence
        Of the weights.
    step
        The last checkpoint's, which the scores are of.
    extractor, extractor_hash, n, n_real, split, score_seed
        The protocol: what saw the pictures, how many were drawn, how many real ones of which split they were compared
        with, and the seed.
    scores, floor
        Of the last checkpoint, and the same of real training pictures.
    """

    name: str
    data: str
    data_home: str
    n_train: int
    command: str
    model: str
    preset: str
    options: dict[str, Any]
    seed: int
    images: int
    steps: int
    parameters: int
    cpu_seconds: float
    device: str
    precision: str
    date: str
    genlab: str
    torch: str
    python: str
    licence: str
    step: int
    extractor: str
    extractor_hash: str
    n: int
    n_real: int
    split: str
    score_seed: int
    scores: dict[str, float]
    floor: dict[str, float]


def write_card(folder: Path, card: Card) -> None:
    """Put the card into a shipped folder."""
    atomic_write_json(folder / CARD_FILE, asdict(card))


def read_card(folder: Path) -> Card:
    """The card of a shipped folder.

    Raises
    ------
    GenlabError
        It is missing, or not complete.
    """
    try:
        values = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
        return Card(**{entry.name: _checked(entry.name, str(entry.type), values[entry.name]) for entry in fields(Card)})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GenlabError(f"The card of the shipped model {folder.name} cannot be read: {error!r}.") from error


def _checked(name: str, kind: str, value: Any) -> Any:
    if not isinstance(value, TYPES[kind]) or isinstance(value, bool):
        raise TypeError(f"{name} is {str(value)[:40]!r}")
    return value
