"""The outline is whole in both languages, and cites what it leans on."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlab.market import Claim, documents, outline, select, tally
from genlab.market.outline import VERDICTS, _claim, _text
from genlab.models.presets import PRESETS

CLAIMS = [(theme.key, claim) for theme in outline() for claim in theme.claims]
HAN = re.compile(r"[\u4e00-\u9fff]")


def test_the_five_documents_each_with_a_preset_of_its_listing():
    assert list(documents()) == ["000", "001", "002", "003", "004"]
    for key, document in documents().items():
        assert PRESETS[document.preset].document == key


def test_every_document_is_heard_and_every_theme_named_once():
    assert {key for _, claim in CLAIMS for key in claim.documents} == set(documents())
    keys = [theme.key for theme in outline()]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[a-z_]+", theme.icon) for theme in outline())


@pytest.mark.parametrize(("theme", "claim"), CLAIMS)
def test_a_claim_is_whole_in_both_languages(theme: str, claim: Claim):
    for text in (claim.text, claim.fix):
        assert bool(text["en"]) == bool(text["zh"])
        assert not HAN.search(text["en"])
        assert not text["zh"] or HAN.search(text["zh"])
    assert bool(claim.fix["en"]) == (claim.verdict != "holds")


def test_texts_end_as_sentences_and_are_said_once():
    texts = [text for _, claim in CLAIMS for text in (claim.text, claim.fix) if text["en"]]
    for text in texts:
        assert text["en"].endswith((".", ".)"))
        assert text["zh"].endswith(("。", "。）"))
    assert Counter(claim.text["en"] for _, claim in CLAIMS).most_common(1)[0][1] == 1


def test_references_have_arxiv_numbers_of_the_right_form():
    cited = {reference for _, claim in CLAIMS for reference in claim.references}
    for reference in cited:
        assert re.search(r"\b(19|20)\d\d\b", reference.text)
        if reference.arxiv:
            assert re.fullmatch(r"\d{4}\.\d{4,5}", reference.arxiv)
            assert reference.url == f"https://arxiv.org/abs/{reference.arxiv}"
    assert {r.arxiv for r in cited} >= {"1406.2661", "1312.6114", "1511.06434", "1611.04076", "1704.00028"}


def test_market_claims_carry_no_figure_that_no_document_gives():
    (market,) = (theme for theme in outline() if theme.key == "market")
    for claim in market.claims:
        assert claim.verdict == "unsupported"
        assert not re.search(r"\d", claim.text["en"] + claim.fix["en"])


@given(
    document=st.sampled_from([None, *documents()]),
    verdict=st.sampled_from([None, *VERDICTS]),
)
def test_selecting_keeps_what_fits_and_only_that(document, verdict):
    kept = select(outline(), document, verdict)
    fitting = [
        claim
        for _, claim in CLAIMS
        if (document is None or document in claim.documents) and verdict in (None, claim.verdict)
    ]
    assert [claim for theme in kept for claim in theme.claims] == fitting
    assert all(theme.claims for theme in kept)
    assert sum(tally(kept).values()) == len(fitting)


def test_the_tally_names_every_verdict():
    assert tally(()) == {"holds": 0, "wrong": 0, "unsupported": 0}
    assert tally(outline())["wrong"] == sum(claim.verdict == "wrong" for _, claim in CLAIMS)


@pytest.mark.parametrize(
    "entry",
    [
        {"verdict": "maybe"},
        {"documents": []},
        {"documents": ["005"]},
        {"verdict": "holds", "fix_en": "x.", "fix_zh": "字。"},
        {"verdict": "wrong"},
        {"zh": " "},
    ],
)
def test_data_that_are_not_whole_are_refused(entry):
    whole = {"documents": ["000"], "verdict": "holds", "en": "x.", "zh": "字。"}
    assert _claim(whole, {}).verdict == "holds"
    with pytest.raises(ValueError, match=r"claim|correction|language"):
        _claim(whole | entry, {})
    with pytest.raises(ValueError, match="language"):
        _text({"en": "x"})
