"""Why the field moved on: two older models beside three newer ones, on the same small digits for the same time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from genlab.evaluation.sheet import GOOD_END
from genlab.ui import words
from genlab.ui.compare.protocols import score_text
from genlab.ui.compare.table import NOTHING, heading
from genlab.ui.gallery.entrants import Entrant, usual_time
from genlab.ui.gallery.papers import PAPERS
from genlab.ui.i18n import t
from genlab.ui.shell import escape

DATA: Final = "digits"
OLDER: Final = ("hmm", "dbn")
NEWER: Final = ("vae", "gan", "hybrid")
"""Each model's key, and that of its first preset."""
SCORES: Final = ("fid", "precision", "recall", "coverage")
RANKED: Final = SCORES[:3]


def draw(entrants: Sequence[Entrant]) -> None:
    """The section, from what was measured on :data:`DATA`."""
    st.subheader(t("models.history"), anchor="history")
    together = of_one_time(entrants)
    if not any(model in together for model in OLDER) or not any(model in together for model in NEWER):
        st.info(t("models.history_none"), icon=":material/straighten:")
        return
    seconds = next(iter(together.values())).given
    st.markdown(t("models.history_lead", seconds=seconds))
    st.markdown("\n".join(f"- {escape(sentence)}" for sentence in verdicts(together)))
    for model, entrant in together.items():
        with st.container(border=True):
            _model(model, entrant)


def of_one_time(entrants: Sequence[Entrant]) -> dict[str, Entrant]:
    """The models of this section, in the order of their years, at the time that most of them were given."""
    known = [entrant for entrant in entrants if entrant.model in (*OLDER, *NEWER)]
    usual = usual_time(known) if known else 0
    found = {entrant.model: entrant for entrant in known if entrant.given == usual}
    return {model: found[model] for model in (*OLDER, *NEWER) if model in found}


def verdicts(together: dict[str, Entrant]) -> list[str]:
    """What the scores say of the older models, in a sentence each, and how far they can be trusted."""
    told = [_verdict(model, together) for model in OLDER if model in together]
    told += [_ranked(score, together) for score in RANKED]
    if min(entrant.seeds for entrant in together.values()) == 1:
        told.append(t("models.one_seed"))
    return told


def _ranked(score: str, together: dict[str, Entrant]) -> str:
    found = {model: middle for model, entrant in together.items() if (middle := entrant.median(score)) is not None}
    best_first = sorted(found, key=found.__getitem__, reverse=GOOD_END[score] == "high")
    order = t("models.comma").join(
        f"{words.model_title(model)} {score_text(score, found[model])}" for model in best_first
    )
    return t("models.ranked", score=t(f"compare.score.{score}"), order=order)


def _verdict(model: str, together: dict[str, Entrant]) -> str:
    newer = [other for other in NEWER if other in together]
    ahead = [other for other in newer if together[other].fid < together[model].fid]
    behind = [other for other in newer if other not in ahead]
    outcome = "both" if ahead and behind else "loses" if ahead else "wins"
    return t(
        f"models.verdict.{outcome}", model=words.model_title(model), ahead=_named(ahead), behind=_named(behind)
    )  # fmt: skip


def _named(models: Sequence[str]) -> str:
    return t("models.comma").join(words.model_title(model) for model in models)


def _model(model: str, entrant: Entrant) -> None:
    left, right = st.columns([1, 3], gap="large")
    title = words.model_title(model)
    with left:
        drawn = entrant.picture(DATA)
        if drawn is not None:
            st.html(words.picture(drawn[0], t("models.picture", model=title)))
    with right:
        year = PAPERS[model][0].year if model != "hybrid" else None
        st.markdown(f"**{escape(title)}**" + (f" · {year}" if year is not None else ""))
        st.html(words.stats([(heading(score), _value(entrant, score)) for score in SCORES]))
        st.markdown(t(f"models.assumes.{model}", **vars(_options(model))))


def _value(entrant: Entrant, score: str) -> str:
    middle = entrant.median(score)
    return score_text(score, middle) if middle is not None else NOTHING


def _options(model: str) -> object:
    """The options of a model's first preset, whose values its sentences tell."""
    from genlab.models import MODELS
    from genlab.models.options import parse_options

    options: object = parse_options(MODELS[model].Options, MODELS[model].presets[0].options)
    return options
