"""The timeline is in order, sourced, and says where documents differ."""

import pytest

from genlab.market.cases import terms
from genlab.market.loading import HAN, read
from genlab.market.timeline import STRANDS, event_of, timeline
from genlab.models.presets import PRESETS
from genlab.ui import navigation

EVENTS = timeline()


def test_events_come_in_the_order_of_time_and_reach_past_gpt3():
    dates = [(event.year, event.month) for event in EVENTS.values()]
    assert dates == sorted(dates)
    assert dates[0][0] < 1966
    assert dates[-1][0] > 2020
    assert {event.strand for event in EVENTS.values()} == set(STRANDS) == set(terms()["strand"])


def test_the_dates_that_the_documents_get_wrong_are_right_here():
    right = {
        "hidden-markov": "1966", "boltzmann": "1985", "vae": "2013-12", "gan": "2014-06", "conditional-gan": "2014-11",
        "dcgan": "2015-11", "infogan": "2016-06", "transformer": "2017-06", "gpt": "2018-06", "gpt3": "2020-05",
        "dalle2": "2022-04",
    }  # fmt: skip
    assert {key: EVENTS[key].when for key in right} == right
    for key in ("hidden-markov", "boltzmann", "gan", "conditional-gan", "dcgan", "infogan", "gpt3", "dalle2"):
        assert EVENTS[key].wrong["en"]


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.key)
def test_an_event_agrees_with_its_sources_and_reads_well(event):
    years = [reference.year for reference in event.references]
    # A law may enter into force in the year after it was made.
    assert event.year in years or (event.strand == "law" and event.year - 1 in years)
    for text in (event.text, event.wrong):
        assert bool(text["en"]) == bool(text["zh"])
        assert not text["en"] or (text["en"].endswith(".") and text["zh"].endswith("。"))
        assert not text["zh"] or HAN.search(text["zh"])
    if event.wrong["en"] and event.key != "diffusion-works":  # that none mentions diffusion stands in no section
        assert event.sections
    if event.lab:
        assert navigation.has(event.lab.page)
        if event.lab.query:
            assert PRESETS[event.lab.query["preset"]].model == event.lab.query["model"]


@pytest.mark.parametrize(
    "change",
    [
        {"year": 1850}, {"year": "2014"}, {"month": 13}, {"month": 0}, {"strand": "sports"}, {"references": []},
        {"references": ["nobody-1900-nothing"]}, {"wrong_en": ""}, {"sections": ["000/99"]}, {"odd": 1}, {"zh": ""},
    ],
)  # fmt: skip
def test_an_event_that_is_not_whole_is_refused(change):
    fields = read("timeline")["gan"]
    assert event_of("gan", fields) == EVENTS["gan"]
    with pytest.raises(ValueError, match="gan"):
        event_of("gan", fields | change)
