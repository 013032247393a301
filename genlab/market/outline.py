"""The documents' themes and claims, read from the TOML files beside, checked, and filtered.

Every text exists in English and Chinese; a claim that does not hold always has its correction.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

Verdict = Literal["holds", "wrong", "unsupported"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

_DATA = Path(__file__).parent / "data"
_LANGUAGES = ("en", "zh")

Text = Mapping[str, str]
"""One text by language code, ``"en"`` and ``"zh"``."""


@dataclass(frozen=True)
class Reference:
    """Published work: a citation, and its arXiv number where it has one."""

    text: str
    arxiv: str = ""

    @property
    def url(self) -> str:
        """Where to read it; empty where it is not on arXiv."""
        return f"https://arxiv.org/abs/{self.arxiv}" if self.arxiv else ""


@dataclass(frozen=True)
class Document:
    """One of the five documents: its number, title and gist, and the preset made of its listing."""

    key: str
    title: Text
    gist: Text
    preset: str


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
def documents() -> dict[str, Document]:
    """The documents by their key, ``"000"`` to ``"004"``."""
    return {
        key: Document(key, _text(entry), _text(entry, "gist_"), entry["preset"])
        for key, entry in _read("documents").items()
    }


@cache
def outline() -> tuple[Theme, ...]:
    """All themes with all claims.

    Raises
    ------
    ValueError
        When the data are not whole: a fault of this package.
    """
    references = {key: Reference(**entry) for key, entry in _read("references").items()}
    return tuple(
        Theme(
            key=entry["key"],
            icon=entry["icon"],
            title=_text(entry),
            lead=_text(entry, "lead_"),
            claims=tuple(_claim(claim, references) for claim in entry["claim"]),
        )
        for entry in _read("themes")["theme"]
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


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_DATA / f"{name}.toml").read_text("utf-8"))


def _text(entry: Mapping[str, Any], prefix: str = "") -> Text:
    text = {language: str(entry.get(prefix + language, "")).strip() for language in _LANGUAGES}
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
        fix=_text(entry, "fix_") if has_fix else dict.fromkeys(_LANGUAGES, ""),
        references=tuple(references[key] for key in entry.get("references", ())),
    )
