"""The report of a screened use: whole, in both languages, safe, and no advice."""

import re

import pytest
import streamlit as st

from genlab.export.report import html_bytes
from genlab.market.cases import cases
from genlab.market.screener import AnswerError, outcomes, questions
from genlab.ui.i18n import SESSION_KEY
from genlab.ui.screening import build, field

GOOD = {"data": 4, "tolerance": 4, "regulation": 3, "labour": 3, "volume": 4, "differentiation": 2}


@pytest.fixture(params=["en", "zh"])
def spoken(request, monkeypatch):
    monkeypatch.setattr(st, "session_state", {SESSION_KEY: request.param})
    return request.param


def test_the_report_tells_verdict_answers_changes_and_neighbours(spoken):
    page = html_bytes(build("Maps <b>&</b>", GOOD)).decode()
    assert f'lang="{ {"en": "en", "zh": "zh-CN"}[spoken] }"' in page
    assert outcomes()["ore"].name[spoken] in page
    assert "Maps &lt;b&gt;&amp;&lt;/b&gt;" in page
    assert "<b>" not in page
    assert {"en": "no financial advice", "zh": "不构成投资建议"}[spoken] in page
    for key, question in questions().items():
        assert question.text[spoken] in page
        assert question.answers[GOOD[key] - 1][spoken] in page
    assert sum(case.value_why[spoken] in page for case in cases().values()) >= 5
    assert not re.search(r"screening\.\w", page)


def test_harm_is_told_and_a_name_may_be_left_out(spoken):
    page = html_bytes(build(" ", GOOD | {"tolerance": 1})).decode()
    assert outcomes()["guarded"].name[spoken] in page
    assert {"en": "harm somebody", "zh": "伤及他人"}[spoken] in page
    assert {"en": "a use of my own", "zh": "我的用途"}[spoken] in page


def test_every_use_stands_once_in_the_field(spoken):
    from genlab.market.screener import place_of

    drawn = field("mine", place_of(GOOD))
    names = [name for spot in drawn.spots for name in spot.names]
    assert sorted(names) == sorted(case.name[spoken] for case in cases().values())
    assert all(drawn.low < value < drawn.high for spot in (*drawn.spots, drawn.own) for value in (spot.x, spot.y))


def test_answers_that_are_not_whole_make_no_report(spoken):
    with pytest.raises(AnswerError):
        build("x", {"data": 1})
