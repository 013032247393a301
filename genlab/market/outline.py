"""The documents' themes and claims, read from the TOML files beside, checked, and filtered.

Every text exists in English and Chinese; a claim that does not hold always has its correction.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, get_args

from genlab.market.documents import documents
from genlab.market.loading import LANGUAGES, Text, read
from genlab.market.references import Reference, references

Verdict = Literal["holds", "wrong", "unsupported"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True)
class Claim:
    """Something documents say, in our words, and whether it holds.

    Attributes
    ----------
    text
        The claim.
    documents
        Keys of the documents that make it.
    verdict
        ``"holds"``, ``"wrong"``, or ``"unsupported"`` where no source is given or none can bear it out.
    fix
        The correction, or what is missing; empty only where the claim holds.
    references
        Published work that the verdict stands on.
    """

    text: Text
    documents: tuple[str, ...]
    verdict: Verdict
    fix: Text
    references: tuple[Reference, ...]


@dataclass(frozen=True)
class Theme:
    """A theme that runs through the documents, with its claims; ``icon`` names a Material symbol."""

    key: str
    icon: str
    title: Text
    lead: Text
    claims: tuple[Claim, ...]


@cache
def outline() -> tuple[Theme, ...]:
    """All themes with all claims.

    Raises
    ------
    ValueError
        When the data are not whole: a fault of this package.
    """
    return tuple(
        Theme(
            key=entry["key"],
            icon=entry["icon"],
            title=_text(entry),
            lead=_text(entry, "lead_"),
            claims=tuple(_claim(claim, references()) for claim in entry["claim"]),
        )
        for entry in read("themes")["theme"]
    )


def select(themes: Iterable[Theme], document: str | None = None, verdict: Verdict | None = None) -> tuple[Theme, ...]:
    """The themes with only the claims of a document and of a verdict; themes left empty are left out.

    Parameters
    ----------
    document, verdict
        None lets all through.
    """
    kept = (
        replace(
            theme,
            claims=tuple(
                claim
                for claim in theme.claims
                if (document is None or document in claim.documents) and verdict in (None, claim.verdict)
            ),
        )
        for theme in themes
    )
    return tuple(theme for theme in kept if theme.claims)


def tally(themes: Iterable[Theme]) -> dict[Verdict, int]:
    """How many claims got each verdict."""
    counts = Counter(claim.verdict for theme in themes for claim in theme.claims)
    return {verdict: counts[verdict] for verdict in VERDICTS}


def _text(entry: Mapping[str, Any], prefix: str = "") -> Text:
    text = {language: str(entry.get(prefix + language, "")).strip() for language in LANGUAGES}
    if not all(text.values()):
        raise ValueError(f"a text {prefix!r} lacks a language: {text}")
    return text


def _claim(entry: Mapping[str, Any], references: Mapping[str, Reference]) -> Claim:
    verdict, cited = entry["verdict"], tuple(entry["documents"])
    if verdict not in VERDICTS or not cited or not set(cited) <= documents().keys():
        raise ValueError(f"a claim with verdict {verdict!r} of documents {cited}: {entry['en']}")
    has_fix = any(key.startswith("fix_") for key in entry)
    if has_fix == (verdict == "holds"):
        raise ValueError(f"a correction is for claims that do not hold, and for all of them: {entry['en']}")
    return Claim(
        text=_text(entry),
        documents=cited,
        verdict=verdict,
        fix=_text(entry, "fix_") if has_fix else dict.fromkeys(LANGUAGES, ""),
        references=tuple(references[key] for key in entry.get("references", ())),
    )
