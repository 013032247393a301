"""The Market page: each section in both languages, deep links, filters, search, and nonsense in the address."""

import re
from pathlib import Path
from typing import get_args

import pytest

from genlab.evaluation.sheet import GOOD_END
from genlab.market import claims, documents, select
from genlab.market.cases import cases, rules
from genlab.market.experiments import METRICS, experiments
from genlab.market.faq import faq
from genlab.market.industries import industries_of
from genlab.market.judging import Finding
from genlab.market.resources import resources
from genlab.market.results import Result, finding, result, store
from genlab.market.screener import note, outcomes, questions, screen
from genlab.market.timeline import timeline
from genlab.ui.gallery.entrants import read
from genlab.ui.i18n import catalogue
from genlab.ui.market.costs import MACHINE, PERSON
from genlab.ui.market.families import FAMILIES, representatives
from genlab.ui.market.figures import FIGURES
from genlab.ui.market.page import SECTIONS
from tests.ui.conftest import Open

pytestmark = pytest.mark.usefixtures("home")
LANGUAGES = pytest.mark.parametrize("lang", ["en", "zh"])
ENTRIES = {
    "claims": (claims, lambda one: (one.text, one.why, one.right)),
    "uses": (cases, lambda one: (one.name, one.says, one.practice, one.value_why)),
    "law": (rules, lambda one: (one.name, one.text)),
    "timeline": (timeline, lambda one: (one.name, one.text, one.wrong)),
    "resources": (resources, lambda one: (one.name, one.text)),
    "questions": (faq, lambda one: (one.question, one.answer)),
}


def shown(app) -> str:
    kinds = ("markdown", "caption", "subheader", "info", "warning", "expander")
    told = [getattr(e, "value", None) or getattr(e, "label", "") for kind in kinds for e in app.get(kind)]
    return "\n".join(told).replace("\\", "")


def opened(open_page: Open, **query: str):
    app = open_page("market", **query)
    assert not app.exception
    assert not app.error, [one.value for one in app.error]
    return app


@LANGUAGES
@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_drawn(open_page: Open, section: str, lang: str) -> None:
    text = shown(opened(open_page, lang=lang, section=section))
    assert not re.search(r"\bmarket_?\w*\.\w", text)
    if section in ENTRIES and section != "claims":  # claims stand on several pages
        found, told = ENTRIES[section]
        assert all(said[lang] in text for one in found().values() for said in told(one))


@LANGUAGES
@pytest.mark.parametrize("section", ENTRIES)
def test_an_entry_opens_alone(open_page: Open, section: str, lang: str) -> None:
    found, told = ENTRIES[section]
    key, *others = found()
    app = opened(open_page, lang=lang, section=section, entry=key)
    text = shown(app)
    assert all(said[lang] in text for said in told(found()[key]))
    assert not [other for other in others if told(found()[other])[1][lang] in text]
    app.button(key="market_back").click().run()
    assert "entry" not in app.query_params
    assert told(found()[others[0]])[0][lang] in shown(app)


