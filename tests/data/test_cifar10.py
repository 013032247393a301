import io
import tarfile

import numpy as np
import pytest

from genlab.data import DataError, cifar10
from genlab.data.cifar10 import RECORD, parse_batches

NAMES = ("f/one.bin", "f/two.bin")


def tar_of(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            if content is None:
                member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
                tar.addfile(member)
            else:
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    return out.getvalue()


def test_records_come_in_the_order_of_the_batches():
    table = np.arange(4 * RECORD, dtype=np.uint64).astype(np.uint8).reshape(4, RECORD)
    archive = tar_of({"f/two.bin": table[2:].tobytes(), "f/readme": b"hello", "f/one.bin": table[:2].tobytes()})
    assert np.array_equal(parse_batches(archive, NAMES, 2), table)


@pytest.mark.parametrize(
    "archive",
    [
        b"",
        b"not a tar" * 100,
        tar_of({"f/one.bin": bytes(2 * RECORD)}),
        tar_of({"f/one.bin": bytes(2 * RECORD), "f/two.bin": bytes(2 * RECORD - 1)}),
        tar_of({"f/one.bin": bytes(2 * RECORD), "f/two.bin": None}),
        tar_of({"f/one.bin": bytes(2 * RECORD), "f/two.bin": bytes(2 * RECORD)})[: 3 * RECORD],
    ],
    ids=["empty", "no tar", "missing", "short", "link", "cut"],
)
def test_other_archives_end_in_a_sentence(archive):
    with pytest.raises(DataError, match="CIFAR-10's archive"):
        parse_batches(archive, NAMES, 2)


def archive_of(labels):
    """An archive of the real form: a picture's red is its label, its green twice and its blue thrice that."""
    table = np.empty((60_000, RECORD), dtype=np.uint8)
    table[:, 0] = labels
    for channel in range(3):
        table[:, 1 + channel * 1024 : 1 + (channel + 1) * 1024] = (labels * (channel + 1))[:, None]
    names = (*cifar10.BATCHES["train"], *cifar10.BATCHES["test"])
    return tar_of({name: table[i * 10_000 : (i + 1) * 10_000].tobytes() for i, name in enumerate(names)})


def test_loading_gives_pictures_and_labels(monkeypatch):
    archive = archive_of(np.arange(60_000) % 10)
    monkeypatch.setattr(cifar10, "read", lambda *_: [archive])
    for split, count in (("train", cifar10.SOURCE.n_train), ("test", cifar10.SOURCE.n_test)):
        pictures = cifar10.load(split)
        assert len(pictures) == count
        assert pictures.shape == cifar10.SOURCE.shape
        assert pictures.labels is not None
        assert pictures.labels[:12].tolist() == [*range(10), 0, 1]
        assert pictures.images[7, :, 31, 31].tolist() == [7, 14, 21]


def test_a_label_without_a_name_ends_in_a_sentence(monkeypatch):
    archive = archive_of(np.full(60_000, 10))
    monkeypatch.setattr(cifar10, "read", lambda *_: [archive])
    with pytest.raises(DataError, match="label"):
        cifar10.load("test")
