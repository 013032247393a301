"""What came out when: a figure by strand, and the events by decade with their sources."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from genlab.market.cases import terms
from genlab.market.timeline import STRANDS, Event, timeline
from genlab.ui import links
from genlab.ui.i18n import language, t
from genlab.ui.latent.sheets import is_dark
from genlab.ui.market import entry
from genlab.ui.shell import escape

FIGURE = "market_timeline"
DECADE = 10


def draw() -> None:
    """The section."""
    key = entry.asked(timeline())
    if key is not None:
        entry.back()
        with st.container(border=True):
            st.subheader(_named(timeline()[key]), anchor=False)
            _event(timeline()[key])
        return
    st.caption(t("market_timeline.lead"))
    _figure()
    for decade, events in groupby(timeline().values(), lambda event: event.year // DECADE * DECADE):
        st.subheader(t("market_timeline.decade", year=decade), anchor=f"decade-{decade}")
        for event in events:
            with st.expander(_named(event), key=f"event_{event.key}"):
                _event(event)
                entry.permalink("timeline", event.key)


def _named(event: Event) -> str:
    return f"{event.when} · {escape(event.name[language()])}"


def _event(event: Event) -> None:
    st.markdown(f":gray-badge[{escape(terms()['strand'][event.strand][language()])}]")
    st.markdown(escape(event.text[language()]))
    if event.wrong[language()]:
        st.markdown(f":orange-badge[{t('market_timeline.wrong')}] {escape(event.wrong[language()])}")
    entry.lab(event.lab)
    entry.sources(event.references)
    entry.told_in(event.sections)


def _figure() -> None:
    from genlab.plots.timeline import Dated, timeline_figure

    def opened() -> None:
        key = entry.picked(st.session_state[FIGURE].selection.points)
        if key in timeline():
            links.put(entry.PARAM, key)

    events = [
        Dated(event.key, event.name[language()], event.year, event.month, STRANDS.index(event.strand))
        for event in timeline().values()
    ]
    figure = timeline_figure(events, [terms()["strand"][one][language()] for one in STRANDS], dark=is_dark())
    st.plotly_chart(
        figure, key=FIGURE, theme=None, config=entry.CHART, on_select=opened, selection_mode="points",
        alt=t("market_timeline.alt"),
    )  # fmt: skip
