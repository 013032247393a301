"""Published work that the commentary stands on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from genlab.market.loading import KEY, check_fields, named, read

ARXIV = re.compile(r"\d{4}\.\d{4,5}|[a-z-]+/\d{7}")
DOI = re.compile(r"10\.\d{4,9}/\S+")
REQUIRED, OPTIONAL = ("authors", "year", "title", "venue"), ("arxiv", "doi", "url")


@dataclass(frozen=True)
class Reference:
    """A paper, book, law or page.

    Attributes
    ----------
    authors
        Family names parted by commas, an institution, or the first and ``"et al."``.
    year
        Of first publication, a preprint counting as such.
    venue
        Where it came out.
    arxiv, doi, address
        The first of these that it has leads to it; all empty where none is certain.
    """

    key: str
    authors: str
    year: int
    title: str
    venue: str
    arxiv: str = ""
    doi: str = ""
    address: str = ""

    @property
    def short(self) -> str:
        """As cited in a text: ``"Goodfellow et al. 2014"``."""
        names = self.authors.split(", ")
        return f"{names[0] + ' et al.' if len(names) > 3 else ', '.join(names)} {self.year}"

    @property
    def text(self) -> str:
        """Authors, year and title."""
        return f"{self.short}, {self.title}"

    @property
    def url(self) -> str:
        """Where to read it; empty where no address is certain."""
        if self.arxiv:
            return f"https://arxiv.org/abs/{self.arxiv}"
        return f"https://doi.org/{self.doi}" if self.doi else self.address


@cache
def references() -> dict[str, Reference]:
    """All references by key.

    Raises
    ------
    ValueError
        The data are not whole: a fault of this package.
    """
    return {key: _reference(key, fields) for key, fields in read("references").items()}


def cited(key: str, fields: Mapping[str, Any]) -> tuple[Reference, ...]:
    """What an entry cites in its field ``references``; empty where it has none.

    Raises
    ------
    ValueError
        One is unknown.
    """
    return tuple(references()[name] for name in named(key, fields, "references", references()))


def _reference(key: str, fields: Mapping[str, Any]) -> Reference:
    check_fields(key, fields, REQUIRED, OPTIONAL)
    arxiv, doi, address = (fields.get(name, "") for name in OPTIONAL)
    year = fields["year"]
    fine = (
        KEY.fullmatch(key)
        and isinstance(year, int)
        and f"-{year}-" in key
        and (not arxiv or ARXIV.fullmatch(arxiv))
        and (not doi or DOI.fullmatch(doi))
        and (not address or address.startswith("https://"))
        and all(fields[name].strip() for name in ("authors", "title", "venue"))
    )
    if not fine:
        raise ValueError(f"the reference {key!r} is not whole, or its key is not author-year-word: {fields}")
    return Reference(key, fields["authors"], year, fields["title"], fields["venue"], arxiv, doi, address)
