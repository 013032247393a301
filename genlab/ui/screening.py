"""A screened use on one page, as a file to keep or to send: verdict, answers, what would change it, its neighbours."""

from __future__ import annotations

import time
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from genlab import __version__
from genlab.market.cases import HIGHEST, LOWEST, cases, terms
from genlab.market.screener import (
    HIGH,
    Answers,
    Place,
    Screening,
    note,
    outcomes,
    place_of_case,
    questions,
    screen,
)
from genlab.ui.i18n import language, t

if TYPE_CHECKING:
    from genlab.export.report import Report, Section
    from genlab.plots.field import Field

LANGUAGES = {"en": "en", "zh": "zh-CN"}
MARGIN = 0.4
"""What the field leaves free around the lowest and the highest rating, for the names of its quarters."""
QUARTERS = ("ore", "guarded", "modest", "bubble")
"""Verdicts of the quarters of the field: above right, above left, below right, below left."""


def build(name: str, answers: Answers) -> Report:
    """The report of a use in the page's language.

    Parameters
    ----------
    name
        What the reader calls the use; may be empty.

    Raises
    ------
    AnswerError
        The answers are not whole.
    """
    from genlab.export.report import Report

    screened = screen(answers)
    made = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    title = name.strip() or t("screening.unnamed")
    return Report(
        LANGUAGES[language()], t("screening.title", name=title), t("screening.lead", version=__version__, made=made),
        [_verdict(screened), _answers(answers, screened), _changes(screened), _neighbours(title, screened)],
    )  # fmt: skip


def _verdict(screened: Screening) -> Section:
    from genlab.export.report import Section, Text

    outcome, place = outcomes()[screened.verdict], screened.place
    told = [
        Text(outcome.text[language()]),
        Text(t("screening.place", feasibility=f"{place.feasibility:.1f}", worth=f"{place.worth:.1f}", high=HIGH)),
    ]
    told += [Text(t(f"screening.stopped.{key}")) for key in screened.stopped]
    return Section(outcome.name[language()], [*told, Text(note()[language()])])


def _answers(answers: Answers, screened: Screening) -> Section:
    from genlab.export.report import Section, Table, Text

    names = {verdict: outcome.short[language()] for verdict, outcome in outcomes().items()}
    head = [t("screening.question"), t("screening.answer"), t("screening.weight")]
    head += [t("screening.if_level", level=level) for level in range(LOWEST, HIGHEST + 1)]
    rows = [
        [
            question.text[language()],
            question.answers[answers[key] - 1][language()],
            t(f"screening.side.{question.side}", weight=question.weight),
            *(names[verdict] for verdict in screened.sensitivity[key]),
        ]
        for key, question in questions().items()
    ]
    return Section(t("screening.answers"), [Text(t("screening.sensitivity")), Table(head, rows)])


def _changes(screened: Screening) -> Section:
    from genlab.export.report import Section, Text

    told = [
        "; ".join(
            f"{questions()[key].text[language()]} {questions()[key].answers[level - 1][language()]}"
            for key, level in change.items()
        )
        for change in screened.changes
    ]
    return Section(t("screening.changes"), [Text(t("screening.changes_lead")), *(Text(f"– {line}") for line in told)])


def _neighbours(title: str, screened: Screening) -> Section:
    from genlab.export.report import Charts, Section, Table, Text
    from genlab.plots.field import field_svg

    near = [cases()[key] for key in screened.nearest]
    ready = terms()["readiness"]
    rows = [
        [case.name[language()], case.value_why[language()], ready[str(case.readiness)][language()]] for case in near
    ]
    return Section(
        t("screening.neighbours"),
        [
            Text(t("screening.neighbours_lead", n=len(cases()))),
            Charts([partial(field_svg, field(title, screened.place))]),
            Text(t("screening.nearest")),
            Table([t("screening.use"), t("screening.value"), t("screening.readiness")], rows),
        ],
    )


def field(title: str, own: Place) -> Field:
    """The documents' uses by feasibility and worth, and the reader's own among them."""
    from genlab.plots.field import Field, Spot

    standing: dict[Place, list[str]] = defaultdict(list)
    for case in cases().values():
        standing[place_of_case(case)].append(case.name[language()])
    names = [outcomes()[verdict].short[language()] for verdict in QUARTERS]
    return Field(
        title=t("screening.field"),
        across=t("screening.feasibility"),
        up=t("screening.worth"),
        low=LOWEST - MARGIN,
        high=HIGHEST + MARGIN,
        middle=HIGH,
        quarters=(names[0], names[1], names[2], names[3]),
        spots=[Spot(place.feasibility, place.worth, tuple(told)) for place, told in standing.items()],
        own=Spot(own.feasibility, own.worth, (title,)),
    )
