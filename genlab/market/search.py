"""Full-text search over claims, experiments, uses, rules of law, timeline, resources and questions, in both languages.

Words are folded (case, accents, full width, the s of a plural); Chinese, which is written without spaces, is cut into
pairs of neighbouring characters, so that a query need not know where a word ends. Ranked by BM25 (Robertson, Zaragoza
2009, "The Probabilistic Relevance Framework: BM25 and Beyond") with the weight of a name several times that of a text.
"""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, get_args

from genlab.market.cases import cases, rules
from genlab.market.claims import claims
from genlab.market.experiments import experiments
from genlab.market.faq import faq
from genlab.market.loading import Text
from genlab.market.resources import resources
from genlab.market.timeline import timeline

Kind = Literal["claim", "experiment", "case", "rule", "event", "resource", "question"]
KINDS: tuple[Kind, ...] = get_args(Kind)

SATURATION: Final = 1.2
"""BM25's k1: how soon more of the same word counts for less."""
LENGTH: Final = 0.75
"""BM25's b: how much long entries are held back."""
NAME: Final = 4
"""A word in a name counts as often as this."""
PREFIX: Final = 3
"""From so many letters on, a word of the query also finds longer words that begin with it, at half their weight."""
CHARACTER: Final = "㐀-鿿"
RUN: Final = re.compile(rf"[a-z0-9]+|[{CHARACTER}]+")


@dataclass(frozen=True)
class Entry:
    """What can be found.

    Attributes
    ----------
    name
        Its title, or the text itself where it has none.
    texts
        All else that it says.
    """

    kind: Kind
    key: str
    name: Text
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class Hit:
    """An entry found, and how well it fits; scores compare within one query only."""

    entry: Entry
    score: float


def tokens(text: str) -> Iterator[str]:
    """Folded words of a text, and pairs of neighbouring Chinese characters; a lone one stands by itself."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    for run in RUN.findall("".join(mark for mark in folded if not unicodedata.combining(mark))):
        if run[0] > "z" and len(run) > 1:
            yield from (run[at : at + 2] for at in range(len(run) - 1))
        else:
            yield _singular(run)


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


class Index:
    """An inverted index over some entries."""

    def __init__(self, among: Iterable[Entry]) -> None:
        self.entries = tuple(among)
        self._places: dict[str, dict[int, float]] = defaultdict(dict)
        self._lengths: list[float] = []
        for at, entry in enumerate(self.entries):
            counts: Counter[str] = Counter()
            for text, weight in ((entry.name, NAME), *((text, 1) for text in entry.texts)):
                for told in text.values():
                    for token in tokens(told):
                        counts[token] += weight
            for token, count in counts.items():
                self._places[token][at] = count
            self._lengths.append(sum(counts.values()))
        self._mean = sum(self._lengths) / max(len(self._lengths), 1)
        self._words = sorted(self._places)

    def search(self, query: str, limit: int | None = None, kinds: Iterable[Kind] = KINDS) -> tuple[Hit, ...]:
        """The entries that fit a query, best first; equal ones in the order in which they were given.

        Parameters
        ----------
        query
            Words in any mixture of the languages; empty, or made of signs alone, finds nothing.
        limit
            How many at most; None for all.
        """
        allowed = set(kinds)
        scores: dict[int, float] = defaultdict(float)
        wanted = dict.fromkeys(tokens(query))
        for token in wanted:
            for at, score in self._fitting(token).items():
                scores[at] += score
        found = [Hit(self.entries[at], score) for at, score in sorted(scores.items())]
        kept = [hit for hit in found if hit.entry.kind in allowed]
        return tuple(sorted(kept, key=lambda hit: -hit.score)[:limit])

    def _fitting(self, token: str) -> dict[int, float]:
        """Score by entry of one word; a longer word that begins with it counts half, and the best of all counts."""
        best: dict[int, float] = {}
        for word in self._beginning(token):
            for at, score in self._scores(word).items():
                best[at] = max(best.get(at, 0.0), score if word == token else score / 2)
        return best

    def _beginning(self, token: str) -> list[str]:
        if len(token) < PREFIX or token[0] > "z":
            return [token]
        found = []
        for word in self._words[bisect_left(self._words, token) :]:
            if not word.startswith(token):
                break
            found.append(word)
        return found

    def _scores(self, word: str) -> Mapping[int, float]:
        places = self._places.get(word, {})
        rarity = math.log(1 + (len(self.entries) - len(places) + 0.5) / (len(places) + 0.5))
        return {
            at: rarity
            * count
            * (SATURATION + 1)
            / (count + SATURATION * (1 - LENGTH + LENGTH * self._lengths[at] / self._mean))
            for at, count in places.items()
        }


@cache
def index() -> Index:
    """The index over everything that the commentary holds."""
    return Index(everything())


def search(query: str, limit: int | None = None, kinds: Iterable[Kind] = KINDS) -> tuple[Hit, ...]:
    """What fits a query, best first; see :meth:`Index.search`."""
    return index().search(query, limit, kinds)


def everything() -> Iterator[Entry]:
    """All that can be found, kind by kind."""
    for claim in claims().values():
        yield Entry("claim", claim.key, claim.text, _told(claim.why, claim.right))
    for one in experiments().values():
        yield Entry("experiment", one.key, one.question, (one.expects, *(arm.title for arm in one.arms)))
    for rule in rules().values():
        yield Entry("rule", rule.key, rule.name, _told(rule.text))
    for case in cases().values():
        told = _told(case.says, case.practice, case.gains, case.readiness_why, case.value_why)
        yield Entry("case", case.key, case.name, told)
    for event in timeline().values():
        yield Entry("event", event.key, event.name, _told(event.text, event.wrong))
    for resource in resources().values():
        yield Entry("resource", resource.key, resource.name, _told(resource.text))
    for question in faq().values():
        yield Entry("question", question.key, question.question, _told(question.answer))


def _told(*texts: Text) -> tuple[Text, ...]:
    return tuple(text for text in texts if text["en"])
