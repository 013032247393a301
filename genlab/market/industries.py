"""Which claims bear on an industry. A claim has none of its own: it is told by the sections that make it."""

from __future__ import annotations

from functools import cache

from genlab.market.cases import cases
from genlab.market.claims import Claim

DEVOTED = 2
"""A section that names uses of more industries than this is an overview, and tells nothing of a claim made there."""
EVERY = "general"
"""The key that stands for every industry."""


def industries_of(claim: Claim) -> frozenset[str]:
    """Industries whose uses are named in a section that makes the claim, and that is devoted to few industries."""
    return frozenset().union(*(_devoted().get(section, frozenset()) for section in claim.sections))


@cache
def _devoted() -> dict[str, frozenset[str]]:
    """The industries of each section that is devoted to a few, without the one that stands for all."""
    named: dict[str, set[str]] = {}
    for case in cases().values():
        for section in case.sections:
            named.setdefault(section, set()).add(case.industry)
    return {section: frozenset(found - {EVERY}) for section, found in named.items() if len(found) <= DEVOTED}
