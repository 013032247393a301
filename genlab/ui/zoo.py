"""The shipped models on the Overview: a gallery, and the card of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.evaluation.sheet import GOOD_END
from genlab.ui import cards, navigation, words
from genlab.ui.compare.protocols import HASH_SHOWN, score_text
from genlab.ui.i18n import t
from genlab.ui.shell import escape
from genlab.ui.text import count, duration

if TYPE_CHECKING:
    from genlab.zoo.card import Card
    from genlab.zoo.shipped import Shipped

ACROSS: Final = 3
PAGES: Final = ("samples", "latent", "replay")


def draw() -> None:
    """The gallery; nothing where nothing is shipped."""
    from genlab.zoo.shipped import shipped

    models = shipped()
    if not models:
        return
    st.subheader(t("zoo.heading"), anchor=False)
    st.caption(t("zoo.lead"))
    with st.container(key="cards-zoo"):
        for start in range(0, len(models), ACROSS):
            for column, model in zip(st.columns(ACROSS), models[start : start + ACROSS], strict=False):
                with column, st.container(border=True, height="stretch", key=f"card-{model.run.id}"):
                    _draw_one(model)


def _draw_one(model: Shipped) -> None:
    run, card = model
    name = words.shipped_title(run)
    picture = cards.last_picture(run)
    if picture is not None:
        st.html(words.picture(picture.read_bytes(), t("overview.card.picture", run=name)))
    st.markdown(f"**{escape(name)}**")
    st.caption(escape(in_short(card)))
    with st.container(horizontal=True, gap="small"):
        for key in filter(navigation.has, PAGES):
            navigation.link(key, t(f"zoo.{key}"), run=run.id)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        navigation.link(
            "train", t("zoo.train"), icon=":material/play_arrow:", model=card.model, preset=card.preset, data=card.data,
            budget="steps", steps=str(card.steps),
        )  # fmt: skip
        with st.popover(t("zoo.card"), icon=":material/description:", type="tertiary", key=f"facts-{run.id}"):
            _facts(card)


def in_short(card: Card) -> str:
    """What the model drew after, how well, and what that cost."""
    return t(
        "zoo.in_short", data=words.data_title(card.data), fid=f"{card.scores['fid']:.1f}",
        floor=f"{card.floor['fid']:.1f}", time=duration(card.cpu_seconds),
    )  # fmt: skip


def _facts(card: Card) -> None:
    """All that the card says."""
    options = ", ".join(f"{name} {value}" for name, value in card.options.items())
    rows = {
        "data": f"[{escape(words.data_title(card.data))}]({card.data_home}), {count(card.n_train)}",
        "recipe": escape(", ".join(filter(None, [card.preset, options]))),
        "shown": t("zoo.shown", images=count(card.images), steps=count(card.steps)),
        "parameters": count(card.parameters),
        "cpu": f"{duration(card.cpu_seconds)} · {escape(card.device)} · {card.precision}",
        "date": card.date,
        "versions": escape(f"genlab {card.genlab} · torch {card.torch} · Python {card.python}"),
        "licence": card.licence,
    }
    st.markdown("\n".join(f"- {t(f'zoo.fact.{key}')}: {told}" for key, told in rows.items()))
    st.code(card.command, language=None, wrap_lines=True)
    st.markdown(_scores(card))
    st.caption(
        t("zoo.protocol", extractor=card.extractor, hash=card.extractor_hash[:HASH_SHOWN], n=count(card.n),
          real=count(card.n_real), split=t(f"compare.splits.{card.split}"), seed=card.score_seed, step=count(card.step))
    )  # fmt: skip


def _scores(card: Card) -> str:
    """The scores beside what real pictures get, as a table in Markdown."""
    lines = [f"| {t('zoo.score')} | {t('zoo.model')} | {t('zoo.real')} |", "|---|---:|---:|"]
    for score in GOOD_END:
        if score in card.scores:
            floor = score_text(score, card.floor[score]) if score in card.floor else "–"
            lines.append(f"| {t(f'compare.score.{score}')} | {score_text(score, card.scores[score])} | {floor} |")
    return "\n".join(lines)
