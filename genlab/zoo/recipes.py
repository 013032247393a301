"""What each shipped model is trained with: ``recipes.toml``, read."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from genlab.errors import GenlabError
from genlab.latent.film import MOST_FRAMES
from genlab.latent.spec import Method
from genlab.models.presets import PRESETS
from genlab.training.config import PrecisionName, RunConfig

FILE = Path(__file__).parent / "recipes.toml"
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Recipe:
    """How one shipped model is made.

    Attributes
    ----------
    name
        Of the shipped folder; links say ``zoo-<name>``.
    config
        The training.
    maps
        Methods of the latent maps that are shipped along, as the Latent space page asks for them.
    frames
        Of the film; those of a model without an encoder hold pictures of their own, and weigh.
    """

    name: str
    config: RunConfig
    maps: tuple[Method, ...]
    frames: int = MOST_FRAMES

    @property
    def command(self) -> str:
        """The training as a line for a terminal, which gives a run of one's own."""
        asked = self.config
        return (
            f"python -m genlab train --preset {asked.preset} --data {asked.data} --images {asked.images} "
            f"--seed {asked.seed} --precision {asked.precision}"
        )


def recipes() -> dict[str, Recipe]:
    """All recipes by name, in the order of the file.

    Raises
    ------
    GenlabError
        An entry names what there is not.
    """
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {name: _recipe(name, **entry) for name, entry in entries.items()}


def _recipe(
    name: str,
    preset: str,
    data: str,
    images: int,
    precision: PrecisionName,
    maps: list[Method],
    seed: int = 0,
    frames: int = MOST_FRAMES,
) -> Recipe:
    if not NAME.fullmatch(name):
        raise GenlabError(f"A shipped model's name is made of small letters, digits and hyphens; {name!r} is not.")
    chosen = PRESETS[preset]
    config = RunConfig(
        data, chosen.model, chosen.options, chosen.key, chosen.batch_size, seed, images=images, precision=precision
    )
    return Recipe(name, config, tuple(maps), frames)
