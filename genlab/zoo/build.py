"""Making the shipped models: train, measure, look inside, pack, and write the card."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime

from genlab.data import find
from genlab.errors import GenlabError
from genlab.paths import at_home, home
from genlab.runs import shelf
from genlab.runs.sampling import load_checkpoint
from genlab.runs.scores import read_scores
from genlab.runs.store import CONFIG_FILE, Run
from genlab.zoo.card import Card, read_card, write_card
from genlab.zoo.packing import lighten, look_inside, measure, strip
from genlab.zoo.recipes import Recipe
from genlab.zoo.training import cpu_seconds, trained

LICENCE = "MIT"


def is_built(recipe: Recipe) -> bool:
    """Whether what is shipped was made by this very recipe."""
    folder = shelf.ZOO / recipe.name
    try:
        return read_card(folder).name == recipe.name and Run(folder).config == recipe.config
    except GenlabError:
        return False


def build(recipe: Recipe, tell: Callable[[str], None]) -> Card:
    """Make one shipped model anew; what was shipped of this name is replaced at the end.

    The training is an ordinary run in a home of its own, ``zoo/`` in the user's, and stays there: a build that was
    interrupted goes on with it.

    Raises
    ------
    GenlabError
        The data cannot be had, or the training failed.
    """
    with at_home(home() / "zoo"):
        tell("training")
        run = trained(recipe.config)
        workshop = home() / "packing"
        shutil.rmtree(workshop, ignore_errors=True)
        copy = Run(workshop / recipe.name)
        shutil.copytree(run.path, copy.path)
        lighten(copy, recipe.frames)
        tell("scoring")
        measure(copy)
        tell("mapping")
        look_inside(copy, recipe.maps)
        strip(copy)
        card = _card(recipe, copy, cpu_seconds(run))
        write_card(copy.path, card)
        shutil.rmtree(shelf.ZOO / recipe.name, ignore_errors=True)
        shelf.ZOO.mkdir(exist_ok=True)
        shutil.move(copy.path, shelf.ZOO / recipe.name)
        shutil.rmtree(workshop)
    return card


def _card(recipe: Recipe, run: Run, seconds: float) -> Card:
    config, status, source = recipe.config, run.status(), find(recipe.config.data)
    stored, step = load_checkpoint(run)
    sheet = next(sheet for sheet in reversed(read_scores(run.path)) if (sheet.step, sheet.kind) == (step, "full"))
    versions = json.loads((run.path / CONFIG_FILE).read_text(encoding="utf-8"))["versions"]
    return Card(
        name=recipe.name,
        data=config.data,
        data_home=source.homepage,
        n_train=source.n_train,
        command=recipe.command,
        model=config.model,
        preset=config.preset,
        options=config.options,
        seed=config.seed,
        images=status.step * config.batch_size,
        steps=status.step,
        parameters=sum(weight.numel() for weight in stored.model.parameters()),
        cpu_seconds=round(seconds, 1),
        device=status.device,
        precision=status.precision,
        date=datetime.fromtimestamp(status.updated, UTC).date().isoformat(),
        genlab=versions["genlab"],
        torch=versions["torch"],
        python=versions["python"],
        licence=LICENCE,
        step=step,
        extractor=sheet.extractor,
        extractor_hash=sheet.extractor_hash,
        n=sheet.n,
        n_real=sheet.n_real,
        split=sheet.split,
        score_seed=sheet.seed,
        scores=sheet.scores,
        floor=sheet.floor,
    )
