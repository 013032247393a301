"""What the five documents say about generative AI, and what holds of it: a ledger of claims, as data."""

from genlab.market.claims import Claim, Topic, balance, claims, select, tally, topics
from genlab.market.documents import Document, Section, documents, sections
from genlab.market.references import Reference, references

__all__ = [
    "Claim",
    "Document",
    "Reference",
    "Section",
    "Topic",
    "balance",
    "claims",
    "documents",
    "references",
    "sections",
    "select",
    "tally",
    "topics",
]
