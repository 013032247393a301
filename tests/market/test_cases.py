"""The uses are whole, cite what they lean on, and lead only to places that are there."""

import pytest

from genlab.market.cases import LEVELS, Case, _case, cases, rules, terms
from genlab.market.documents import sections
from genlab.market.loading import HAN, read
from genlab.models.presets import PRESETS
from genlab.ui import navigation
from genlab.ui.latent.view import TABS

CASES = cases().values()
SENTENCES = ("says", "practice", "readiness_why", "value_why")


def test_the_documents_lists_of_uses_are_all_there():
    assert len(CASES) >= 35
    named = {section for case in CASES for section in case.sections}
    lists = {key for key in sections() if key.startswith(("000/6.", "001/6.", "002/6.", "003/6.", "004/6."))}
    assert len(lists) == 34
    assert lists <= named


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_a_use_reads_as_sentences_in_both_languages(case: Case):
    for name in SENTENCES:
        text = getattr(case, name)
        assert text["en"].endswith(".")
        assert text["zh"].endswith("。")
    for text in (case.name, case.gains, *(getattr(case, name) for name in SENTENCES)):
        assert HAN.search(text["zh"])
        assert "  " not in text["en"]
        assert " ," not in text["en"]
        assert not any(mark in text["zh"] for mark in (",", ";", "?"))  # Chinese has its own


def test_every_word_for_a_key_is_used_and_every_level_has_its_four():
    for kind in ("data", "failure_cost", "regulation", "readiness", "value"):
        assert list(terms()[kind]) == [str(level) for level in LEVELS]
    for kind, used in (
        ("industry", {case.industry for case in CASES}),
        ("modality", {case.modality for case in CASES}),
        ("family", {family for case in CASES for family in case.families}),
    ):
        assert set(terms()[kind]) == used
    assert {rule for case in CASES for rule in case.rules} == set(rules())


def test_no_two_uses_say_the_same():
    for name in ("name", "says", "practice"):
        for language in ("en", "zh"):
            told = [getattr(case, name)[language] for case in CASES]
            assert len(set(told)) == len(told)


def test_what_is_high_risk_is_high_in_both_and_an_idea_claims_no_place_in_the_lab():
    for case in CASES:
        if case.regulation == 4:
            assert case.failure_cost >= 3
        if case.readiness == 1:
            assert case.lab is None


def test_links_lead_to_pages_presets_and_tabs_that_are_there():
    labs = [case.lab for case in CASES if case.lab]
    assert len(labs) >= 10
    for lab in labs:
        assert navigation.has(lab.page)
        if lab.page == "train":
            assert PRESETS[lab.query["preset"]].model == lab.query["model"]
        else:
            assert lab.page == "latent"
            assert lab.query["tab"] in TABS


@pytest.mark.parametrize(
    "change",
    [
        {"en": ""},
        {"zh": "Drawing new pictures"},
        {"says_en": "用"},
        {"data": 5},
        {"data": True},
        {"industry": "mining"},
        {"families": []},
        {"families": ["gan", "gan"]},
        {"sections": []},
        {"sections": ["000/99"]},
        {"references": ["nobody-1900-nothing"]},
        {"regulation": 1},
        {"rules": []},
        {"lab": {"page": "nowhere", "query": {}, "en": "x", "zh": "字"}},
        {"lab": {"page": "train", "en": "x", "zh": "字"}},
        {"odd": 1},
    ],
)
def test_a_use_that_is_not_whole_is_refused(change):
    fields = read("cases/a-pictures")["image-generation"]
    assert _case("image-generation", fields) == cases()["image-generation"]
    with pytest.raises(ValueError, match="image-generation"):
        _case("image-generation", fields | change)


def test_a_use_without_a_field_is_refused():
    fields = read("cases/a-pictures")["image-generation"]
    for name in set(fields) - {"rules", "lab"}:
        with pytest.raises(ValueError, match="image-generation"):
            _case("image-generation", {key: value for key, value in fields.items() if key != name})
