"""The Market page: all claims, filtered by the address, in both languages."""

import pytest

from genlab.market import claims, select, topics
from tests.ui.conftest import Open


def shown(app) -> str:
    return "\n".join(e.value for kind in ("markdown", "caption", "subheader", "info") for e in app.get(kind))


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_topic_and_claim_is_there(open_page: Open, lang: str) -> None:
    app = open_page("market", lang=lang)
    assert not app.exception
    text = shown(app).replace("\\", "")
    for topic in topics().values():
        assert topic.title[lang] in text
    for claim in claims().values():
        for said in (claim.text, claim.why, claim.right):
            assert said[lang] in text


@pytest.mark.usefixtures("home")
def test_a_link_filters(open_page: Open) -> None:
    app = open_page("market", doc="003", verdict="wrong")
    text = shown(app).replace("\\", "")
    kept = select(claims().values(), document="003", verdict="wrong")
    for claim in claims().values():
        assert (claim.text["en"] in text) == (claim in kept)
    assert f"<b>{len(kept)}</b>" in "".join(e.proto.body for e in app.get("html"))


@pytest.mark.usefixtures("home")
def test_nonsense_in_a_link_shows_all(open_page: Open) -> None:
    app = open_page("market", doc="999", verdict="<script>")
    assert not app.exception
    assert "doc" not in app.query_params
    assert len(app.subheader) == len(topics())
