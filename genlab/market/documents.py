"""The five documents and their sections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from genlab.market.loading import Text, named, read, text


@dataclass(frozen=True)
class Document:
    """One of the five documents: its number, title and gist, and the preset made of its listing."""

    key: str
    title: Text
    gist: Text
    preset: str


@dataclass(frozen=True)
class Section:
    """A section of a document.

    Attributes
    ----------
    key
        Document and number, such as ``"000/3.2"``; a second and third printing of a number end in b and c.
    title
        The heading, in English translated.
    """

    key: str
    title: Text

    @property
    def document(self) -> str:
        """The key of its document."""
        return self.key.partition("/")[0]

    @property
    def number(self) -> str:
        """Its number within the document."""
        return self.key.partition("/")[2]

    @property
    def depth(self) -> int:
        """1 for a chapter."""
        return 1 + self.number.count(".")

    def within(self, other: Section) -> bool:
        """Whether it is the `other` section, or a part of it."""
        mine, theirs = _parts(self.number), _parts(other.number)
        return self.document == other.document and mine[0] == theirs[0] and mine[1][: len(theirs[1])] == theirs[1]


def _parts(number: str) -> tuple[str, list[str]]:
    """Printing and numbers, as in ``("b", ["3", "2"])``."""
    digits = number.rstrip("bc")
    return number[len(digits) :], digits.split(".")


@cache
def documents() -> dict[str, Document]:
    """The documents by their key, ``"000"`` to ``"004"``."""
    return {
        key: Document(key, text(key, fields), text(key, fields, "gist_"), fields["preset"])
        for key, fields in read("documents").items()
    }


@cache
def sections() -> dict[str, Section]:
    """All sections by key, in the order of the documents."""
    return {
        (key := f"{document}/{number}"): Section(key, text(key, fields))
        for document, numbered in read("sections").items()
        for number, fields in numbered.items()
    }


def told_in(key: str, fields: Mapping[str, Any], least: int = 0) -> tuple[str, ...]:
    """The sections that an entry names in its field ``sections``, in the order of the documents.

    Raises
    ------
    ValueError
        One is unknown, or there are fewer than `least`.
    """
    return tuple(sorted(named(key, fields, "sections", sections(), least), key=list(sections()).index))
