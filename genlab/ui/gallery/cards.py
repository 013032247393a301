"""Every model of the lab as a card: what it is, where it comes from, and what it drew."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.ui import navigation, words
from genlab.ui.compare.protocols import score_text
from genlab.ui.gallery.entrants import Entrant, of_model
from genlab.ui.gallery.papers import PAPERS, Paper
from genlab.ui.i18n import t
from genlab.ui.shell import escape

if TYPE_CHECKING:
    from genlab.models import GenerativeModel

ACROSS: Final = 4


def draw(entrants: Sequence[Entrant], data: str | None) -> None:
    """The cards, a heading a family.

    Parameters
    ----------
    data
        What the entrants were measured on; None where nothing was measured at all.
    """
    from genlab.models import MODELS

    st.subheader(t("models.cards"), anchor=False)
    for family, group in groupby(MODELS.values(), key=lambda model: model.family):
        st.markdown(f"**{t(f'models.family.{family}')}** · {t(f'models.family_told.{family}')}")
        models = list(group)
        with st.container(key=f"cards-{family}"):
            for start in range(0, len(models), ACROSS):
                for column, model in zip(st.columns(ACROSS), models[start : start + ACROSS], strict=False):
                    with column, st.container(border=True, height="stretch"):
                        _card(model, of_model(entrants, model.key), data)


def _card(model: type[GenerativeModel], entrant: Entrant | None, data: str | None) -> None:
    title = words.model_title(model.key)
    drawn = entrant.picture(data) if entrant is not None and data is not None else None
    if drawn is not None:
        st.html(words.picture(drawn[0], t("models.picture", model=title)))
    st.markdown(f"**{escape(title)}**")
    if entrant is not None:
        st.caption(escape(under(entrant, drawn[1].fid if drawn is not None else entrant.fid)))
    elif data is not None:
        st.caption(t("models.not_measured"))
    st.markdown(escape(words.model_about(model.key)))
    if PAPERS.get(model.key):
        st.caption("  \n".join(cited(paper) for paper in PAPERS[model.key]))
    shown = entrant.preset if entrant is not None else None
    navigation.link(
        "train", t("models.train_this"), icon=":material/play_arrow:",
        model=model.key, preset=shown.key if shown is not None else model.presets[0].key,
    )  # fmt: skip


def under(entrant: Entrant, fid: float) -> str:
    """What the picture above was made by, and its score."""
    told = t("models.under", fid=score_text("fid", fid), seconds=entrant.given)
    return f"{words.preset_title(entrant.preset)} · {told}" if entrant.preset is not None else told


def cited(paper: Paper) -> str:
    """A paper in Streamlit's Markdown."""
    text = escape(f"{paper.authors} {paper.year}, {paper.title}")
    return f"[{text}]({paper.url})" if paper.url else f"{text}, {escape(paper.journal)}"
