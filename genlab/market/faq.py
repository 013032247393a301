"""The questions that the documents ask, answered from the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from genlab.market.cases import cases
from genlab.market.claims import claims
from genlab.market.documents import told_in
from genlab.market.loading import Text, check_fields, named, read, text


@dataclass(frozen=True)
class Question:
    """A question with its answer.

    Attributes
    ----------
    sections
        Where documents ask it, or raise it.
    claims, cases
        Keys of the claims and uses that the answer stands on.
    """

    key: str
    question: Text
    answer: Text
    sections: tuple[str, ...]
    claims: tuple[str, ...]
    cases: tuple[str, ...]


@cache
def faq() -> dict[str, Question]:
    """The questions by key, in the order of the file.

    Raises
    ------
    ValueError
        When the data are not whole: a fault of this package.
    """
    return {key: question_of(key, fields) for key, fields in read("faq").items()}


def question_of(key: str, fields: Mapping[str, Any]) -> Question:
    """A question from the fields of its table.

    Raises
    ------
    ValueError
        A field is missing, unknown or out of range.
    """
    check_fields(key, fields, ("en", "zh", "answer_en", "answer_zh", "sections", "claims"), ("cases",))
    return Question(
        key=key,
        question=text(key, fields),
        answer=text(key, fields, "answer_"),
        sections=told_in(key, fields, least=1),
        claims=named(key, fields, "claims", claims(), least=1),
        cases=named(key, fields, "cases", cases()),
    )
