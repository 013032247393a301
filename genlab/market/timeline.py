"""What came out when, from Shannon's drawn text to models that reason, with the dates that documents get wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, cast, get_args

from genlab.market.cases import Lab, lab
from genlab.market.documents import told_in
from genlab.market.loading import LANGUAGES, Text, check_fields, one_of, read, text, title
from genlab.market.references import Reference, cited

Strand = Literal["ideas", "pictures", "language", "sound", "trade", "law"]
STRANDS: tuple[Strand, ...] = get_args(Strand)
FIRST, LAST = 1900, 2100
JANUARY, DECEMBER = 1, 12


@dataclass(frozen=True)
class Event:
    """Something that came out.

    Attributes
    ----------
    year, month
        Of first publication, a preprint counting as such; month 1 to 12, or 0 where the year is enough.
    strand
        The row of the figure that it stands in.
    name, text
        What it is, and what it changed.
    wrong
        What documents say of it that differs; both texts empty where they say nothing else.
    sections
        Where documents speak of it; empty where none does.
    references
        Published work, at least one.
    lab
        Where it can be tried here, or None.
    """

    key: str
    year: int
    month: int
    strand: Strand
    name: Text
    text: Text
    wrong: Text
    sections: tuple[str, ...]
    references: tuple[Reference, ...]
    lab: Lab | None

    @property
    def when(self) -> str:
        """Such as ``"2014-06"``, or the year alone."""
        return f"{self.year}-{self.month:02}" if self.month else str(self.year)


@cache
def timeline() -> dict[str, Event]:
    """The events by key, in the order of time.

    Raises
    ------
    ValueError
        When the data are not whole: a fault of this package.
    """
    found = [event_of(key, fields) for key, fields in read("timeline").items()]
    return {event.key: event for event in sorted(found, key=lambda event: (event.year, event.month))}


def event_of(key: str, fields: Mapping[str, Any]) -> Event:
    """An event from the fields of its table.

    Raises
    ------
    ValueError
        A field is missing, unknown or out of range.
    """
    check_fields(
        key,
        fields,
        ("year", "strand", "en", "zh", "text_en", "text_zh", "references"),
        ("month", "wrong_en", "wrong_zh", "sections", "lab"),
    )
    year, month = fields["year"], fields.get("month", 0)
    dated = "month" in fields
    if year not in range(FIRST, LAST) or (dated and month not in range(JANUARY, DECEMBER + 1)):
        raise ValueError(f"the event {key!r} is dated {year!r}, {month!r}")
    differs = "wrong_en" in fields or "wrong_zh" in fields
    references = cited(key, fields)
    if not references:
        raise ValueError(f"the event {key!r} has no source")
    return Event(
        key=key,
        year=year,
        month=month,
        strand=cast(Strand, one_of(key, fields, "strand", STRANDS)),
        name=title(key, fields),
        text=text(key, fields, "text_"),
        wrong=text(key, fields, "wrong_") if differs else dict.fromkeys(LANGUAGES, ""),
        sections=told_in(key, fields),
        references=references,
        lab=lab(key, fields),
    )
