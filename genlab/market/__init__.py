"""What the five documents say about generative AI: themes, claims and corrections, as data."""

from genlab.market.documents import Document, Section, documents, sections
from genlab.market.outline import Claim, Theme, outline, select, tally
from genlab.market.references import Reference, references

__all__ = [
    "Claim",
    "Document",
    "Reference",
    "Section",
    "Theme",
    "documents",
    "outline",
    "references",
    "sections",
    "select",
    "tally",
]
