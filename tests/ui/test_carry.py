"""Taking runs away and in, and models away, on the pages."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from genlab.export import apart
from genlab.export.picture import ExportError
from genlab.runs.pack import packed
from genlab.runs.store import list_runs, open_run
from tests.ui.conftest import Open, train

VAE = "00001-digits-vae"


def button(app, key: str):  # type: ignore[no-untyped-def]
    return next(found for found in app.button if found.key == key)


def test_a_run_is_taken_in_on_the_overview(open_page: Open, runs: Path) -> None:
    data = packed(open_run(VAE))
    app = open_page()
    assert button(app, "carry_now").disabled
    app.file_uploader[0].upload("run.zip", data, "application/zip").run()
    button(app, "carry_now").click().run()
    assert not app.exception
    assert not app.error
    assert list_runs()[0].id == "00003-digits-vae"
    assert list_runs()[0].status().state == "finished"


def test_what_is_no_run_is_told_on_the_overview(open_page: Open, runs: Path) -> None:
    app = open_page(lang="zh")
    app.file_uploader[0].upload("run.zip", b"PK", "application/zip").run()
    button(app, "carry_now").click().run()
    assert not app.exception
    assert "完整的 zip" in app.error[0].value
    assert len(list_runs()) == 2


def test_a_run_can_be_taken_away_on_its_page(open_page: Open, runs: Path) -> None:
    app = open_page("train", run=VAE)
    assert not app.exception
    assert any(found.key == "carry_run" for found in app.get("download_button"))


def test_a_model_is_written_as_onnx_and_then_fetched(
    open_page: Open, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def made(run: object, step: int) -> bytes:
        asked.append(step)
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("model.json", json.dumps({"checked": {"largest_difference": {"sampler": 2e-7}}}))
        return file.getvalue()

    monkeypatch.setattr(apart, "exported_apart", made)
    app = open_page("samples", run=VAE)
    assert not any(found.key == "carry_onnx_fetch" for found in app.get("download_button"))
    app = button(app, "carry_onnx").click().run()
    assert not app.exception
    assert asked == [3]
    assert any(found.key == "carry_onnx_fetch" for found in app.get("download_button"))
    assert any("2e-07" in caption.value for caption in app.caption)


def test_why_a_model_is_not_written_is_told(open_page: Open, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(run: object, step: int) -> bytes:
        raise ExportError("The export took longer than ten minutes and was ended. Try again later.")

    monkeypatch.setattr(apart, "exported_apart", refused)
    app = open_page("samples", run=VAE)
    app = button(app, "carry_onnx").click().run()
    assert "ten minutes" in app.error[0].value
    run = train("dbn", 2)
    app = open_page("samples", run=run.id)
    assert button(app, "carry_onnx_not").disabled
    assert any("Gibbs sampling" in caption.value for caption in app.caption)


@pytest.mark.slow
def test_a_process_of_its_own_makes_it_or_says_why_not(runs: Path) -> None:
    data = apart.exported_apart(open_run(VAE), 3)
    assert apart.largest_difference(data) < 1e-4
    run = train("dbn", 2)
    with pytest.raises(ExportError, match="dbn cannot be written as ONNX"):
        apart.exported_apart(run, 2)
