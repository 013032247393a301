"""The ledger is whole: every claim is judged, reasoned, told twice, and sourced where it is wrong."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlab.market import Claim, balance, claims, documents, references, select, tally, topics
from genlab.market.claims import KINDS, SIDES, VERDICTS, claim_of
from genlab.market.loading import HAN, one_of
from genlab.market.references import _reference
from genlab.models.presets import PRESETS

CLAIMS = tuple(claims().values())
WHOLE = {
    "en": "It is so.",
    "zh": "是这样。",
    "sections": ["000/1.1"],
    "kind": "technical",
    "verdict": "supported",
    "side": "neither",
    "why_en": "Shown.",
    "why_zh": "已证实。",
}
CORRECTED = {"verdict": "wrong", "right_en": "Not so.", "right_zh": "不是。"}


def test_the_five_documents_each_with_a_preset_of_its_listing():
    assert list(documents()) == ["000", "001", "002", "003", "004"]
    for key, document in documents().items():
        assert PRESETS[document.preset].document == key


def test_there_are_claims_of_every_document_topic_kind_verdict_and_side():
    assert len(CLAIMS) >= 90
    assert {key for claim in CLAIMS for key in claim.documents} == set(documents())
    assert {claim.topic for claim in CLAIMS} == set(topics())
    assert {claim.kind for claim in CLAIMS} == set(KINDS)
    assert {claim.verdict for claim in CLAIMS} == set(VERDICTS)
    assert {claim.side for claim in CLAIMS} == set(SIDES)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.key)
def test_a_claim_is_whole(claim: Claim):
    texts = [claim.text, claim.why, *([claim.right] if claim.verdict == "wrong" else [])]
    for text in texts:
        assert text["en"].endswith((".", "?"))
        assert text["zh"].endswith("。")
        assert HAN.search(text["zh"])
        assert "  " not in text["en"] + text["zh"]
    assert any(claim.right.values()) == (claim.verdict == "wrong")
    assert claim.references or claim.verdict in ("unchecked", "supported", "limited")


def test_no_claim_is_made_twice():
    for language in ("en", "zh"):
        assert len({claim.text[language] for claim in CLAIMS}) == len(CLAIMS)
        assert len({claim.why[language] for claim in CLAIMS}) == len(CLAIMS)


def test_what_is_wrong_has_published_work_to_stand_on():
    assert all(claim.references for claim in CLAIMS if claim.verdict in ("wrong", "contested"))


def test_references_lead_somewhere_and_are_the_right_ones():
    arxiv = {key: reference.arxiv for key, reference in references().items() if reference.arxiv}
    assert len(set(arxiv.values())) == len(arxiv)
    assert arxiv["goodfellow-2014-gan"] == "1406.2661"
    assert arxiv["kingma-2013-vae"] == "1312.6114"
    for key, reference in references().items():
        assert reference.url == "" or reference.url.startswith("https://")
        numbered = re.fullmatch(r"(\d\d)(\d\d)\.\d{4,5}", reference.arxiv)
        assert numbered is None or 2000 + int(numbered[1]) - reference.year in (0, 1), key
    assert references()["goodfellow-2014-gan"].short == "Goodfellow et al. 2014"
    assert references()["kingma-2013-vae"].short == "Kingma, Welling 2013"


@given(
    document=st.sampled_from([None, *documents()]),
    topic=st.sampled_from([None, *topics()]),
    verdict=st.sampled_from([None, *VERDICTS]),
)
def test_selecting_keeps_what_fits_and_only_that(document, topic, verdict):
    kept = select(CLAIMS, document=document, topic=topic, verdict=verdict)
    for claim in CLAIMS:
        fits = (document in (None, *claim.documents), topic in (None, claim.topic), verdict in (None, claim.verdict))
        assert (claim in kept) == all(fits)
    assert sum(tally(kept).values()) == len(kept)
    assert sum(sum(row.values()) for row in balance(kept).values()) == len(kept)


def test_tallies_name_everything():
    assert tally(()) == dict.fromkeys(VERDICTS, 0)
    assert balance(())["mine"] == dict.fromkeys(VERDICTS, 0)


def test_a_claim_of_the_tables_reads_back():
    claim = claim_of("idea", "so", WHOLE | {"sections": ["001/1.1", "000/1.1"]})
    assert (claim.sections, claim.documents) == (("000/1.1", "001/1.1"), ("000", "001"))
    assert claim_of("idea", "so", WHOLE | CORRECTED).right["en"] == "Not so."


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "maybe"},
        {"kind": "odd"},
        {"side": "both"},
        {"sections": []},
        {"sections": ["000/99"]},
        {"sections": ["000/1.1", "000/1.1"]},
        {"references": ["nobody-1900-nothing"]},
        {"verdict": "wrong"},
        {"right_en": "x.", "right_zh": "字。"},
        CORRECTED | {"right_zh": ""},
        {"zh": " "},
        {"zh": "It is so."},
        {"why_en": "因为。"},
        {"colour": "red"},
    ],
)
def test_a_claim_that_is_not_whole_is_refused(change):
    with pytest.raises(ValueError, match="so"):
        claim_of("idea", "so", WHOLE | change)


def test_a_claim_lacking_a_field_or_a_topic_is_refused():
    with pytest.raises(ValueError, match="lacks"):
        claim_of("idea", "so", {key: value for key, value in WHOLE.items() if key != "kind"})
    with pytest.raises(ValueError, match="no topic"):
        claim_of("weather", "so", WHOLE)
    with pytest.raises(ValueError, match="not one of"):
        one_of("so", {}, "kind", KINDS)


@pytest.mark.parametrize(
    "change",
    [{"arxiv": "14062661"}, {"doi": "doi:10"}, {"url": "ftp://x"}, {"year": 2015}, {"title": " "}, {"isbn": "1"}],
)
def test_a_reference_that_is_not_whole_is_refused(change):
    whole = {"authors": "A, B", "year": 2014, "title": "T", "venue": "V"}
    assert _reference("a-2014-t", whole).url == ""
    with pytest.raises(ValueError, match="a-2014-t"):
        _reference("a-2014-t", whole | change)
