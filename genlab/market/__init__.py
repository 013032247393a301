"""What the five documents say about generative AI: themes, claims and corrections, as data."""

from genlab.market.outline import Claim, Document, Reference, Theme, documents, outline, select, tally

__all__ = ["Claim", "Document", "Reference", "Theme", "documents", "outline", "select", "tally"]
