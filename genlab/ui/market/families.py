"""Families of models side by side, from the measured table of this lab: what was not measured is a gap."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Final

import streamlit as st

from genlab.ui import links, navigation, words
from genlab.ui.compare.protocols import score_text
from genlab.ui.gallery.entrants import Entrant, data_sets, read, usual_time
from genlab.ui.i18n import t
from genlab.ui.latent.sheets import is_dark
from genlab.ui.market import entry
from genlab.ui.shell import escape
from genlab.ui.text import count

FAMILIES: Final = ("gan", "vae", "hybrid", "transformer")
"""Those that are drawn, where they were measured."""
SHARES: Final = ("precision", "recall", "coverage")
"""Scores that lie between 0 and 1, of which more is better."""

Point = tuple[float, str] | None


def draw() -> None:
    """The figure, what it shows, and what it lacks."""
    from genlab.plots.radar import radar

    st.subheader(t("market_measured.families"), anchor=False)
    tables = data_sets()
    data = links.select(
        t("market_measured.families_on"), tables, param="families", default=_fullest(tables), text=words.data_title
    )  # fmt: skip
    drawn = representatives(read(data))
    axes = [t("market_measured.axis.fid"), *(t(f"compare.score.{score}") for score in SHARES)]
    axes.append(t("market_measured.axis.speed"))
    lines = {f"{t(f'models.family.{one.family}')}: {one.name}": points(one, drawn) for one in drawn}
    st.plotly_chart(
        radar(axes, lines, dark=is_dark()), key="market_families", theme=None, config=entry.CHART,
        alt=t("market_measured.families"),
    )  # fmt: skip
    seeds = ", ".join(f"{one.title} {one.seeds}" for one in drawn)
    st.caption(escape(t("market_measured.families_note", seeds=seeds)))
    _what_to_bear_in_mind({one.family for one in drawn})
    navigation.link("models", t("market_measured.table"), icon=":material/leaderboard:", data=data)


def _what_to_bear_in_mind(drawn: set[str | None]) -> None:
    if missing := [t(f"models.family.{family}") for family in FAMILIES if family not in drawn]:
        st.info(t("market_measured.families_missing", families=", ".join(missing)), icon=":material/block:")
    if "transformer" in drawn:
        st.info(t("market_measured.families_transformer"), icon=":material/info:")


def representatives(entrants: Sequence[Entrant]) -> list[Entrant]:
    """Of each family the line with the best FID, among those that were told no classes and had the time most had."""
    given = usual_time(entrants)
    best: dict[str | None, Entrant] = {}
    for one in sorted(entrants, key=lambda one: one.fid):
        if one.given == given and one.median("label_accuracy") is None:
            best.setdefault(one.family, one)
    return [best[family] for family in FAMILIES if family in best]


def points(one: Entrant, drawn: Sequence[Entrant]) -> list[Point]:
    """A line's place on each scale: FID and speed as a share of the best among those drawn, the rest as they are."""
    best = min(other.fid for other in drawn)
    fastest = max(map(_speed, drawn))
    found: list[Point] = [(best / one.fid, score_text("fid", one.fid))]
    for score in SHARES:
        value = one.median(score)
        found.append(None if value is None else (value, score_text(score, value)))
    return [*found, (_speed(one) / fastest, t("market_measured.per_second", n=count(_speed(one))))]


def _speed(one: Entrant) -> float:
    """Pictures shown a second of training."""
    return fmean(row.images / row.seconds for row in one.rows if row.is_last)


def _fullest(tables: Sequence[str]) -> str:
    """The table with the most lines."""
    return max(tables, key=lambda data: len(read(data)))
