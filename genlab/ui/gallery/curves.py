"""FID against seconds of training, for the models that are chosen."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.plots.chart import STYLES, Chart, Line, Style
from genlab.plots.svg import swatch
from genlab.ui import links
from genlab.ui.compare.gather import styles
from genlab.ui.gallery.entrants import Entrant
from genlab.ui.i18n import t
from genlab.ui.latent.sheets import is_dark

if TYPE_CHECKING:
    import plotly.graph_objects as go

PARAM: Final = "curves"
HEADLINE: Final = ("hybrid", "vae", "dcgan", "plain-gan", "plain-dcgan")
"""What is drawn of many when nobody has chosen."""
HEIGHT: Final = 460
CONFIG: Final = {"displaylogo": False, "modeBarButtonsToRemove": ["toImage", "lasso2d", "select2d"]}
TICKS: Final = tuple(digit * 10.0**power for power in range(-3, 7) for digit in (1, 2, 5))
"""Numbers that both axes are marked at; plotly's own marks leave out the zeros of 20 and 500."""


def draw(entrants: Sequence[Entrant]) -> None:
    """The choice, and the figure of what is chosen."""
    st.subheader(t("models.curves"), anchor=False)
    st.caption(t("models.curves_lead"))
    chosen = choose(entrants)
    if not chosen:
        st.info(t("models.none_chosen"), icon=":material/arrow_upward:")
        return
    looks = styles({entrant.key: 1 + place for place, entrant in enumerate(entrants) if entrant in chosen})
    _key(chosen, looks)
    st.plotly_chart(
        figure(chosen, looks, dark=is_dark()), key="models-curves", theme=None, config=CONFIG, alt=t("models.curves")
    )


def choose(entrants: Sequence[Entrant]) -> list[Entrant]:
    """At most eight of the entrants, in the order of the table; the address says which."""
    known = {entrant.key: entrant for entrant in entrants}
    usual = at_first(entrants)
    asked = links.get(PARAM)
    current = usual if asked is None else [key for key in known if key in asked.split(",")][: len(STYLES)]
    if asked and not current:  # another data set's
        current = usual
    key = f"link_{PARAM}"
    _write(current, usual)
    st.session_state[key] = current
    shown = {entrant.key: entrant.name for entrant in entrants}
    ids = {label: option for option, label in shown.items()}

    def changed() -> None:
        # The browser sends the texts it shows, which may be older than these: see links.select.
        picked = [ids.get(value, value) for value in st.session_state[key]]
        _write([option for option in known if option in picked], usual)

    st.multiselect(
        t("models.choose"), list(known), key=key, format_func=shown.__getitem__, max_selections=len(STYLES),
        on_change=changed, placeholder=t("models.choose"),
    )  # fmt: skip
    return [known[option] for option in known if option in st.session_state[key]][: len(STYLES)]


def at_first(entrants: Sequence[Entrant]) -> list[str]:
    """What is drawn when nobody has chosen: all where they are few, else the headline."""
    headline = [entrant.key for entrant in entrants if entrant.model in HEADLINE]
    all_of_them = [entrant.key for entrant in entrants]
    return (all_of_them if len(all_of_them) <= len(STYLES) else headline or all_of_them)[: len(STYLES)]


def _write(chosen: list[str], usual: list[str]) -> None:
    links.put(PARAM, None if chosen == usual else ",".join(chosen))


def _key(chosen: Sequence[Entrant], looks: Mapping[str, Style]) -> None:
    """Which line is which: plotly's own legend would take a phone's whole width from the figure."""
    items = "".join(
        f'<span><img alt="{looks[entrant.key].sign}" src="{_data(swatch(looks[entrant.key]))}"> '
        f"{escape(entrant.name)}</span>"
        for entrant in chosen
    )
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:.3rem 1.4rem">{items}</div>')


def _data(svg: str) -> str:
    # Streamlit takes SVG out of HTML, but leaves pictures.
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def figure(chosen: Sequence[Entrant], looks: Mapping[str, Style], *, dark: bool) -> go.Figure:
    """Medians over the seeds, both axes in decades."""
    from genlab.plots.lines import lines, literal

    drawn = [Line(entrant.name, *entrant.curve(), looks[entrant.key]) for entrant in chosen]
    made = lines(Chart("FID", t("models.axis"), drawn, every_point=True), dark=dark, height=HEIGHT)
    for trace in made.data:
        point = t("models.point", seconds="%{x:.4~g}", fid="%{y:.4~g}")
        trace.hovertemplate = f"{literal(trace.name)}<br>{point}<extra></extra>"
    marks = {"type": "log", "rangemode": "normal", "tickvals": TICKS, "ticktext": [f"{tick:g}" for tick in TICKS]}
    made.update_xaxes(marks)
    made.update_yaxes(marks)
    return made
