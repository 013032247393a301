"""Search finds what was meant, in both languages, and ranks it as the formula says."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlab.market.search import KINDS, Entry, Index, everything, search, tokens

ENTRIES = list(everything())


def _entry(key: str, name: str, *texts: str) -> Entry:
    return Entry("claim", key, {"en": name}, tuple({"en": text} for text in texts))


def test_text_is_cut_into_folded_words_and_pairs_of_characters():
    assert list(tokens("The Fréchet distances of GANs")) == ["the", "frechet", "distance", "of", "gan"]
    assert list(tokens("图像修复，用ＧＡＮ做")) == ["图像", "像修", "修复", "用", "gan", "做"]
    assert list(tokens("studies loss gas")) == ["study", "loss", "gas"]
    assert list(tokens(" ?! ，。")) == []


def test_scores_are_those_of_bm25_by_hand():
    index = Index([_entry("a", "", "cat dog"), _entry("b", "", "cat cat bird bird"), _entry("c", "", "fish fish")])
    # Three entries of mean length 8/3; "dog" is in one: log(1 + 2.5 / 1.5); length 2 of 8/3 makes
    # 1.2 * (0.25 + 0.75 * 0.75) = 0.975 below the line.
    (hit,) = index.search("dog")
    assert hit.entry.key == "a"
    assert hit.score == pytest.approx(math.log(1 + 2.5 / 1.5) * 2.2 / 1.975)
    # "cat" is in two: log(1 + 1.5 / 2.5); twice in the longer one, below the line 1.2 * (0.25 + 0.75 * 1.5) = 1.65.
    first, second = index.search("cat")
    assert (first.entry.key, second.entry.key) == ("b", "a")
    assert first.score == pytest.approx(math.log(1.6) * 2 * 2.2 / 3.65)
    assert second.score == pytest.approx(math.log(1.6) * 2.2 / 1.975)


def test_a_name_counts_more_than_a_text_and_a_whole_word_more_than_its_beginning():
    index = Index([_entry("text", "x", "noise y z v"), _entry("name", "noise", "x y z v")])
    assert [hit.entry.key for hit in index.search("noise")] == ["name", "text"]
    index = Index([_entry("long", "translation", "a"), _entry("short", "trans", "a"), _entry("no", "atrans", "a")])
    assert [hit.entry.key for hit in index.search("trans")] == ["short", "long"]
    assert index.search("tr") == ()


@pytest.mark.parametrize(
    ("query", "kind", "key"),
    [
        ("superresolution super-resolution", "case", "super-resolution"),
        ("超分辨率", "case", "super-resolution"),
        ("图像修复", "case", "image-repair"),
        ("Netflix trailers", "claim", "netflix-trailers"),
        ("gold mine or bubble", "question", "mine-or-bubble"),
        ("金矿还是泡沫", "question", "mine-or-bubble"),
        ("隐马尔可夫", "event", "hidden-markov"),
        ("wavenet", "event", "wavenet"),
        ("徐宗本", "resource", "gan-book-xu"),
        ("MXNET", "resource", "mxnet"),
        ("text and data mining", "rule", "copyright"),
        ("伪造肖像", "rule", "likeness"),
        ("gradient penalty wasserstein", "experiment", "penalty"),
    ],
)
def test_what_a_reader_would_look_for_comes_first_or_nearly(query, kind, key):
    assert (kind, key) in [(hit.entry.kind, hit.entry.key) for hit in search(query, limit=3)]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_entry_is_found_by_its_own_name(kind, language):
    for entry in (entry for entry in ENTRIES if entry.kind == kind):
        best = search(entry.name[language], limit=5, kinds=[kind])
        assert entry.key in [hit.entry.key for hit in best]


def test_the_kinds_asked_for_are_the_only_ones_found():
    assert {hit.entry.kind for hit in search("GAN")} == set(KINDS) - {"rule"}
    assert {hit.entry.kind for hit in search("GAN", kinds=["event"])} == {"event"}
    assert search("GAN", kinds=[]) == ()


@given(st.one_of(st.text(max_size=40), st.sampled_from([entry.name["zh"] for entry in ENTRIES])), st.integers(0, 50))
def test_whatever_is_typed_gives_a_ranked_list_without_doubles(query, limit):
    hits = search(query, limit=limit)
    assert len(hits) <= limit
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)
    assert len({(hit.entry.kind, hit.entry.key) for hit in hits}) == len(hits)
    if not list(tokens(query)):
        assert hits == ()
