"""What a map says of itself where it is taken away: what it is of, how it was made, how far it can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from genlab.ui import text, words
from genlab.ui.i18n import t
from genlab.ui.latent import trust

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genlab.latent.result import Projection
    from genlab.latent.spec import What
    from genlab.models.base import GenerativeModel
    from genlab.runs.maps import Map
    from genlab.runs.store import Run


class About(NamedTuple):
    """What stands on a map that is taken away, in the reader's language, as plain text.

    Attributes
    ----------
    file
        Name of the file, without its ending.
    title
        Run, method and step.
    points
        What the points are, in a sentence or two.
    figures
        How many there are, with which parameters they were placed, and how far that can be trusted.
    """

    file: str
    title: str
    points: str
    figures: str


def of(wanted: Map, made: Projection, guests: str = "") -> About:
    """What a finished map says of itself, and of `guests` on it."""
    method = t(f"latent_maps.methods.{made.spec.method}")
    figures = [*trust.facts(made), (t("latent.seed"), str(made.spec.seed))]
    what = t(f"latent_maps.whats.{made.spec.what}")
    return About(
        file=f"{wanted.run.name}-step{made.step}-{made.spec.what}-{made.spec.method}",
        title=f"{words.title(wanted.run)} · {method} · {t('latent.step')} {text.count(made.step)}",
        points=f"{sentence(wanted, made)} {guests}".strip().replace("**", ""),
        figures=" · ".join([what, *(f"{name} {value}" for name, value in figures)]),
    )


def sentence(wanted: Map, made: Projection) -> str:
    """What the points are, in Markdown."""
    real, generated = text.count(len(made) - made.n_generated), text.count(made.n_generated)
    what, width = made.spec.what, text.count(made.width)
    source = placed_by(wanted.run, what, made.width)
    told = t(f"latent_maps.about.{what}", real=real, generated=generated, width=width, source=source)
    if (made.labels[made.generated] >= 0).any():
        told += " " + t("latent_maps.judged")
    return told


def placed_by(run: Run, what: What, width: int) -> str:
    """What places points on a map of what a run's model encodes or sees; empty for other maps, whose words say it."""
    from genlab.models import MODELS

    if what not in ("encoder", "features"):
        return ""
    key = kind(MODELS[run.config.model], what, run.config.options)
    return t(f"latent_maps.sources.{key}", width=text.count(width))


def kind(model: type[GenerativeModel], what: What, options: Mapping[str, Any]) -> str:
    """The key of the words for what places points: what a model sees and encodes differs from kind to kind."""
    if what == "features":
        return f"features_{model.sees}"
    if what == "encoder" and model.sees == "codes":
        return "encoder_codes"
    return "encoder_classes" if what == "encoder" and options.get("conditional") else what
