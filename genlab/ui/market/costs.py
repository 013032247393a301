"""What a model costs and when it pays for itself, from this lab's measured speeds and the reader's assumptions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from statistics import fmean
from typing import Final, NamedTuple

import streamlit as st

from genlab.market.costs import Account, Assumptions, account, tornado
from genlab.ui import links, numbers, words
from genlab.ui.gallery.entrants import Entrant, data_sets, read
from genlab.ui.i18n import t
from genlab.ui.latent.sheets import is_dark
from genlab.ui.market import entry
from genlab.ui.shell import escape


class Asked(NamedTuple):
    """An assumption of the reader: its limits, its starting value and the step of its buttons."""

    low: float
    high: float
    start: float
    step: float


MACHINE: Final = {
    "runs": Asked(1, 10_000, 5, 1),
    "watts": Asked(0, 100_000, 30, 10),
    "kwh_price": Asked(0, 100, 0.3, 0.05),
    "machine_price": Asked(0, 10_000, 0.05, 0.05),
    "accepted": Asked(0.001, 1, 0.5, 0.05),
}
PERSON: Final = {
    "wage": Asked(0, 10_000, 40, 5),
    "setup_hours": Asked(0, 100_000, 80, 10),
    "review_seconds": Asked(0, 100_000, 10, 5),
    "human_minutes": Asked(0.01, 100_000, 15, 5),
    "monthly_items": Asked(1, 1e9, 500, 100),
    "upkeep_hours": Asked(0, 100_000, 8, 1),
    "slip_cost": Asked(0, 1e6, 0, 0.1),
}
HIGHEST: Final = 1e12
SHARE_MAX: Final = 1.0
CENTURY: Final = 1200
"""Months beyond which no date is told."""
LONG: Final = 1e9
"""From here on digits do not fit."""
BARS: Final = 8
"""What matters less than the first few has a bar too small to be seen."""


def draw() -> None:
    """The section."""
    st.caption(t("market_costs.lead"))
    given = _assumptions()
    made = account(given)
    _account(made)
    _tornado(given, made)


def _assumptions() -> Assumptions:
    left, right = st.columns(2)
    with left:
        tables = data_sets()
        data = links.select(
            t("market_costs.data"), tables, param="cost.on", default=tables[0], text=words.data_title
        )  # fmt: skip
    with right:
        found = {entrant.key: entrant for entrant in read(data)}
        chosen = links.select(
            t("market_costs.model"), list(found), param="cost.model", default=next(iter(found)),
            text=lambda key: found[key].name,
        )  # fmt: skip
    images, speed = _measured(found[chosen])
    st.caption(t("market_costs.measured", speed=f"{speed:,.0f}", seeds=found[chosen].seeds))
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{t('market_costs.machine')}**")
        usual = {
            "train_images": Asked(1, HIGHEST, float(round(images)), 100_000),
            "sample_speed": Asked(0.001, HIGHEST, float(round(speed)), 100),
        }
        values = _numbers({**usual, **MACHINE})
    with right:
        st.markdown(f"**{t('market_costs.person')}**")
        values |= _numbers(PERSON)
    return Assumptions(train_speed=speed, **values)


def _measured(entrant: Entrant) -> tuple[float, float]:
    """Pictures shown in all, and pictures a second of training: means over the seeds, from the last look at each."""
    last = [row for row in entrant.rows if row.is_last]
    return fmean(row.images for row in last), fmean(row.images / row.seconds for row in last)


def _numbers(asked: Mapping[str, Asked]) -> dict[str, float]:
    return {
        name: numbers.real(
            t(f"market_costs.of.{name}"), float(one.low), float(one.high), param=f"cost.{name}",
            default=float(one.start), step=float(one.step), help=t("market_costs.start", value=f"{one.start:g}"),
        )
        for name, one in asked.items()
    }  # fmt: skip


def _account(made: Account) -> None:
    st.subheader(t("market_costs.result"), anchor=False)
    st.html(
        words.stats(
            [
                (t("market_costs.run_hours"), f"{made.run_hours:.3g} h · {made.run_kwh:.3g} kWh"),
                (t("market_costs.run_cost"), _money(made.run_cost)),
                (t("market_costs.upfront"), _money(made.upfront)),
                (t("market_costs.thousand"), _money(made.thousand)),
                (t("market_costs.by_hand"), _money(made.thousand_by_hand)),
                (t("market_costs.monthly"), _money(made.monthly)),
                (t("market_costs.months"), _months(made.months)),
            ]
        )
    )
    if math.isinf(made.months):
        st.warning(t("market_costs.never_note", loss=_money(abs(made.monthly))), icon=":material/trending_down:")
    elif made.months <= CENTURY:
        st.caption(t("market_costs.items", items=f"{math.ceil(made.items):,}", saved=_money(made.saved)))
    with st.expander(t("market_costs.how"), icon=":material/calculate:"):
        st.markdown(t("market_costs.how_text"))


def _money(value: float) -> str:
    return f"{value:,.2f}" if 0.01 <= abs(value) < LONG or value == 0 else f"{value:.3g}"


def _months(value: float) -> str:
    if math.isinf(value):
        return t("market_costs.never")
    return f"{value:,.1f}" if value <= CENTURY else t("market_costs.century")


def _tornado(given: Assumptions, made: Account) -> None:
    """Each assumption halved and doubled: what that does to the pay-back, or, where there is none, to a month."""
    from genlab.plots.tornado import Swing, tornado_figure

    pays = math.isfinite(made.months)
    ranges = {name: (value / 2, 2 * value) for name, value in asdict(given).items() if value > 0}
    ranges["accepted"] = (given.accepted / 2, min(SHARE_MAX, 2 * given.accepted))
    ranges["runs"] = (max(1.0, given.runs / 2), 2 * given.runs)
    bars = tornado(given, ranges, (lambda one: one.months) if pays else (lambda one: one.monthly))
    swings = [
        Swing(t(f"market_costs.short.{bar.name}"), bar.at_low, bar.at_high) for bar in bars[:BARS] if bar.swing > 0
    ]
    axis = t("market_costs.months" if pays else "market_costs.monthly")
    st.markdown(f"**{escape(t('market_costs.tornado', outcome=axis))}**")
    figure = tornado_figure(
        swings, made.months if pays else made.monthly, (t("market_costs.halved"), t("market_costs.doubled")), axis,
        t("market_costs.never"), dark=is_dark(),
    )  # fmt: skip
    st.plotly_chart(figure, key="market_tornado", theme=None, config=entry.CHART, alt=axis)
    st.caption(t("market_costs.tornado_note"))
