"""The Overview: what is there at once, and what a damaged folder does to it (nothing)."""

from dataclasses import replace
from pathlib import Path

import pytest

from genlab.runs import control
from genlab.runs.status import write_status
from genlab.runs.store import Run, create_run, list_runs, open_run
from genlab.training.config import RunConfig


def shown(app) -> str:
    elements = [*app.title, *app.subheader, *app.markdown, *app.caption, *app.info, *app.warning]
    return "\n".join(element.value for element in elements).replace("\\", "")


@pytest.mark.parametrize(("lang", "text"), [("en", "Nothing has been trained here yet"), ("zh", "还没有训练过模型")])
def test_without_runs_it_says_what_to_do(open_page, home: Path, lang: str, text: str) -> None:
    app = open_page(lang=lang)
    assert not app.exception
    assert not app.error
    assert text in shown(app)


@pytest.mark.parametrize(("lang", "state"), [("en", "finished"), ("zh", "已完成")])
def test_runs_are_cards_with_pictures(open_page, runs: Path, lang: str, state: str) -> None:
    app = open_page(lang=lang)
    assert not app.exception
    assert not app.error
    text = shown(app)
    assert "1 · VAE · Digits 8x8" in text
    assert text.count(state) == 2
    pictures = [element for element in app.get("html") if '<img class="gl-picture"' in element.proto.body]
    assert len(pictures) == 3  # the newest ones, and a card each


def test_a_damaged_folder_is_told_and_hides_nothing(open_page, runs: Path) -> None:
    (runs / "00001-digits-vae" / "status.json").write_text('{"state": "fin')
    (runs / "00007-empty").mkdir()
    app = open_page()
    assert not app.exception
    assert not app.error
    text = shown(app)
    assert "00001-digits-vae" in text
    assert "00007-empty" in text
    assert "2 · GAN" in text


def test_a_damaged_folder_can_be_deleted_and_nothing_else_goes(open_page, runs: Path) -> None:
    (runs / "00001-digits-vae" / "config.json").write_text("{")
    app = open_page()
    app.button(key="remove-now-00001-digits-vae").click().run()
    assert not app.exception
    assert not app.error
    assert not (runs / "00001-digits-vae").exists()
    assert "00001-digits-vae" not in shown(app)
    assert [run.number for run in list_runs()] == [2]


def test_a_damaged_folder_that_cannot_be_deleted_is_told(open_page, runs: Path, monkeypatch) -> None:
    (runs / "00001-digits-vae" / "config.json").write_text("{")
    app = open_page()

    def refuse(run: Run) -> None:
        raise run.unwritable(OSError(30, "Read-only file system"))

    monkeypatch.setattr(control, "delete", refuse)
    app.button(key="remove-now-00001-digits-vae").click().run()
    assert "Read-only file system" in app.error[0].value
    assert (runs / "00001-digits-vae").exists()


def test_names_of_runs_are_shown_letter_by_letter(open_page, runs: Path) -> None:
    control.rename(open_run("00001-digits-vae"), "<b>a</b> *b* [c](d) $e$ :red[f]")
    app = open_page()
    assert "<b>a</b> *b* [c](d) $e$ :red[f]" in shown(app)
    marked = next(element.value for element in app.markdown if "<b>" in element.value.replace("\\", ""))
    assert "\\*b\\*" in marked
    assert "\\<b\\>" in marked


def test_many_runs_are_paged(open_page, runs: Path) -> None:
    for _ in range(12):
        run = create_run(RunConfig(data="digits", model="vae", steps=1))
        write_status(run.path, replace(run.status(), state="stopped"))
    assert len(list_runs()) == 14
    assert "2 · GAN" not in shown(open_page())
    assert "2 · GAN" in shown(open_page("overview", page="2"))
