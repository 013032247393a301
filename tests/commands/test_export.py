"""Taking a run or its model away, and a run in, from a terminal."""

import zipfile
from pathlib import Path

import pytest

from genlab.cli import main
from genlab.runs.store import list_runs
from tests.commands.calling import Capture, failing
from tests.helpers import config, train_run

VAE = config("vae", options={"latent": 4, "width": 2, "prior": "per-class"}, steps=3)


def test_a_run_is_exported_and_taken_in_again(tmp_path: Path, capsys: Capture) -> None:
    run, _ = train_run(VAE)
    out = tmp_path / "run.zip"
    assert main(["export", "1", "--out", str(out)]) == 0
    assert main(["import", str(out)]) == 0
    assert "00002-digits-vae, finished" in capsys.readouterr().out
    assert [found.id for found in list_runs()] == ["00002-digits-vae", run.id]
    assert "cannot be read" in failing(["import", str(tmp_path / "none.zip")], capsys)
    assert "not a whole zip" in failing(["import", __file__], capsys)
    assert "cannot be written" in failing(["export", "1", "--out", str(tmp_path)], capsys)


@pytest.mark.slow
def test_a_model_is_exported_as_onnx(tmp_path: Path, capsys: Capture) -> None:
    run, _ = train_run(VAE)
    out = tmp_path / "model.zip"
    assert main(["export", run.id, "--onnx", "--out", str(out)]) == 0
    assert "largest difference" in capsys.readouterr().out
    with zipfile.ZipFile(out) as archive:
        assert set(archive.namelist()) == {"prior.onnx", "sampler.onnx", "encoder.onnx", "model.json", "draw.py"}
    older, _ = train_run(config("dbn", options={"layers": "8", "sampling_steps": 2}, steps=2))
    assert "Gibbs sampling" in failing(["export", older.id, "--onnx"], capsys)
