"""Every section of the five documents is answered by an entry of the commentary."""

from collections.abc import Callable, Iterable
from typing import Protocol

import pytest

from genlab.market import claims, sections
from genlab.market.cases import cases
from genlab.market.faq import faq
from genlab.market.resources import resources
from genlab.market.timeline import timeline
from tests.market.seeds import folder, headings

DOCUMENTS = folder()

pytestmark = pytest.mark.skipif(DOCUMENTS is None, reason="the documents are not beside the repository")


class Entry(Protocol):
    @property
    def sections(self) -> tuple[str, ...]: ...


KINDS: tuple[Callable[[], Iterable[Entry]], ...] = (
    lambda: claims().values(),
    lambda: cases().values(),
    lambda: timeline().values(),
    lambda: resources().values(),
    lambda: faq().values(),
)
"""What lists the entries of each kind."""


def test_the_sections_are_those_of_the_documents():
    assert DOCUMENTS is not None
    assert list(sections()) == list(headings(DOCUMENTS))


def test_every_section_is_named_by_an_entry():
    """A heading is answered where an entry names it or a section within it."""
    assert DOCUMENTS is not None
    named = [sections()[key] for kind in KINDS for entry in kind() for key in entry.sections]
    silent = [key for key in headings(DOCUMENTS) if not any(entry.within(sections()[key]) for entry in named)]
    assert not silent