def test_all_claims_are_there_page_by_page(open_page: Open) -> None:
    pages = [shown(opened(open_page, page=str(number))) for number in range(1, 2 + (len(claims()) - 1) // 20)]
    for claim in claims().values():
        assert sum(claim.why["en"] in page for page in pages) == 1


def test_a_link_filters_claims(open_page: Open) -> None:
    app = opened(open_page, doc="003", verdict="wrong", kind="historical")
    text = shown(app)
    kept = select(claims().values(), document="003", verdict="wrong", kind="historical")
    assert 0 < len(kept) <= 20
    for claim in claims().values():
        assert (claim.text["en"] in text) == (claim in kept)
    assert f"<b>{len(kept)}</b>" in "".join(e.proto.body for e in app.get("html"))


def test_claims_are_filtered_by_industry_and_by_whether_they_are_tested(open_page: Open) -> None:
    tested = {one.claim for one in experiments().values()}
    app = opened(open_page, industry="finance")
    text = shown(app)
    kept = [claim for claim in claims().values() if "finance" in industries_of(claim)]
    assert 0 < len(kept) < 20
    assert all((claim.text["en"] in text) == (claim in kept) for claim in claims().values())
    app = opened(open_page, tested="yes", industry="finance")
    assert all((claim.text["en"] in shown(app)) == (claim.key in tested) for claim in kept)
    app.button(key="market_clear").click().run()
    assert not set(app.query_params) & {"tested", "industry"}


@LANGUAGES
@pytest.mark.parametrize("figure", [*FIGURES, "matrix&span=side-kind"])
def test_each_figure_is_drawn(open_page: Open, figure: str, lang: str) -> None:
    query = dict(part.split("=") for part in f"figure={figure}".split("&"))
    app = opened(open_page, lang=lang, **query)
    assert len(app.get("plotly_chart")) == 1
    transformer = catalogue(lang)["market_measured.families_transformer"] in shown(app)
    assert transformer == (figure == "families")


def test_filters_that_leave_nothing_say_so(open_page: Open) -> None:
    assert "No claim fits" in shown(opened(open_page, side="bubble", verdict="wrong"))


def test_a_claim_shows_its_experiment(open_page: Open) -> None:
    experiment = next(iter(experiments().values()))
    app = opened(open_page, entry=experiment.claim)
    assert experiment.question["en"] in shown(app)
    assert f"python -m genlab market run {experiment.key}" in [one.value for one in app.code]


@LANGUAGES
def test_a_stored_result_is_told_with_its_spread(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lang: str
) -> None:
    experiment = experiments()["vae-against-gan"]
    values = {"vae": (30.0, 32.0, 31.0), "gan": (10.0, 12.0, None), "fitted": (5.0, 5.0, 5.0)}
    found = Result(
        experiment.key, experiment.fingerprint, (0, 1, 2), values, 10, 1.0, {}, "2026-01-01", "abcdef0123456"
    )
    store(experiment, found, tmp_path)
    monkeypatch.setattr(result, "__defaults__", (tmp_path,))
    for query in ({"entry": experiment.claim}, {"section": "measured", "entry": experiment.key}):
        app = opened(open_page, lang=lang, **query)
        table = app.table[0].value
        assert list(table.iloc[:, 0]) == [arm.title[lang] for arm in experiment.arms]
        assert list(table.iloc[:, 1]) == ["31 ± 1", "11 ± 1.4", "5 ± 0"]
        assert list(table.iloc[:, 2]) == ["0", "1", "0"]
        text = shown(app)
        (pair,), said = finding(experiment, found)
        known = catalogue(lang)
        for key in (f"findings.{said}", f"outcomes.{pair.outcome}", "interval.none"):
            assert known[f"market_measured.{key}"] in text
        assert "2026-01-01" in text
        assert "abcdef0123" in text


@LANGUAGES
def test_the_list_of_experiments_is_filtered(open_page: Open, lang: str) -> None:
    topic = claims()[next(iter(experiments().values())).claim].topic
    text = shown(opened(open_page, lang=lang, section="measured", topic=topic))
    for one in experiments().values():
        assert (one.question[lang] in text) == (claims()[one.claim].topic == topic)
    none = opened(open_page, lang=lang, section="measured", topic=topic, finding="mixed")
    if not any(one.question[lang] in shown(none) for one in experiments().values()):
        assert catalogue(lang)["market_measured.nothing"] in shown(none)


@LANGUAGES
def test_whatever_is_measured_has_its_words(lang: str) -> None:
    known = catalogue(lang)
    assert all(f"market_measured.findings.{said}" in known for said in get_args(Finding))
    assert all(name in GOOD_END or f"market_measured.metrics.{name}" in known for name in METRICS)


def test_a_link_filters_uses(open_page: Open) -> None:
    text = shown(opened(open_page, section="uses", industry="finance"))
    for case in cases().values():
        assert (case.says["en"] in text) == (case.industry == "finance")


@LANGUAGES
def test_the_screener_screens(open_page: Open, lang: str) -> None:
    answers = {"data": 4, "tolerance": 4, "regulation": 3, "labour": 3, "volume": 4, "differentiation": 2}
    query = {f"use.{key}": str(level) for key, level in answers.items()}
    text = shown(opened(open_page, lang=lang, section="screener", **query))
    verdict = screen(answers).verdict
    assert outcomes()[verdict].name[lang] in text
    assert note()[lang] in text
    for key, level in screen(answers).changes[0].items():
        assert questions()[key].answers[level - 1][lang] in text


def test_the_report_is_there_to_take(open_page: Open) -> None:
    app = opened(open_page, section="screener")
    report = next(one for one in app.get("download_button") if one.proto.id.endswith("market_report"))
    assert report.proto.url.endswith(".html")


@LANGUAGES
def test_costs_are_counted_and_never_is_said(open_page: Open, lang: str) -> None:
    app = opened(open_page, lang=lang, section="costs")
    assert not app.warning
    app = opened(open_page, lang=lang, section="costs", **{"cost.review_seconds": "9000"})
    assert len(app.warning) == 1


@pytest.mark.parametrize("end", ["low", "high"])
def test_the_ends_of_what_may_be_assumed_can_be_counted(open_page: Open, end: str) -> None:
    query = {f"cost.{name}": str(getattr(asked, end)) for name, asked in {**MACHINE, **PERSON}.items()}
    app = opened(open_page, section="costs", **query)
    assert [one.value for one in app.number_input][-len(PERSON) :] == [getattr(asked, end) for asked in PERSON.values()]
    assert not re.search(r"\b(nan|inf)\b", shown(app))
    assert len(app.warning) == (end == "low")  # work by hand that costs nothing is not to be undercut


@LANGUAGES
def test_each_document_has_its_outline(open_page: Open, lang: str) -> None:
    for key, document in documents().items():
        app = opened(open_page, lang=lang, section="documents", read=key)
        assert document.title[lang] in shown(app)
        links = "\n".join(link.proto.label.replace("\\", "") for link in app.get("page_link"))
        assert all(claim.text[lang] in links for claim in select(claims().values(), document=key))


def test_search_finds_in_both_languages_and_links(open_page: Open) -> None:
    for query in ("mode collapse", "模式崩溃"):
        app = opened(open_page, q=query)
        labels = [link.proto.label.replace("\\", "") for link in app.get("page_link")]
        assert any("mode" in label.lower() for label in labels)
    assert "Nothing found" in shown(opened(open_page, q="zzzzqqq"))


@pytest.mark.parametrize(
    "query",
    [
        {"section": "<script>"},
        {"entry": "nothing", "doc": "999", "verdict": "<b>", "topic": "..", "page": "-3"},
        {"section": "uses", "entry": "../x", "industry": "9"},
        {"section": "screener", "use.data": "9", "use.volume": "x"},
        {"section": "costs", "cost.wage": "nan", "cost.accepted": "2", "cost.on": "?", "cost.model": "?"},
        {"section": "documents", "read": "007"},
        {"section": "measured", "entry": "../x", "finding": "<b>", "topic": "9"},
        {"section": "law", "entry": "<b>"},
        {"figure": "pie", "industry": "general", "tested": "2"},
    ],
)
def test_nonsense_in_the_address_is_taken_out(open_page: Open, query: dict[str, str]) -> None:
    app = opened(open_page, **query)
    assert set(app.query_params) <= {"section", "lang"}


def test_like_is_compared_with_like_where_families_stand_side_by_side() -> None:
    drawn = representatives(read("mnist"))
    assert [one.family for one in drawn] == list(FAMILIES)
    assert len({one.given for one in drawn}) == 1
    assert all(one.median("label_accuracy") is None for one in drawn)
    for one in drawn:
        rivals = [other for other in read("mnist") if (other.family, other.given) == (one.family, one.given)]
        assert one.fid == min(other.fid for other in rivals if other.median("label_accuracy") is None)
