"""A claim is tied to an industry by the sections that make it, where they are devoted to few."""

from genlab.market import claims
from genlab.market.cases import cases
from genlab.market.industries import DEVOTED, EVERY, industries_of


def test_an_industry_is_told_only_by_sections_devoted_to_few():
    by_section: dict[str, set[str]] = {}
    for case in cases().values():
        for section in case.sections:
            by_section.setdefault(section, set()).add(case.industry)
    for claim in claims().values():
        mine = [named for section in claim.sections if len(named := by_section.get(section, set())) <= DEVOTED]
        assert industries_of(claim) == set().union(*mine) - {EVERY}
    assert industries_of(claims()["google-skin"]) == {"medicine"}
    assert not industries_of(claims()["market-growth"])
