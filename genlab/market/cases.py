"""The uses that the documents name: what they say of each, what is really used, and what speaks for and against it.

Levels are 1 to 4, each with a sentence in ``data/terms.toml`` that says what it means. They are this project's
judgement, given with its reason, and carry no more precision than their four words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, cast

from genlab.market.documents import told_in
from genlab.market.loading import LANGUAGES, Text, check_fields, entries, named, one_of, read, text
from genlab.market.references import Reference, cited

Level = Literal[1, 2, 3, 4]
LEVELS: Final[tuple[Level, ...]] = (1, 2, 3, 4)
LOWEST: Final = 1
HIGHEST: Final = 4
LAB_PAGES: Final = ("train", "samples", "latent", "models", "compare")


@dataclass(frozen=True)
class Rule:
    """A rule of law that bears on several uses, with where it stands; no legal advice."""

    key: str
    name: Text
    text: Text
    references: tuple[Reference, ...]


@dataclass(frozen=True)
class Lab:
    """Where something of a use can be tried in this lab: a page, its query string, and what is tried there."""

    page: str
    query: Mapping[str, str]
    what: Text


@dataclass(frozen=True)
class Case:
    """A use that at least one of the documents names.

    Attributes
    ----------
    says
        What the documents say of it, in our words.
    practice
        What is really used, and what the documents leave out; `families` names the same by key.
    gains
        Who gains.
    data, failure_cost, regulation
        How much it takes: 1 little, 4 much.
    rules
        Keys of :func:`rules` that bear on it.
    readiness, value
        How far it is, and what it is worth: 1 little, 4 much; each with its reason.
    sections
        Where the documents speak of it.
    references
        Published work.
    lab
        Where something of it can be tried here, or None.
    """

    key: str
    name: Text
    says: Text
    practice: Text
    gains: Text
    industry: str
    modality: str
    families: tuple[str, ...]
    data: Level
    failure_cost: Level
    regulation: Level
    rules: tuple[str, ...]
    readiness: Level
    readiness_why: Text
    value: Level
    value_why: Text
    sections: tuple[str, ...]
    references: tuple[Reference, ...]
    lab: Lab | None


@cache
def terms() -> dict[str, dict[str, Text]]:
    """What the screen shows for the keys of industries, modalities, families and levels: kind, key, text."""
    return {
        kind: {name: text(f"{kind}.{name}", fields) for name, fields in named_by.items()}
        for kind, named_by in read("terms").items()
    }


@cache
def rules() -> dict[str, Rule]:
    """The rules of law by their keys."""
    found = {}
    for key, fields in read("rules").items():
        check_fields(key, fields, (*LANGUAGES, "text_en", "text_zh", "references"))
        found[key] = Rule(key, text(key, fields), text(key, fields, "text_"), cited(key, fields))
    return found


@cache
def cases() -> dict[str, Case]:
    """The uses by their keys, in the order of the files.

    Raises
    ------
    ValueError
        When the data are not whole: a fault of this package.
    """
    return {key: _case(key, fields) for _, key, fields in entries("cases")}


def _case(key: str, fields: Mapping[str, Any]) -> Case:
    told = ("", "says_", "practice_", "gains_", "readiness_why_", "value_why_")
    levels = ("data", "failure_cost", "regulation", "readiness", "value")
    required = (*(prefix + language for prefix in told for language in LANGUAGES), *levels)
    check_fields(
        key,
        fields,
        (*required, "industry", "modality", "families", "sections", "references"),
        ("rules", "lab"),
    )
    rated = {level: _level(key, fields, level) for level in levels}
    case = Case(
        key=key,
        name=text(key, fields),
        says=text(key, fields, "says_"),
        practice=text(key, fields, "practice_"),
        gains=text(key, fields, "gains_"),
        industry=one_of(key, fields, "industry", terms()["industry"]),
        modality=one_of(key, fields, "modality", terms()["modality"]),
        families=named(key, fields, "families", terms()["family"], least=1),
        rules=named(key, fields, "rules", rules()),
        readiness_why=text(key, fields, "readiness_why_"),
        value_why=text(key, fields, "value_why_"),
        sections=told_in(key, fields, least=1),
        references=cited(key, fields),
        lab=lab(key, fields),
        **rated,
    )
    if (case.regulation == LOWEST) != (not case.rules):
        raise ValueError(f"the use {key!r} names rules where its level of regulation says that there are none")
    return case


def lab(key: str, fields: Mapping[str, Any]) -> Lab | None:
    """Where something of an entry can be tried, from its field ``lab``, if it has one.

    Raises
    ------
    ValueError
        It is not whole.
    """
    if "lab" not in fields:
        return None
    given = fields["lab"]
    check_fields(key, given, (*LANGUAGES, "page", "query"))
    return Lab(one_of(key, given, "page", LAB_PAGES), dict(given["query"]), text(key, given))


def _level(key: str, fields: Mapping[str, Any], name: str) -> Level:
    if fields[name] not in LEVELS or isinstance(fields[name], bool):
        raise ValueError(f"the use {key!r} has {name} {fields[name]!r}, not one of {LEVELS}")
    return cast(Level, fields[name])
