"""The Compare page: runs side by side, from the table down to their pictures and curves."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Final, cast

import streamlit as st

from genlab.evaluation.sheet import GOOD_END
from genlab.plots.svg import swatch
from genlab.ui import links, shell
from genlab.ui.compare import charts, choose, gather, protocols, report, samples, table
from genlab.ui.compare.gather import AXES
from genlab.ui.compare.measured import groups
from genlab.ui.i18n import t
from genlab.ui.latent.sheets import is_dark

if TYPE_CHECKING:
    from streamlit.elements.lib.column_types import ColumnConfig

    from genlab.export.report import Report
    from genlab.plots.chart import Chart
    from genlab.ui.compare.gather import Axis, Entry
    from genlab.ui.compare.measured import Measured

CHART: Final = {"displaylogo": False, "modeBarButtonsToRemove": ["toImage", "lasso2d", "select2d"]}

LETTER, CELL = 7, 20
"""Pixels that a letter of the table takes, and that its cells need besides."""
FIRST_WIDE: Final = "\u2e80"
"""From here on letters are Chinese, and take twice as much."""


def draw() -> None:
    """The page below its heading."""
    entries, problems = gather.read(choose.draw())
    for problem in problems:
        st.warning(shell.escape(problem), icon=":material/warning:")
    if not entries:
        return
    axis = _axis(entries)
    _key(entries)
    _table(entries)
    told: dict[str, Report] = {}

    def pictures() -> None:
        st.subheader(t("compare.pictures"), anchor=False)
        # The slider draws this part alone again, and the report below is of the pictures that it shows.
        told["report"] = report.build(entries, axis, samples.draw(entries, axis))

    shell.fragment(pictures)()
    shell.fragment(_scores)(entries, axis)
    shell.fragment(_curves)(entries, axis)
    _export(entries, told)


def _axis(entries: Sequence[Entry]) -> Axis:
    """What all curves and the slider go by; beside it, a way to look again while something moves."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        axis = links.select(
            t("compare.axis_label"), AXES, param="x", default=AXES[0], horizontal=True,
            text=lambda key: t(f"compare.axis.{key}"), help=t("compare.axis_help"),
        )  # fmt: skip
        if any(entry.status.is_live for entry in entries):
            st.button(t("compare.refresh"), icon=":material/refresh:", help=t("compare.refresh_help"))
    return cast("Axis", axis)


def _key(entries: Sequence[Entry]) -> None:
    """Which line and mark is which run, for the whole page."""
    items = "".join(
        f'<span><img alt="{entry.style.sign}" src="{_data(swatch(entry.style))}"> {escape(entry.title)}</span>'
        for entry in entries
    )
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:.3rem 1.4rem">{items}</div>')


def _data(svg: str) -> str:
    # Streamlit takes SVG out of HTML, but leaves pictures.
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _table(entries: Sequence[Entry]) -> None:
    st.subheader(t("compare.table"), anchor=False)
    facts = table.frame(entries)
    texts = zip(*table.cells(entries, facts), strict=True)
    columns = {name: _column(name, cells) for name, cells in zip(facts.columns, texts, strict=True)}
    st.dataframe(table.styled(entries, facts), hide_index=True, placeholder=table.NOTHING, column_config=columns)
    for note in table.notes(entries):
        st.caption(shell.escape(note))
    head, rows = table.differences(entries)
    if len(head) > 1:
        st.markdown(f"**{t('compare.differs')}**")
        _plain_table(head, rows)


def _column(name: str, cells: Sequence[str]) -> ColumnConfig:
    title = table.heading(name)
    if name not in GOOD_END:
        return st.column_config.Column(title, pinned=name == "run")
    # Streamlit measures plain letters, where the best scores are bold.
    longest = max(sum(1 + (sign >= FIRST_WIDE) for sign in text) for text in (title, *cells))
    return st.column_config.Column(title, help=t(f"compare.score_help.{name}"), width=CELL + LETTER * longest)


def _plain_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    import pandas as pd

    columns = {str(i): st.column_config.TextColumn(title, pinned=i == 0) for i, title in enumerate(head)}
    st.dataframe(pd.DataFrame(rows, columns=list(columns)), hide_index=True, column_config=columns)


