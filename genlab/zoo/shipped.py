"""What is shipped, with its cards."""

from __future__ import annotations

import tomllib
from typing import NamedTuple

from genlab.runs.shelf import zoo_runs
from genlab.runs.store import Run
from genlab.zoo.card import Card, read_card
from genlab.zoo.recipes import FILE


class Shipped(NamedTuple):
    """A shipped model."""

    run: Run
    card: Card


def shipped_runs() -> list[Run]:
    """The shipped runs in the order of the recipes: the first is what pages show to who has nothing of their own."""
    order = [f"zoo-{name}" for name in tomllib.loads(FILE.read_text(encoding="utf-8"))]
    return sorted(zoo_runs(), key=lambda run: order.index(run.id) if run.id in order else len(order))


def shipped() -> list[Shipped]:
    """The shipped models with their cards, in the same order.

    Raises
    ------
    GenlabError
        A card is missing or damaged.
    """
    return [Shipped(run, read_card(run.path)) for run in shipped_runs()]
