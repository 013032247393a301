"""The claims that the five documents make, and what holds of them.

A claim is retold in our words, in two languages, and bears a verdict with its reason. One that is wrong says what
is right, and has published work or an experiment of this lab to stand on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, cast, get_args

from genlab.market.documents import sections
from genlab.market.loading import LANGUAGES, Text, check_fields, entries, named, one_of, read, text
from genlab.market.references import Reference, references

Kind = Literal["technical", "historical", "market", "legal", "forecast"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Verdict = Literal["supported", "limited", "contested", "wrong", "unchecked"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

Side = Literal["mine", "bubble", "neither"]
SIDES: tuple[Side, ...] = get_args(Side)

REQUIRED = ("en", "zh", "sections", "kind", "verdict", "side", "why_en", "why_zh")
OPTIONAL = ("right_en", "right_zh", "references")


@dataclass(frozen=True)
class Topic:
    """What claims are sorted by; `icon` names a Material symbol."""

    key: str
    icon: str
    title: Text
    lead: Text


@dataclass(frozen=True)
class Claim:
    """Something that documents say, and whether it holds.

    Attributes
    ----------
    text
        The claim.
    sections
        Keys of the sections that make it, in the order of the documents.
    topic
        Key of a topic.
    kind
        What sort of statement it is; ``"legal"`` stands for ethics too.
    verdict
        ``"supported"``, ``"limited"`` where it holds within limits that the reason names, ``"contested"``, ``"wrong"``,
        or ``"unchecked"`` where it names nothing that could be checked or no source could be found.
    side
        Whether it speaks, as far as it holds, for a gold mine, for a bubble, or for neither.
    why
        The reason for the verdict.
    right
        What is right instead; both texts empty where the claim is not wrong.
    references
        Published work that the verdict stands on.
    """

    key: str
    text: Text
    sections: tuple[str, ...]
    topic: str
    kind: Kind
    verdict: Verdict
    side: Side
    why: Text
    right: Text
    references: tuple[Reference, ...]

    @property
    def documents(self) -> tuple[str, ...]:
        """Keys of the documents that make it."""
        return tuple(dict.fromkeys(section.partition("/")[0] for section in self.sections))


@cache
def topics() -> dict[str, Topic]:
    """The topics by key, in the order of the page."""
    return {
        key: Topic(key, fields["icon"], text(key, fields), text(key, fields, "lead_"))
        for key, fields in read("topics").items()
    }


@cache
def claims() -> dict[str, Claim]:
    """All claims by key, topic by topic. A file of ``data/claims/`` is named after its topic.

    Raises
    ------
    ValueError
        The data are not whole: a fault of this package.
    """
    found = [claim_of(topic, key, fields) for topic, key, fields in entries("claims")]
    order = list(topics())
    return {claim.key: claim for claim in sorted(found, key=lambda claim: order.index(claim.topic))}


def claim_of(topic: str, key: str, fields: Mapping[str, Any]) -> Claim:
    """A claim from the fields of its table.

    Raises
    ------
    ValueError
        A field is missing, unknown or out of range.
    """
    if topic not in topics():
        raise ValueError(f"the claim {key!r} is in a file named after no topic: {topic!r}")
    check_fields(key, fields, REQUIRED, OPTIONAL)
    verdict = one_of(key, fields, "verdict", VERDICTS)
    corrected = "right_en" in fields or "right_zh" in fields
    if corrected != (verdict == "wrong"):
        raise ValueError(f"what is right belongs to a wrong claim, and to each: {key!r} is {verdict}")
    order = list(sections())
    return Claim(
        key=key,
        text=text(key, fields),
        sections=tuple(sorted(named(key, fields, "sections", sections(), least=1), key=order.index)),
        topic=topic,
        kind=cast(Kind, one_of(key, fields, "kind", KINDS)),
        verdict=cast(Verdict, verdict),
        side=cast(Side, one_of(key, fields, "side", SIDES)),
        why=text(key, fields, "why_"),
        right=text(key, fields, "right_") if corrected else dict.fromkeys(LANGUAGES, ""),
        references=tuple(references()[name] for name in named(key, fields, "references", references())),
    )


def select(
    among: Iterable[Claim],
    *,
    document: str | None = None,
    topic: str | None = None,
    kind: Kind | None = None,
    verdict: Verdict | None = None,
    side: Side | None = None,
) -> tuple[Claim, ...]:
    """The claims of a document, a topic, a kind, a verdict and a side; None lets all through."""
    return tuple(
        claim
        for claim in among
        if (document is None or document in claim.documents)
        and topic in (None, claim.topic)
        and kind in (None, claim.kind)
        and verdict in (None, claim.verdict)
        and side in (None, claim.side)
    )


def tally(among: Iterable[Claim]) -> dict[Verdict, int]:
    """How many claims got each verdict."""
    counts = Counter(claim.verdict for claim in among)
    return {verdict: counts[verdict] for verdict in VERDICTS}


def balance(among: Iterable[Claim]) -> dict[Side, dict[Verdict, int]]:
    """How many claims of each verdict speak for a gold mine, for a bubble, and for neither."""
    counts = Counter((claim.side, claim.verdict) for claim in among)
    return {side: {verdict: counts[side, verdict] for verdict in VERDICTS} for side in SIDES}
