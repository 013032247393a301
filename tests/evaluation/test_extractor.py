"""Which extractor scores which data set, and that it always sees the same."""

import hashlib
import importlib
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import torch
from torch import Tensor

from genlab.data import find, load
from genlab.data.own.store import save as save_own
from genlab.data.pictures import Pictures
from genlab.errors import GenlabError
from genlab.evaluation import extractor as module
from genlab.evaluation import inception
from genlab.evaluation.classifier import About, Classifier, save_classifier
from genlab.evaluation.extractor import RANDOM, SHIPPED, WEIGHTS, classifier_file, extractor_for, random_extractor
from genlab.evaluation.inception import InceptionError, inception_extractor
from genlab.paths import cache_dir
from tests.helpers import pictures


def own(name: str, data: Pictures) -> str:
    save_own(name, data, name, "a test", 0)
    return f"own:{name}"


@pytest.mark.parametrize("data", ["mnist", "mnist-5k", "digits"])
def test_what_is_shipped_is_used_and_is_what_the_code_says(data: str) -> None:
    served = "mnist" if data == "mnist-5k" else data
    found = extractor_for(data)
    assert found.name == f"{served} classifier"
    assert found.hash == SHIPPED[served] == hashlib.sha256((WEIGHTS / f"{served}.safetensors").read_bytes()).hexdigest()
    assert found.classes == tuple("0123456789")
    assert found(torch.zeros(2, *find(data).shape, dtype=torch.uint8)).features.shape == (2, 64)


@pytest.mark.parametrize(("data", "least"), [("mnist-5k", 0.99), ("digits", 0.98)])
def test_the_shipped_classifiers_name_what_they_see(data: str, least: float) -> None:
    held_out = load(data, "test")
    logits = extractor_for(data)(held_out.images).logits
    assert logits is not None
    assert held_out.labels is not None
    assert float((logits.argmax(1) == held_out.labels).float().mean()) >= least


def test_the_readme_states_hash_and_accuracy_of_each() -> None:
    from genlab.evaluation.classifier import load_classifier

    text = (WEIGHTS / "README.md").read_text("utf-8")
    for name, digest in SHIPPED.items():
        about = load_classifier(WEIGHTS / f"{name}.safetensors")[1]
        assert f"{about.accuracy:.2%}" in text
        assert digest in text
        assert f"classifier --data {name}" in text
    assert load_classifier(WEIGHTS / "mnist.safetensors")[1].accuracy >= 0.99


def test_features_do_not_depend_on_what_comes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    images = load("digits", "test").images[:50]
    found = extractor_for("digits")
    whole = found(images)
    monkeypatch.setattr(module, "CHUNK", 7)
    parts = found(images)
    assert whole.logits is not None
    assert parts.logits is not None
    assert torch.allclose(parts.features, whole.features, atol=1e-4)
    assert torch.allclose(parts.logits, whole.logits, atol=1e-4)
    assert torch.equal(found(images).features, parts.features)


def test_other_sets_have_random_features_until_a_classifier_is_trained() -> None:
    data = own("squares", pictures(n=40))
    before = extractor_for(data)
    assert (before.name, before.classes) == (RANDOM, ())
    assert before(pictures().images).logits is None
    assert before.hash == random_extractor((1, 8, 8)).hash != random_extractor((3, 8, 8)).hash
    about = About(data, (1, 8, 8), ("a", "b", "c"), 0.9, 1, 0)
    digest = save_classifier(Classifier((1, 8, 8), 3), about, classifier_file(data))
    after = extractor_for(data)
    assert (after.name, after.hash, after.classes) == (f"{data} classifier", digest, ("a", "b", "c"))


def test_a_classifier_of_ones_own_pictures_is_not_used_for_others_of_the_same_name(own_home: Path) -> None:
    import shutil

    data = own("squares", pictures(n=40))
    first = classifier_file(data)
    shutil.rmtree(own_home / "datasets" / "squares")
    own("squares", pictures(n=41))
    assert classifier_file(data) != first
    assert classifier_file("kmnist").name == "kmnist.safetensors"


def test_an_unknown_set_is_told() -> None:
    with pytest.raises(GenlabError, match="no data set 'nothing'"):
        extractor_for("nothing")


# --- Inception ---


def torch_fidelity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for the package: colour averages for features, and the file's tensors must load."""

    def network(name: str, wanted: list[str], path: str) -> object:
        assert wanted == ["2048", "logits_unbiased"]
        weight = torch.load(path, weights_only=True)["weight"]

        def forward(x: Tensor) -> tuple[Tensor, Tensor]:
            assert x.dtype == torch.uint8
            assert x.shape[1] == 3
            return weight * x.float().mean((2, 3)), x.float().amax((2, 3))

        return forward

    found = SimpleNamespace(FeatureExtractorInceptionV3=network)
    monkeypatch.setattr(inception, "_torch_fidelity", lambda: found)


def put(content: object) -> Path:
    path = cache_dir() / "inception" / inception.FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)
    return path


def test_without_torch_fidelity_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> ModuleType:
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(InceptionError, match=r"need torch-fidelity, which cannot be imported here .* Install it"):
        inception_extractor()


def test_without_its_weights_a_sentence_says_where_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    torch_fidelity(monkeypatch)
    with pytest.raises(InceptionError, match=r"weights that are not here\. Download https://.* to .*inception"):
        inception_extractor()


def test_other_weights_and_what_is_more_than_tensors_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    torch_fidelity(monkeypatch)
    put({"weight": torch.ones(1)})
    with pytest.raises(InceptionError, match="is not the published one"):
        inception_extractor()
    monkeypatch.setattr(inception, "SHA256_BEGINS", "")
    put({"weight": Path})
    with pytest.raises(InceptionError, match="holds more than tensors"):
        inception_extractor()
    put(b"nothing of the kind")
    with pytest.raises(InceptionError, match="holds more than tensors"):
        inception_extractor()


def test_inception_sees_grey_and_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    torch_fidelity(monkeypatch)
    monkeypatch.setattr(inception, "SHA256_BEGINS", "")
    path = put({"weight": torch.tensor(2.0)})
    found = inception_extractor()
    assert (found.name, found.hash, found.classes) == (
        "inception", hashlib.sha256(path.read_bytes()).hexdigest(), ()
    )  # fmt: skip
    grey = torch.full((40, 1, 8, 8), 10, dtype=torch.uint8)
    assert torch.equal(found(grey).features, torch.full((40, 3), 20.0))
    assert torch.equal(found(grey.expand(-1, 3, -1, -1)).features, torch.full((40, 3), 20.0))
