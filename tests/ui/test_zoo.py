"""The models that come along, on the pages of somebody who has nothing of their own and no network."""

import shutil
from pathlib import Path

import pytest

from genlab.runs import shelf
from genlab.zoo.shipped import shipped
from tests.ui.conftest import Open


@pytest.fixture(autouse=True)
def zoo(no_zoo: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is really shipped, over a home without runs."""
    monkeypatch.setattr(shelf, "ZOO", no_zoo)
    return no_zoo


def texts(app) -> str:
    elements = [*app.subheader, *app.markdown, *app.caption]
    return "\n".join(element.value for element in elements).replace("\\", "")


@pytest.mark.parametrize(
    ("lang", "name", "heading"), [("en", "Warm-started", "Trained already"), ("zh", "热启动", "已经训练好的模型")]
)
def test_the_overview_shows_each_with_its_score_and_cost(open_page: Open, lang: str, name: str, heading: str) -> None:
    app = open_page(lang=lang)
    assert not app.exception
    assert not app.error
    text = texts(app)
    assert heading in text
    assert name in text
    for _, card in shipped():
        assert f"FID {card.scores['fid']:.1f}" in text
        assert card.extractor_hash[:12] in text
        assert card.date in text
        assert card.command in [code.value for code in app.code]
    pictures = [element for element in app.get("html") if '<img class="gl-picture"' in element.proto.body]
    assert len(pictures) == 1 + len(shipped())


@pytest.mark.parametrize("page", ["samples", "latent", "replay"])
def test_a_page_without_a_run_shows_the_best_at_once(open_page: Open, page: str) -> None:
    app = open_page(page)
    assert not app.exception
    assert not app.error
    assert not app.warning
    best = min((each for each in shipped() if each.card.data == "mnist"), key=lambda each: each.card.scores["fid"])
    assert app.query_params["run"] == best.run.id
    assert not [button for button in app.button if button.key in ("latent_compute", "replay_compute")]


@pytest.mark.parametrize("model", shipped(), ids=lambda model: model.card.name)
def test_its_latent_map_is_there_without_its_pictures(open_page: Open, model, home: Path) -> None:
    app = open_page("latent", run=model.run.id)
    assert not app.exception
    assert not app.error
    assert "latent_compute" not in [button.key for button in app.button]
    assert not (home / "derived").exists()  # nothing was computed


def test_a_damaged_card_is_told_and_hides_no_page(
    open_page: Open, zoo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(zoo / "hybrid", tmp_path / "damaged" / "hybrid")
    (tmp_path / "damaged" / "hybrid" / "card.json").write_text("{")
    monkeypatch.setattr(shelf, "ZOO", tmp_path / "damaged")
    app = open_page()
    assert "card of the shipped model hybrid" in app.error[0].value.replace("\\", "")
    assert not open_page("samples").error
