"""The documents' questions are all there, and their answers stand on entries that exist."""

import re

import pytest

from genlab.market.cases import cases
from genlab.market.documents import sections
from genlab.market.faq import faq, question_of
from genlab.market.loading import HAN, read

QUESTIONS = faq()


def test_every_question_of_the_documents_is_answered():
    asked = {key for key in sections() if re.match(r"00[0-3]/9\.\d", key)} | {"004/9"}
    answered = {section for question in QUESTIONS.values() for section in question.sections}
    assert asked <= answered
    assert sum("004/9" in question.sections for question in QUESTIONS.values()) == 5


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda question: question.key)
def test_a_question_and_its_answer_read_well_in_both_languages(question):
    assert question.question["en"].endswith("?")
    assert question.question["zh"].endswith("？")
    assert question.answer["en"].endswith((".", "?"))
    assert question.answer["zh"].endswith(("。", "？"))
    assert HAN.search(question.question["zh"])
    assert HAN.search(question.answer["zh"])


def test_the_shares_of_uses_that_an_answer_names_are_those_of_the_uses():
    ready = [case.readiness for case in cases().values()]
    assert round(len(ready), -1) == 60  # "some sixty"
    assert all(0.3 < ready.count(level) / len(ready) < 0.4 for level in (3, 4))  # "about a third" each


def test_no_answer_advises_on_money():
    assert "nothing here is financial advice" in QUESTIONS["invest"].answer["en"]
    assert "不是投资建议" in QUESTIONS["invest"].answer["zh"]


@pytest.mark.parametrize(
    "change",
    [
        {"claims": []}, {"claims": ["no-such-claim"]}, {"cases": ["no-such-use"]}, {"sections": []},
        {"answer_zh": " "}, {"odd": 1},
    ],
)  # fmt: skip
def test_a_question_that_is_not_whole_is_refused(change):
    fields = read("faq")["copyright"]
    assert question_of("copyright", fields) == QUESTIONS["copyright"]
    with pytest.raises(ValueError, match="copyright"):
        question_of("copyright", fields | change)
