"""Scores a reader's own use by six answers, places it among the documents' uses, and says what would change it.

The rubric: each answer is a level from 1 (speaks against it) to 4 (speaks for it). Two sides, feasibility and worth,
are weighted means of three answers each, with the whole-number weights of ``data/screener.toml``. A side is high from
the middle of the scale, 2.5, on. Both high is ``ore``; worth alone ``guarded``; feasibility alone ``modest``; neither
``bubble``. Two rules stand above the weights: where a wrong result may harm somebody, or where the data hardly exist or
may not be used, the case never counts as feasible.

A level of labour is some thirty times the one below it, a level of volume some ten times: with the weights 3 and 2
their sum follows the logarithm of the hours a month, which is what there is to save.

The documents' uses are placed by the same feasibility formula from their data, cost of failure and regulation (each
turned round, since there 4 is the worst), and by their value as worth. It all is a way to sort thoughts, no forecast
and no financial advice; :func:`note` says so to the reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, cast, get_args

from genlab.errors import GenlabError
from genlab.market.cases import LEVELS, LOWEST, Case, Level, cases
from genlab.market.loading import Text, one_of, read, text

Side = Literal["feasibility", "worth"]
SIDES: tuple[Side, ...] = get_args(Side)

Verdict = Literal["ore", "guarded", "modest", "bubble"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

HIGH: Final = 2.5
"""The middle of the scale: from here on a side is high."""

STOPS: Final = ("data", "tolerance")
"""Questions whose lowest answer alone keeps a case from counting as feasible."""

Answers = Mapping[str, Level]
"""A level by the key of each question."""


class AnswerError(GenlabError):
    """Answers that cannot be scored."""


@dataclass(frozen=True)
class Question:
    """One of the six; `answers` stand from level 1 to level 4, and `why` tells what it is asked for."""

    key: str
    side: Side
    weight: int
    text: Text
    why: Text
    answers: tuple[Text, ...]


@dataclass(frozen=True)
class Outcome:
    """A verdict: its name in a word or two, its heading, and what it advises to do."""

    short: Text
    name: Text
    text: Text


@dataclass(frozen=True)
class Place:
    """Where a case stands: both sides from 1 to 4, to be shown with one decimal at most."""

    feasibility: float
    worth: float


@dataclass(frozen=True)
class Screening:
    """What the rubric makes of some answers.

    Attributes
    ----------
    stopped
        Those of :data:`STOPS` that hold the case back from being feasible, whatever the weights say.
    sensitivity
        By question: the verdict at each of its four answers, the others as given.
    changes
        The smallest changes of answers that lead to another verdict, by the sum of levels moved: each a mapping from
        question to new level. All that tie, those for the better first.
    nearest
        Keys of the documents' uses that stand closest, nearest first.
    """

    place: Place
    verdict: Verdict
    stopped: tuple[str, ...]
    sensitivity: Mapping[str, tuple[Verdict, ...]]
    changes: tuple[Answers, ...]
    nearest: tuple[str, ...]


@cache
def questions() -> dict[str, Question]:
    """The six questions by key."""
    return {
        key: Question(
            key=key,
            side=cast(Side, one_of(key, fields, "side", SIDES)),
            weight=int(fields["weight"]),
            text=text(key, fields),
            why=text(key, fields, "why_"),
            answers=tuple(text(key, answer) for answer in fields["answers"]),
        )
        for key, fields in read("screener")["question"].items()
    }


@cache
def outcomes() -> dict[str, Outcome]:
    """The four verdicts by key."""
    told = read("screener")["verdict"]
    return {
        key: Outcome(text(key, told[key], "short_"), text(key, told[key]), text(key, told[key], "text_"))
        for key in VERDICTS
    }


def note() -> Text:
    """What the reader is to be told: what this is, and that it is no financial advice."""
    return text("note", read("screener")["note"])


def screen(answers: Answers, nearest: int = 5) -> Screening:
    """Score a case.

    Parameters
    ----------
    answers
        A level from 1 to 4 for each of the six questions.
    nearest
        How many of the documents' uses to name.

    Raises
    ------
    AnswerError
        A question is not answered, or not by one of its answers.
    """
    if set(answers) != set(questions()) or not set(answers.values()) <= set(LEVELS):
        raise AnswerError("Answer each of the six questions with a level from 1 to 4, and nothing else.")
    place, verdict = place_of(answers), _verdict(answers)
    return Screening(
        place=place,
        verdict=verdict,
        stopped=_stopped(answers),
        sensitivity={key: tuple(_verdict({**answers, key: level}) for level in LEVELS) for key in questions()},
        changes=_smallest_changes(answers),
        nearest=tuple(sorted(cases(), key=lambda key: _distance(place, place_of_case(cases()[key])))[:nearest]),
    )


def place_of(answers: Answers) -> Place:
    """The weighted means of both sides."""
    return Place(*(_mean(answers, side) for side in SIDES))


def place_of_case(case: Case) -> Place:
    """Where one of the documents' uses stands, by the same weights and its value."""
    turned = {"data": 5 - case.data, "tolerance": 5 - case.failure_cost, "regulation": 5 - case.regulation}
    return Place(_mean(cast(Answers, turned), "feasibility"), float(case.value))


def _mean(answers: Answers, side: Side) -> float:
    weights = {question.key: question.weight for question in questions().values() if question.side == side}
    return sum(weight * answers[key] for key, weight in weights.items()) / sum(weights.values())


def _stopped(answers: Answers) -> tuple[str, ...]:
    return tuple(key for key in STOPS if answers[key] == LOWEST)


def _verdict(answers: Answers) -> Verdict:
    place = place_of(answers)
    feasible, worthwhile = place.feasibility >= HIGH and not _stopped(answers), place.worth >= HIGH
    if worthwhile:
        return "ore" if feasible else "guarded"
    return "modest" if feasible else "bubble"


def _smallest_changes(answers: Answers) -> tuple[Answers, ...]:
    now, seen = _verdict(answers), [{key: answers[key] for key in questions()}]
    reached = list(seen)
    while True:  # one level further at a time; every verdict can be reached from everywhere
        reached = [other for one in reached for other in _one_level_from(one) if other not in seen]
        reached = list({tuple(other.items()): other for other in reached}.values())
        seen += reached
        if best := [other for other in reached if _verdict(other) != now]:
            changes = [{key: level for key, level in other.items() if level != answers[key]} for other in best]
            return tuple(sorted(changes, key=lambda made: -sum(level - answers[key] for key, level in made.items())))


def _one_level_from(answers: Answers) -> list[dict[str, Level]]:
    return [
        {**answers, key: cast(Level, level + step)}
        for key, level in answers.items()
        for step in (-1, 1)
        if level + step in LEVELS
    ]


def _distance(one: Place, other: Place) -> float:
    return (one.feasibility - other.feasibility) ** 2 + (one.worth - other.worth) ** 2
