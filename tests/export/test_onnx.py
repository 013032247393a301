"""Models as ONNX: every kind of the registry, checked here again, and drawn from without genlab."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.testing import assert_array_equal
from PIL import Image

from genlab.export import onnx, standalone
from genlab.export.onnx import TOLERANCE, exported
from genlab.export.picture import ExportError
from genlab.models import MODELS, GenerativeModel
from genlab.models.storage import StoredModel
from tests.helpers import BY_NAME, CASES, advance, seeded, trainer

ABOUT = {"run": "00001-digits-vae", "step": 3}
REFUSED = {"dbn": "Gibbs sampling"}
# Each kind, and each prior and network that a sampler or an encoder may have; what the critic alone sees is left out.
TABLE = [
    "gan", "gan concatenation", "dcgan", "infogan", "progressive", "hybrid", "hybrid classes", "vaegan", "vae mlp",
    "vae gaussian", "vae conditional mixture", "vae conditional per-class", "dbn", "hmm", "vqvae",
    "transformer",
]  # fmt: skip


def model_of(name: str) -> GenerativeModel:
    """A model that has learned a little; its moving averages and fitted priors are no longer what they began with."""
    return advance(trainer(BY_NAME[name]), 4).sampler(32).eval().requires_grad_(False)


def stored(name: str) -> StoredModel:
    return StoredModel(model_of(name), ("a", "b", "c"))


def unzipped(data: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)
    return folder


def session(folder: Path, name: str) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(folder / f"{name}.onnx")


def test_the_table_has_every_model() -> None:
    assert {BY_NAME[name].model for name in TABLE} == set(MODELS)
    assert {case.model for case in CASES} == set(MODELS)


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLE)
def test_what_is_exported_draws_and_encodes_as_the_model_does(name: str, tmp_path: Path) -> None:
    asked = stored(name)
    model = asked.model
    if model.key in REFUSED:
        with pytest.raises(ExportError, match=f"{model.key} cannot be written as ONNX: .*{REFUSED[model.key]}"):
            exported(asked, ABOUT)
        return
    made = exported(asked, ABOUT)
    folder = unzipped(made.data, tmp_path)
    about = json.loads((folder / "model.json").read_text())
    assert (about["run"], about["model"], about["shape"]) == (ABOUT["run"], model.key, [1, 8, 8])
    assert max(about["checked"]["largest_difference"].values()) <= TOLERANCE
    assert {path.name for path in folder.iterdir()} == {"prior.onnx", "sampler.onnx", "model.json", "draw.py"} | (
        {"encoder.onnx"} if model.has_encoder else set()
    )

    uniform, normal = model.prior.numbers(5, seeded(9))  # numbers and a count that the export did not see
    given = {"uniform": uniform.numpy(), "normal": normal.numpy(), "truncation": np.asarray(0.7, np.float32)}
    label = torch.tensor([2, 0, 1, 1, 2]) if model.prior.n_classes else None
    if label is not None:
        given["label"] = label.numpy()
    wanted = {entry.name for entry in session(folder, "prior").get_inputs()}
    assert wanted <= set(given)
    (z,) = session(folder, "prior").run(["latents"], {key: given[key] for key in wanted})
    latents = model.prior.latents(uniform, normal, 0.7, label)
    np.testing.assert_allclose(z, latents, atol=1e-5)

    (pictures,) = session(folder, "sampler").run(["pictures"], {"latents": z})
    drawn = model.sample(latents)
    assert pictures.dtype == np.float32
    np.testing.assert_allclose(pictures, drawn, atol=TOLERANCE)
    assert drawn.std() > 5 * TOLERANCE  # else anything would do
    if model.has_encoder:
        (found,) = session(folder, "encoder").run(None, {"pictures": pictures})
        if about["encoder_gives"] == "codes":
            assert_array_equal(found, model.codes(drawn))  # type: ignore[operator]
        else:
            np.testing.assert_allclose(found, model.encode(drawn), rtol=1e-3, atol=1e-3)
    assert metadata(folder, "sampler")["model"] == model.key


def metadata(folder: Path, name: str) -> dict[str, object]:
    return dict(json.loads(session(folder, name).get_modelmeta().custom_metadata_map["genlab"]))


def test_a_label_of_minus_one_stands_for_any_class() -> None:
    prior = model_of("vae conditional per-class").prior
    uniform, normal = prior.numbers(6, seeded(1))
    label = torch.tensor([-1, 2, -1, 0, 1, -1])
    made = onnx._Latents(prior)(uniform, normal, torch.tensor(1.0), label)
    free, asked = prior.latents(uniform, normal), prior.latents(uniform, normal, 1.0, label.clamp(min=0))
    for row, number in enumerate(label.tolist()):
        assert torch.equal(made[row], free[row] if number < 0 else asked[row])
        assert number < 0 or made[row, -3:].argmax() == number


def test_a_graph_that_differs_is_not_given_away(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = stored("gan")
    monkeypatch.setattr(asked.model, "traceable_sample", lambda: lambda z: asked.model.sample(z) + 2 * TOLERANCE)
    with pytest.raises(ExportError, match=r"sampler written as ONNX differs from the model by 0\.00\d+, and 0\.001"):
        exported(asked, ABOUT)


@pytest.mark.slow
def test_the_script_draws_without_genlab(tmp_path: Path) -> None:
    folder = unzipped(exported(stored("vae per-class"), ABOUT).data, tmp_path)
    assert (folder / "draw.py").read_text() == Path(standalone.__file__).read_text()

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        # Isolated: neither the environment nor the working directory lead to genlab; nor may torch be wanted.
        code = "import runpy, sys; sys.modules.update(genlab=None, torch=None); sys.argv[0] = 'draw.py'; "
        code += f"runpy.run_path({str(folder / 'draw.py')!r}, run_name='__main__')"
        command = [sys.executable, "-I", "-W", "error", "-c", code, *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False)

    first = run("--n", "10", "--seed", "4", "--label", "2", "--out", "one.png")
    assert first.returncode == 0, first.stderr
    assert run("--n", "10", "--seed", "4", "--label", "2", "--out", "again.png").returncode == 0
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "again.png").read_bytes()
    with Image.open(tmp_path / "one.png") as picture:
        assert (picture.size, picture.mode) == ((4 * 8, 3 * 8), "L")
        assert np.asarray(picture).std() > 0
        assert_array_equal(np.asarray(picture)[16:, 16:], 0)  # two places are empty
    refused = run("--label", "3")
    assert refused.returncode == 1
    assert "no class 3. The classes are: 0: a, 1: b, 2: c." in refused.stderr
    assert "--n is 1 to" in run("--n", "0").stderr
    assert "Traceback" not in refused.stderr


def test_the_scripts_png_is_read_as_what_was_drawn(tmp_path: Path) -> None:
    pictures = np.linspace(-1, 1, 3 * 3 * 2 * 2, dtype=np.float32).reshape(3, 3, 2, 2)
    made = standalone.sheet(pictures)
    with Image.open(io.BytesIO(standalone.png(made))) as picture:
        assert picture.mode == "RGB"
        assert_array_equal(np.asarray(picture), made)
    assert_array_equal(made[:2, :2].transpose(2, 0, 1), np.rint(127.5 * (pictures[0] + 1)))
    assert_array_equal(made[2:, 2:], 0)


def test_latents_are_what_their_random_numbers_make_them() -> None:
    for name in ("gan", "gan concatenation", "infogan", "vae mlp", "vae conditional per-class", "hybrid classes"):
        prior = model_of(name).prior
        uniform, normal = prior.numbers(40, seeded(3))
        assert ((uniform >= 0) & (uniform < 1)).all()
        assert torch.equal(prior.latents(uniform, normal, 0.5), prior.draw(40, seeded(3), 0.5))
