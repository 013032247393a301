"""The rubric does what it says: by hand, and whatever is answered."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlab.market.cases import LEVELS, cases
from genlab.market.screener import (
    SIDES,
    STOPS,
    VERDICTS,
    AnswerError,
    note,
    outcomes,
    place_of,
    place_of_case,
    questions,
    screen,
)

KEYS = ["data", "tolerance", "regulation", "labour", "volume", "differentiation"]
levels = st.sampled_from(LEVELS)
answered = st.fixed_dictionaries(dict.fromkeys(KEYS, levels))


def _answers(*given_):
    return dict(zip(KEYS, given_, strict=True))


def test_six_questions_with_four_answers_and_their_weights_in_the_open():
    assert list(questions()) == KEYS
    assert {key: question.weight for key, question in questions().items()} == {
        "data": 2, "tolerance": 3, "regulation": 2, "labour": 3, "volume": 2, "differentiation": 1,
    }  # fmt: skip
    for question in questions().values():
        assert len(question.answers) == len(LEVELS)
        assert question.side in SIDES
    assert set(outcomes()) == set(VERDICTS)


def test_the_reader_is_told_that_it_is_no_financial_advice():
    assert "no financial advice" in note()["en"]
    assert "不构成投资建议" in note()["zh"]


def test_places_are_weighted_means_by_hand():
    # (2*3 + 3*2 + 2*4) / 7 = 20/7; (3*3 + 2*1 + 1*2) / 6 = 13/6.
    place = place_of(_answers(3, 2, 4, 3, 1, 2))
    assert place.feasibility == pytest.approx(20 / 7)
    assert place.worth == pytest.approx(13 / 6)
    assert screen(_answers(3, 2, 4, 3, 1, 2)).verdict == "modest"


@pytest.mark.parametrize(
    ("given_", "verdict"),
    [
        ((4, 4, 4, 4, 4, 4), "ore"),
        ((1, 2, 1, 4, 4, 4), "guarded"),
        ((4, 4, 4, 1, 1, 1), "modest"),
        ((1, 1, 1, 1, 1, 1), "bubble"),
        ((4, 1, 4, 4, 4, 4), "guarded"),  # 19/7 is above 2.5, but somebody may come to harm
        ((4, 1, 4, 1, 1, 1), "bubble"),
        ((1, 4, 4, 4, 4, 4), "guarded"),  # 22/7 is above 2.5, but there are no data to be had
        ((1, 4, 4, 1, 1, 1), "bubble"),
        ((2, 4, 4, 4, 4, 4), "ore"),
    ],
)
def test_verdicts_by_hand(given_, verdict):
    assert screen(_answers(*given_)).verdict == verdict


def test_the_smallest_change_by_hand():
    # Feasibility 4, worth (3*2 + 2*3 + 1*2) / 6 = 14/6 < 2.5: one more level of labour or of volume makes 17/6 or
    # 16/6, one of differentiation 15/6 = 2.5, which is just enough.
    found = screen(_answers(4, 4, 4, 2, 3, 2))
    assert found.verdict == "modest"
    assert [dict(change) for change in found.changes] == [{"labour": 3}, {"volume": 4}, {"differentiation": 3}]
    assert found.sensitivity["labour"] == ("modest", "modest", "ore", "ore")
    assert found.sensitivity["tolerance"] == ("bubble", "modest", "modest", "modest")
    assert not found.stopped


@given(answered)
def test_changes_change_and_none_smaller_would(answers):
    found = screen(answers)
    sizes = {sum(abs(level - answers[key]) for key, level in change.items()) for change in found.changes}
    assert len(sizes) == 1
    for change in found.changes:
        assert screen({**answers, **change}).verdict != found.verdict
    if sizes == {1}:
        return
    for key, step in product(KEYS, (-1, 1)):
        if answers[key] + step in LEVELS:
            assert screen({**answers, key: answers[key] + step}).verdict == found.verdict


@given(answered)
def test_the_answer_as_given_stands_in_its_own_sensitivity(answers):
    found = screen(answers)
    for key in KEYS:
        assert found.sensitivity[key][answers[key] - 1] == found.verdict


@given(answered, st.sampled_from(KEYS))
def test_a_better_answer_never_makes_the_verdict_worse(answers, key):
    better = {**answers, key: min(answers[key] + 1, 4)}
    order = {"bubble": {"bubble"}, "modest": {"modest"}, "guarded": {"guarded"}, "ore": {"ore"}}
    order["bubble"] |= {"modest", "guarded", "ore"}
    order["modest"] |= {"ore"}
    order["guarded"] |= {"ore"}
    assert screen(better).verdict in order[screen(answers).verdict]
    assert place_of(better).feasibility >= place_of(answers).feasibility
    assert place_of(better).worth >= place_of(answers).worth


@given(answered, st.sampled_from(STOPS))
def test_nobody_is_told_to_try_what_may_harm_or_lacks_data(answers, key):
    found = screen({**answers, key: 1})
    assert key in found.stopped
    assert found.verdict in ("guarded", "bubble")


def test_the_documents_uses_are_placed_by_the_same_weights():
    case = cases()["image-generation"]  # data 1, failure 1, regulation 2, value 3: (2*4 + 3*4 + 2*3) / 7 = 26/7
    place = place_of_case(case)
    assert place.feasibility == pytest.approx(26 / 7)
    assert place.worth == 3
    found = screen(_answers(4, 4, 3, 3, 3, 3), nearest=3)  # the same place
    assert len(found.nearest) == 3
    assert place_of_case(cases()[found.nearest[0]]) == place


@pytest.mark.parametrize(
    "wrong", [{"data": 5}, {"data": 0}, {"data": 2.5}, {"luck": 3}], ids=["above", "below", "between", "unknown"]
)
def test_answers_that_are_none_are_refused(wrong):
    with pytest.raises(AnswerError, match="level from 1 to 4"):
        screen({**_answers(2, 2, 2, 2, 2, 2), **wrong})
    with pytest.raises(AnswerError, match="level from 1 to 4"):
        screen({"data": 2})
