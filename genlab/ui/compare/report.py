"""What the page shows, put together for one file to keep or to send."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from genlab import __version__
from genlab.evaluation.sheet import GOOD_END
from genlab.ui.compare import charts, protocols, table
from genlab.ui.compare.measured import groups, letter
from genlab.ui.i18n import language, t

if TYPE_CHECKING:
    from genlab.export.report import Block, Report, Section
    from genlab.ui.compare.gather import Axis, Entry
    from genlab.ui.compare.samples import Shot

LANGUAGES = {"en": "en", "zh": "zh-CN"}


def build(entries: Sequence[Entry], axis: Axis, shots: Sequence[Shot]) -> Report:
    """The report of these runs in the page's language, its curves over the page's axis, its pictures those shown."""
    from genlab.export.report import Report

    made = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    sections = [_runs(entries), _scores(entries, axis), _pictures(shots), _curves(entries, axis), _settings(entries)]
    return Report(
        LANGUAGES[language()], t("compare.report.title", n=len(entries)),
        t("compare.report.lead", version=__version__, made=made), [section for section in sections if section.blocks],
    )  # fmt: skip


def _runs(entries: Sequence[Entry]) -> Section:
    from genlab.export.report import Key, Section, Table, Text
    from genlab.plots.svg import swatch

    facts = table.frame(entries)
    blocks: list[Block] = [Key([(swatch(entry.style), entry.title) for entry in entries])]
    blocks.append(Table([table.heading(name) for name in facts.columns], table.cells(entries, facts)))
    blocks += [Text(note) for note in table.notes(entries)]
    head, rows = table.differences(entries)
    if len(head) > 1:
        blocks += [Text(t("compare.differs_lead")), Table(head, rows)]
    return Section(t("compare.table"), blocks)


def _scores(entries: Sequence[Entry], axis: Axis) -> Section:
    from genlab.export.report import Charts, Section, Table, Text
    from genlab.plots.svg import svg

    found = groups(entries)
    if not found:
        return Section(t("compare.scores"), [Text(t("compare.no_scores"))])
    blocks: list[Block] = [Text(t("compare.protocols_lead")), Table(*protocols.table(entries))]
    for i, rows in enumerate(found.values()):
        drawn = [charts.scores(rows, score, axis) for score in GOOD_END]
        blocks += [
            Text(f"{letter(i)}: {protocols.told(rows)}"),
            Charts([partial(svg, chart) for chart in drawn if chart]),
        ]
    return Section(t("compare.scores"), blocks)


def _pictures(shots: Sequence[Shot]) -> Section:
    from genlab.export.report import Pictures, Section

    shown = [(shot.path, f"{shot.entry.style.sign} {shot.entry.title} · {shot.told}") for shot in shots]
    return Section(t("compare.pictures"), [Pictures(shown, t("samples.frame_gone"))] if shown else [])


def _curves(entries: Sequence[Entry], axis: Axis) -> Section:
    from genlab.export.report import Charts, Section
    from genlab.plots.svg import svg

    drawn = [partial(svg, charts.curve(entries, name, axis)) for name in charts.metrics(entries, shared=False)]
    return Section(t("compare.curves"), [Charts(drawn)] if drawn else [])


def _settings(entries: Sequence[Entry]) -> Section:
    from genlab.export.report import Folded, Section

    texts = [json.dumps(entry.config.to_dict(), indent=2, ensure_ascii=False) for entry in entries]
    return Section(
        t("compare.report.settings"),
        [Folded(entry.title, text) for entry, text in zip(entries, texts, strict=True)],
    )