def _scores(entries: Sequence[Entry], axis: Axis) -> None:
    """One score of sheets made alike over the training, and how all sheets were made."""
    st.subheader(t("compare.scores"), anchor=False)
    if not any(entry.sheets for entry in entries):
        st.info(t("compare.no_scores"), icon=":material/straighten:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        rows = _alike(entries)
        having = [score for score in GOOD_END if any(score in row.sheet.scores for row in rows)]
        score = links.select(
            t("compare.score_label"), having or ["fid"], param="score", default=(having or ["fid"])[0],
            text=lambda key: t(f"compare.score.{key}"),
        )  # fmt: skip
    chart = charts.scores(rows, score, axis)
    if chart is None:
        st.info(t("compare.no_such_score"), icon=":material/straighten:")
    else:
        value = charts.only_value(chart)
        if value is None:
            _chart(chart, "scores", height=380)
        else:
            st.metric(chart.title, protocols.score_text(score, value))
        st.caption(shell.escape(f"{t(f'compare.score_help.{score}')}  \n{protocols.told(rows, [score])}"))
    st.markdown(f"**{t('compare.protocols')}**")
    st.caption(t("compare.protocols_lead"))
    _plain_table(*protocols.table(entries))


def _alike(entries: Sequence[Entry]) -> list[Measured]:
    """The sheets that are drawn together: all those made in the way that is chosen."""
    found = {protocols.identify(protocol): rows for protocol, rows in groups(entries).items()}
    ids = list(found)
    if len(ids) == 1:
        return found[ids[0]]
    most = max(ids, key=lambda key: (len({row.entry.key for row in found[key]}), len(found[key])))
    by = links.select(
        t("compare.measured_as"), ids, param="by", default=most, help=t("compare.measured_as_help"),
        text=lambda key: protocols.name(found[key], ids.index(key)),
    )  # fmt: skip
    return found[by]


def _curves(entries: Sequence[Entry], axis: Axis) -> None:
    """A chart a metric."""
    st.subheader(t("compare.curves"), anchor=False)
    shared, every = (charts.metrics(entries, shared=only) for only in (True, False))
    if not every:
        st.info(t("compare.no_curves"), icon=":material/show_chart:")
        return
    which = "shared"
    if len(shared) < len(every):
        which = links.select(
            t("compare.which_curves"), ["shared", "all"], param="curves", default="shared", horizontal=True,
            text=lambda key: t(f"compare.curves_of.{key}"), label_visible=False,
        )  # fmt: skip
    names = shared if which == "shared" else every
    if not names:
        st.info(t("compare.nothing_shared"), icon=":material/show_chart:")
    for start in range(0, len(names), 2):
        for column, name in zip(st.columns(2, gap="large"), names[start : start + 2], strict=False):
            with column:
                _chart(charts.curve(entries, name, axis), f"curve-{name}")


def _chart(chart: Chart, key: str, height: int = 280) -> None:
    from genlab.plots.lines import lines

    figure = lines(chart, dark=is_dark(), height=height)
    st.plotly_chart(figure, key=f"compare-{key}", theme=None, config=CHART, alt=f"{chart.title} · {chart.axis}")


def _export(entries: Sequence[Entry], told: Mapping[str, Report]) -> None:
    """The table as CSV, and everything as one HTML file; both are put together when they are asked for."""
    from genlab.export.report import html_bytes

    st.subheader(t("compare.export"), anchor=False)
    name = "genlab-runs-" + "-".join(str(entry.run.number or entry.run.name) for entry in entries)
    with st.container(horizontal=True):
        st.download_button(
            t("compare.csv"), data=lambda: table.csv(entries), file_name=f"{name}.csv", mime="text/csv",
            icon=":material/download:", on_click="ignore", key="compare_csv", help=t("compare.csv_help"),
        )  # fmt: skip
        st.download_button(
            t("compare.html"), data=lambda: html_bytes(told["report"]), file_name=f"{name}.html", mime="text/html",
            icon=":material/description:", on_click="ignore", key="compare_html", help=t("compare.html_help"),
        )  # fmt: skip
